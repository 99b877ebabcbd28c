// Runs one trial: node run.mjs TRIAL ADDRESS FOLDER PICTURES. Ends with 0 where all is as it should be.

import { run } from './stage.mjs';

const [name, address, folder, pictures] = process.argv.slice(2);
try {
  const trials = (await Promise.all(['reading', 'drafting', 'hostile', 'access', 'large'].map((file) => import(`./${file}.mjs`))));
  const trial = trials.map((own) => own[name]).find(Boolean);
  if (!trial) throw new Error(`there is no trial ${name}`);
  await run(trial, address, folder, pictures);
  process.exit(0);
} catch (fault) {
  console.error(fault.stack || fault);
  process.exit(1);
}
