// Trials with names and texts that would be scripts if they were not texts. `../live/injections.txt` has them; the
// scenario has them as names of parties and measures, in rules, titles and variants.

import { readFile } from 'node:fs/promises';
import { must, same, sleep, until } from './stage.mjs';

const texts = (await readFile(new URL('../live/injections.txt', import.meta.url), 'utf8')).split('\n').filter(Boolean);

// What of the page is not of the page.
const strangers = (page) => page.evaluate(() => {
  const found = [];
  const own = ['http://www.w3.org/1999/xhtml'];
  for (const node of document.querySelectorAll('*')) {
    const name = node.localName;
    if (!own.includes(node.namespaceURI) || ['img', 'iframe', 'object', 'embed', 'video', 'base', 'math', 'svg', 'style', 'frame'].includes(name)) found.push(name);
    for (const { name: attribute, value } of node.attributes) {
      if (attribute.startsWith('on') || /^\s*(javascript|data):/i.test(value) && ['href', 'src', 'action', 'formaction', 'xlink:href'].includes(attribute)) found.push(`${name} ${attribute}=${value}`);
    }
  }
  if (document.scripts.length !== 1) found.push(`${document.scripts.length} scripts`);
  if (document.querySelectorAll('link[rel=stylesheet]').length !== 1) found.push('style sheets');
  if (document.querySelectorAll('meta[http-equiv]').length !== 0) found.push('a meta');
  if (window.pwned !== undefined) found.push('pwned');
  return found;
});

async function inert(stage, page, where) {
  same(await strangers(page), [], where);
  must(page.url().startsWith(stage.address), () => `the page has gone to ${page.url()}`);
}

// All of them are inert, and stand on the page as they were written.
export async function names_are_texts(stage) {
  must(texts.length >= 40, 'there are not forty');
  const page = await stage.page({ query: '?year=all' });
  await inert(stage, page, 'as it is loaded');
  const heads = await page.locator('#grid th').evaluateAll((all) => all.map((th) => th.firstChild ? th.firstChild.textContent : ''));
  for (const text of texts) same(heads.filter((own) => own === text).length, 2, `in the table: ${text}`);
  const catalogue = await page.locator('#catalogue').textContent();
  const bars = await page.locator('#bars').textContent();
  for (const text of texts) {
    must(catalogue.includes(text), () => `not in the catalogue: ${text}`);
    must(bars.includes(text), () => `not beside the bars: ${text}`);
  }
  must((await page.title()).startsWith(texts[4]), 'the title of the window');
  must((await page.locator('h1').textContent()).startsWith(texts[4]), 'the title');
  const variants = await page.locator('#show option').allTextContents();
  for (const text of texts.slice(0, 3)) must(variants.includes(text), () => `not among the variants: ${text}`);
  // Everything that can be pressed is.
  for (const lang of ['nn', 'en']) {
    await page.locator('#lang').selectOption(lang);
    await until(lang, async () => (await page.locator('html').getAttribute('lang')) === lang);
  }
  for (let at = 0; at < texts.length; at += 1) {
    const explained = page.waitForResponse((response) => response.url().includes('/api/explain'));
    await page.locator(`#grid tbody td[data-ask]`).nth(at * (texts.length + 2) % (await page.locator('#grid tbody td[data-ask]').count())).click();
    same((await explained).status(), 200, 'a certificate');
  }
  await inert(stage, page, 'with a certificate');
  await page.locator('#against').selectOption({ label: texts[0] });
  await until('compared', async () => page.locator('#alterations').isVisible());
  await page.locator('#show').selectOption({ label: texts[1] });
  await until('shown', async () => (await page.locator('h1').textContent()).includes(texts[1]));
  await inert(stage, page, 'with variants');
  for (const text of texts) {
    await page.locator('#find').fill(text);
    await sleep(20);
  }
  await sleep(300);
  await inert(stage, page, 'after all were looked for');
  await stage.strike(page);
}

// In errors too, with their excerpts and remedies.
export async function errors_are_texts(stage) {
  const page = await stage.page();
  const rules = await stage.read('rules.rhai');
  const problems = () => page.locator('#problems').textContent();
  let literally = 0;
  for (const text of texts) {
    const before = await problems();
    const written = JSON.stringify(text).replace(/`/g, '\\x60').replace(/\$/g, '\\x24');
    await stage.write('rules.rhai', `${rules}\n/* ${text.replace(/\*\//g, '')} */ fn broken() { by(${written}) + }\n`);
    await until(`the fault with ${text}`, async () => (await problems()) !== before && page.locator('#problems').isVisible());
    await inert(stage, page, `an error with ${text}`);
    // Of a long line only the end is shown.
    if ((await problems()).includes(text)) literally += 1;
  }
  must(literally > 25, () => `only ${literally} stand there as they were written`);
  await stage.write('rules.rhai', rules);
  await until('mended', async () => (await page.locator('#live').getAttribute('data-state')) === 'live');
  const table = await stage.read('inhabitants.csv');
  for (const text of texts.slice(0, 12)) {
    await stage.write('inhabitants.csv', `${table}"<b>${text.replace(/"/g, '""')}",7\n`);
    await until(`the fault of the party ${text}`, async () => (await page.locator('#problems').textContent()).includes(`<b>${text.slice(0, 8)}`));
  }
  await inert(stage, page, 'with errors');
  await stage.strike(page);
}

// In the address of the page.
export async function addresses_are_texts(stage) {
  stage.expected.push('422', '404');
  const page = await stage.page();
  for (const text of texts) {
    const query = new URLSearchParams({ cell: `${text}|${text}`, find: text, year: '2024' });
    await page.goto(`${stage.address}?${query}#${encodeURIComponent(text)}`);
    await stage.settled(page);
    await inert(stage, page, `?find=${text}`);
  }
  for (const name of ['year', 'lang', 'unit', 'cells', 'show', 'against', 'theme', 'page', 'set']) {
    await page.goto(`${stage.address}?${new URLSearchParams({ [name]: texts[0] })}`);
    await sleep(150);
    await inert(stage, page, `?${name}=`);
  }
  await stage.strike(page);
}

// What is saved as a file has a plain name, and no text that a spreadsheet would run.
export async function saved_files_are_harmless(stage) {
  const page = await stage.page({ query: '?lang=en' });
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#matrix > header button').filter({ hasText: 'CSV' }).click()]);
  const name = download.suggestedFilename();
  must(/^[\p{L}\p{N}-]+\.csv$/u.test(name), () => `a file name: ${name}`);
  const text = await readFile(await download.path(), 'utf8');
  const fields = text.split(/\r\n/).flatMap((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) || []).map((own) => own.replace(/,$/, '').replace(/^"|"$/g, ''));
  const wild = fields.filter((own) => /^[=+@\t\r-]/.test(own) && !/^-?\d+(\.\d+)?$/.test(own));
  same(wild, [], 'fields that a spreadsheet would run');
  must(text.includes("'=HYPERLINK"), 'the guarded one');
  await stage.strike(page);
}
