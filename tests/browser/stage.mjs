// The stage of a trial: a browser with a fresh profile that can reach this machine alone, and what every trial must not
// do: ask elsewhere, open a dialog, break the page's own policy, or leave a fault in the console.

import { chromium } from 'playwright-core';
import { readFile, writeFile, rename, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const PATIENCE = 40_000;
const TRIAL_WITHIN = 400_000;

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--force-color-profile=srgb',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export function must(is, what) {
  if (!is) throw new Error(typeof what === 'function' ? what() : what);
}
export function same(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  must(a === b, `${what}: ${a} and not ${b}`);
}
export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
// A number as it stands on the page has spaces that do not break.
export const plain = (text) => String(text).replace(/\u00a0/g, ' ').replace(/\s+/g, ' ').trim();

// Asks again and again until it is so.
export async function until(what, is, within = PATIENCE) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try { last = await is(); if (last) return last; } catch (fault) { last = fault; }
    must(Date.now() < end, () => `never ${what}: ${last}`);
    await sleep(10);
  }
}

// What the test that started this does: stops the server, starts it again.
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
export async function please(what) {
  console.log(`please ${what}`);
  const { value } = await lines.next();
  same(value, 'done', what);
}

export class Stage {
  constructor(browser, address, folder, pictures) {
    Object.assign(this, { browser, address, folder, pictures });
    this.faults = [];
    this.expected = []; // what the console may say
  }

  static async set(address, folder, pictures) {
    const browser = await chromium.launch({ executablePath: process.env.FORDEL_CHROMIUM || '/usr/bin/chromium', args: FLAGS });
    return new Stage(browser, address, folder, pictures);
  }

  async page(options = {}) {
    const { query = '', ...more } = options;
    const context = await this.browser.newContext({ locale: 'nb-NO', viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...more });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const own = new URL(this.address);
    page.on('dialog', (dialog) => { this.faults.push(`a dialog: ${dialog.message()}`); dialog.dismiss().catch(() => {}); });
    page.on('popup', () => this.faults.push('a window was opened'));
    page.on('pageerror', (fault) => this.faults.push(`the script failed: ${fault.stack || fault}`));
    page.on('console', (said) => {
      const text = said.text();
      const isExpected = this.expected.some((own) => text.includes(own));
      if (['error', 'warning'].includes(said.type()) && !isExpected) this.faults.push(`the console says: ${text}`);
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'blob:' && url.origin !== own.origin) this.faults.push(`asks elsewhere: ${request.url()}`);
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
    });
    await page.goto(this.address + query);
    await this.settled(page);
    return page;
  }

  // The page has painted what the server has.
  async settled(page) {
    await page.waitForFunction(() => !document.getElementById('page').hidden && document.body.dataset.status, null, { polling: 20 });
  }

  async strike(page) {
    const violations = await page.evaluate(() => window.violations).catch(() => []);
    for (const own of violations) this.faults.push(`against the policy: ${own}`);
    const pwned = await page.evaluate(() => window.pwned !== undefined).catch(() => false);
    if (pwned) this.faults.push('a text was run as a script');
    must(this.faults.length === 0, () => this.faults.join('\n'));
    await page.context().close();
  }

  path(name) { return join(this.folder, name); }
  read(name) { return readFile(this.path(name), 'utf8'); }
  write(name, text) { return writeFile(this.path(name), text); }
  // As editors do that put a new file in the place of the old one.
  async save(name, text) {
    await writeFile(this.path(`.${name}.new`), text);
    await rename(this.path(`.${name}.new`), this.path(name));
  }
  async state(query = '') {
    const answer = await fetch(`${this.address}api/state?${query}`);
    return answer.json();
  }
  async picture(page, name, more = {}) {
    await mkdir(this.pictures, { recursive: true });
    await page.screenshot({ path: join(this.pictures, `${name}.png`), ...more });
  }
}

// The cell of a measure and a party, whichever way the table is turned.
export async function cell(page, measure, party) {
  const at = await page.evaluate(([measure, party]) => {
    const grid = document.getElementById('grid');
    const name = (th) => (th.firstChild ? th.firstChild.textContent : '').trim();
    const columns = [...grid.tHead.rows[0].cells].map(name);
    const rows = [...grid.tBodies[0].rows].map((row) => name(row.cells[0]));
    for (const [row, column] of [[measure, party], [party, measure]]) {
      const own = [rows.indexOf(row), columns.indexOf(column)];
      if (own[0] >= 0 && own[1] >= 1) return own;
    }
    return { rows, columns };
  }, [measure, party]);
  must(Array.isArray(at), () => `no ${measure} and ${party} in ${JSON.stringify(at)}`);
  return page.locator(`#grid > tbody > tr:nth-child(${at[0] + 1}) > :nth-child(${at[1] + 1})`);
}
export const cellText = async (page, measure, party) => plain(await (await cell(page, measure, party)).textContent());

export async function run(trial, address, folder, pictures) {
  const watch = setTimeout(() => { console.error('the trial took too long'); process.exit(1); }, TRIAL_WITHIN);
  const stage = await Stage.set(address, folder, pictures);
  try {
    await trial(stage);
    must(stage.faults.length === 0, () => stage.faults.join('\n'));
  } finally {
    clearTimeout(watch);
    await stage.browser.close().catch(() => {});
  }
}
