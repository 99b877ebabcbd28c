// Trials with a large scenario: 357 parties, 200 measures, 5 years.

import { must, until } from './stage.mjs';

const CELLS_MAX = 8_000;

// The page pages and filters, and its document stays small.
export async function a_large_scenario_is_paged(stage) {
  const begun = Date.now();
  const page = await stage.page();
  const loaded = Date.now() - begun;
  const size = () => page.evaluate(() => [document.querySelectorAll('#grid td').length, document.querySelectorAll('*').length]);
  let [cells, nodes] = await size();
  console.log(`loaded in ${loaded} ms, ${cells} cells, ${nodes} elements`);
  must(cells > 500 && cells < CELLS_MAX, () => `${cells} cells`);
  must(nodes < 3 * CELLS_MAX, () => `${nodes} elements`);
  const heads = () => page.evaluate(() => [...document.querySelectorAll('#grid th')].map((own) => own.textContent).join('\n'));
  for (let turn = 0; turn < 2; turn += 1) {
    const before = await heads();
    const next = page.locator('#pages button:not([disabled])').last();
    const at = Date.now();
    await next.click();
    await until('the next page', async () => (await heads()) !== before);
    console.log(`a page in ${Date.now() - at} ms`);
  }
  [cells] = await size();
  must(cells < CELLS_MAX, () => `${cells} cells`);
  await page.locator('#find').fill('Kommune 311');
  await until('one party', async () => (await heads()).includes('Kommune 311') && !(await heads()).includes('Kommune 12\n'));
  const first = page.locator('#grid td[data-ask]').first();
  const at = Date.now();
  await first.click();
  await until('a certificate', async () => (await page.locator('#why-body h3').count()) > 0);
  console.log(`a certificate in ${Date.now() - at} ms`);
  // A save shows.
  const shown = () => page.locator('#grid').textContent();
  const before = await shown();
  const rules = await stage.read('rules.rhai');
  const saved = Date.now();
  await stage.save('rules.rhai', rules.replace('10.percent * equally() + 90.percent', '60.percent * equally() + 40.percent'));
  await until('new numbers', async () => (await shown()) !== before);
  console.log(`a save shows after ${Date.now() - saved} ms`);
  must(await page.evaluate(() => document.getElementById('find').value === 'Kommune 311'), 'what was looked for is lost');
  await stage.strike(page);
}
