// Trials of reading the page: what it shows, certificates, years, languages, the address, taking tables out.

import { readFile } from 'node:fs/promises';
import { cell, cellText, must, plain, please, same, sleep, until } from './stage.mjs';

const CENTRE = 'Interkommunalt beredskapssenter';
const FIRE = 'Brann og redning';

// The page shows the numbers that the server has.
export async function shows_the_numbers(stage) {
  const page = await stage.page();
  same(await page.locator('h1').textContent(), 'Fjordregionen 2024–2027', 'the title');
  same(await page.locator('html').getAttribute('lang'), 'nb', 'the language of a Norwegian browser');
  const { figures } = await stage.state('figures=1&figure=share&year=2027');
  const titles = { beredskap: CENTRE, brann: FIRE, it: 'Felles IT' };
  const names = { fjellvik: 'Fjellvik', strand: 'Strand', oyfjord: 'Øyfjord', innbygd: 'Innbygd', sund: 'Sund', 'ytre-vaag': 'Ytre Vaag' };
  const shares = figures.filter((own) => own.party && own.subject);
  same(shares.length, 18, 'the shares of the last year');
  for (const share of shares) {
    const shown = await cell(page, titles[share.subject], names[share.party]);
    same(await shown.getAttribute('data-machine'), share.amount, `${share.subject} ${share.party}`);
    const text = await shown.textContent();
    same(text.replace(/\u00a0/g, ''), share.amount, 'the text');
    must(!text.includes(' '), 'a number that breaks over lines');
  }
  const numbers = await page.locator('#numbers .text').allTextContents();
  same(numbers.length, 4, 'the four numbers');
  must(numbers.some((text) => plain(text).includes('61 400 000')), () => `the net cost is not in ${numbers}`);
  for (const id of ['waterfall', 'bars', 'ledgers', 'proof', 'catalogue', 'files']) {
    must(await page.locator(`#${id}`).isVisible(), `${id} is not shown`);
  }
  must((await page.locator('#catalogue').textContent()).includes('20 % likt mellom kommunane'), 'the rule is not in the catalogue');
  await stage.strike(page);
}

// A click on a cell opens its certificate, which comes with the address.
export async function a_click_opens_the_certificate(stage) {
  const page = await stage.page();
  must(!(await page.locator('#why-close').isVisible()), 'there is nothing to close yet');
  const shown = await cell(page, CENTRE, 'Øyfjord');
  const amount = plain(await shown.textContent());
  await shown.click();
  await until('a certificate', async () => plain(await page.locator('#why-body').textContent()).includes(amount));
  const certificate = plain(await page.locator('#why-body').textContent());
  for (const part of ['Øyfjord', '20 %', 'inhabitants']) must(certificate.includes(part), () => `no ${part} in ${certificate}`);
  must(new URL(page.url()).searchParams.get('cell'), 'the address does not name the cell');
  await page.reload();
  await stage.settled(page);
  await until('the certificate again', async () => plain(await page.locator('#why-body').textContent()).includes(amount));
  same(await (await cell(page, CENTRE, 'Øyfjord')).getAttribute('aria-selected'), 'true', 'the cell is chosen');
  await page.locator('#why-close').click();
  await until('closed', async () => !(await page.locator('#why-close').isVisible()));
  same(new URL(page.url()).searchParams.get('cell'), null, 'the address');
  // Every cell of the table that says it can be explained is.
  const count = await page.locator('#grid td[data-ask]').count();
  must(count >= 18, () => `only ${count} cells can be explained`);
  for (let at = 0; at < count; at += 1) {
    const own = page.locator('#grid td[data-ask]').nth(at);
    const machine = await own.getAttribute('data-machine');
    const answer = page.waitForResponse((response) => response.url().includes('/api/explain'));
    await own.click();
    same((await answer).status(), 200, `the certificate of ${machine}`);
  }
  await stage.strike(page);
}

// The slider goes from all years together through each of them; the chosen cell stays chosen.
export async function the_year_slides(stage) {
  const page = await stage.page();
  await (await cell(page, FIRE, 'Strand')).click();
  const shares = { 2024: '8519876', 2025: '8682343', 2026: '8866453' };
  const slider = page.locator('#year');
  await slider.focus();
  for (const year of [2026, 2025, 2024]) {
    await page.keyboard.press('ArrowLeft');
    await until(`the numbers of ${year}`, async () => (await (await cell(page, FIRE, 'Strand')).getAttribute('data-machine')) === shares[year]);
    same(plain(await page.locator('#year-text').textContent()), String(year), 'the year beside the slider');
    same(await slider.getAttribute('aria-valuetext'), String(year), 'what is read aloud');
    same(await (await cell(page, FIRE, 'Strand')).getAttribute('aria-selected'), 'true', 'the cell is chosen');
    const amount = plain(await (await cell(page, FIRE, 'Strand')).textContent());
    await until('its certificate', async () => plain(await page.locator('#why-body').textContent()).includes(amount));
    same(new URL(page.url()).searchParams.get('year'), String(year), 'the address');
  }
  await page.keyboard.press('Home');
  const all = (await stage.state('figures=1&measure=brann&party=strand&figure=share')).figures.filter((own) => own.year).reduce((sum, own) => sum + Number(own.amount), 0);
  await until('all years together', async () => (await (await cell(page, FIRE, 'Strand')).getAttribute('data-machine')) === String(all));
  must(await page.evaluate(() => document.activeElement.id === 'year'), 'the slider has lost the focus');
  await stage.strike(page);
}

// Another language writes other words and other numbers.
export async function the_language_changes(stage) {
  const page = await stage.page();
  const shown = async () => (await (await cell(page, FIRE, 'Fjellvik')).textContent());
  const seen = {};
  for (const [code, number] of [['nb', '12\u00a0818\u00a0600'], ['nn', '12\u00a0818\u00a0600'], ['en', '12,818,600']]) {
    await page.locator('#lang').selectOption(code);
    await until(`the language ${code}`, async () => (await page.locator('html').getAttribute('lang')) === code);
    same(await shown(), number, `a number in ${code}`);
    seen[code] = await page.locator('[data-word]').allTextContents();
    must(seen[code].every((text) => text !== 'undefined'), 'a word is missing');
  }
  must(seen.nb.join() !== seen.nn.join() && seen.nn.join() !== seen.en.join(), 'the words are the same');
  const minus = await page.locator('#main').textContent();
  must(minus.includes('\u22122,500,000'), 'the grant has no minus sign in English');
  await page.reload();
  await stage.settled(page);
  same(await page.locator('html').getAttribute('lang'), 'en', 'the language after a reload');
  for (const [locale, code] of [['nn-NO', 'nn'], ['en-GB', 'en'], ['nb-NO', 'nb'], ['de-DE', 'nb']]) {
    const other = await stage.page({ locale });
    same(await other.locator('html').getAttribute('lang'), code, `the language of a browser in ${locale}`);
    await stage.strike(other);
  }
  await stage.strike(page);
}

// What is shown stands in the address, and comes again with it.
export async function the_address_holds_what_is_shown(stage) {
  const page = await stage.page();
  await page.locator('#unit').selectOption({ index: 1 });
  await page.locator('#theme').selectOption('dark');
  await page.locator('#find').fill('Str');
  await page.locator('#year').focus();
  await page.keyboard.press('ArrowLeft');
  await page.locator('#against').selectOption({ label: 'Halvparten likt' });
  await until('compared', async () => page.locator('#alterations').isVisible());
  await page.locator('#cells input[value="change"]').check({ force: true });
  await until('differences', async () => new URL(page.url()).searchParams.get('cells') === 'change');
  await sleep(400);
  const shown = () => page.evaluate(() => [
    document.documentElement.dataset.theme, document.getElementById('unit').value, document.getElementById('find').value,
    document.getElementById('year-text').textContent, document.getElementById('against').value,
    document.querySelector('#cells :checked').value, document.getElementById('grid').textContent,
  ]);
  const before = await shown();
  must(before[6].includes('Strand') && !before[6].includes('Sund'), () => `what was looked for is not all that is shown: ${before[6]}`);
  await page.reload();
  await stage.settled(page);
  same(await shown(), before, 'after a reload');
  const other = await stage.page({ query: new URL(page.url()).search });
  same(await other.evaluate(() => document.getElementById('grid').textContent), before[6], 'for somebody else');
  await stage.strike(other);
  await stage.strike(page);
}

// What is looked for is all that is shown, and nothing found is said.
export async function find_narrows_the_table(stage) {
  const page = await stage.page();
  const rows = () => page.locator('#grid').textContent();
  await page.locator('#find').fill('ytre');
  await until('one party', async () => (await rows()).includes('Ytre Vaag') && !(await rows()).includes('Fjellvik'));
  await page.locator('#find').fill('brann');
  await until('one measure', async () => (await rows()).includes(FIRE) && !(await rows()).includes('Felles IT'));
  await page.locator('#find').fill('<b>nowhere</b>');
  await until('said that there is nothing', async () => (await page.locator('#matrix-empty').textContent()).includes('<b>nowhere</b>'));
  must(await page.evaluate(() => document.activeElement.id === 'find'), 'the box has lost the focus');
  await page.locator('#find').fill('');
  await until('all', async () => (await rows()).includes('Fjellvik') && (await rows()).includes('Sund'));
  await stage.strike(page);
}

async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

// A table that is saved has the numbers of machines, in the dialect of the language.
export async function tables_are_taken_out(stage) {
  const page = await stage.page({ query: '?lang=en' });
  const matrix = page.locator('#matrix > header button');
  const { name, text } = await saved(page, () => matrix.filter({ hasText: 'CSV' }).click());
  must(/^[\p{L}\p{N}-]+\.csv$/u.test(name), () => `a file name: ${name}`);
  const machines = await page.locator('#grid td').evaluateAll((cells) => cells.map((own) => own.dataset.machine));
  const lines = text.trim().split('\r\n');
  const fields = lines.slice(1).flatMap((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((own) => own.replace(/,$/, '')).slice(1));
  const numbers = machines.filter((own) => own !== '');
  same(fields.filter((own) => /^-?\d+(\.\d+)?$/.test(own)), numbers, 'the numbers of the table');
  must(numbers.some((own) => own.startsWith('-')) && !text.includes('\u2212'), 'a minus sign that machines do not read');
  await page.locator('#lang').selectOption('nb');
  await until('Norwegian', async () => (await page.locator('html').getAttribute('lang')) === 'nb');
  const norwegian = await saved(page, () => page.locator('#matrix > header button').filter({ hasText: 'CSV' }).click());
  must(norwegian.text.startsWith('\ufeff') && norwegian.text.includes(';12818600'), () => norwegian.text.slice(0, 300));
  // Every table of the menu can be saved.
  await page.locator('#export > summary').click();
  const count = await page.locator('#export-body > div').count();
  must(count >= 6, () => `only ${count} tables`);
  for (let at = 0; at < count - 1; at += 1) {
    if (!(await page.locator('#export').evaluate((menu) => menu.open))) await page.locator('#export > summary').click();
    const own = await saved(page, () => page.locator('#export-body > div').nth(at).locator('button').nth(1).click());
    must(own.text.split('\r\n').length > 2 && !own.text.includes('undefined'), () => `table ${at}: ${own.text}`);
  }
  await stage.strike(page);
}

// The server is killed, and comes again: the page says so, and goes on by itself.
export async function the_server_goes_and_comes(stage) {
  stage.expected.push('net::ERR_', 'Failed to load resource');
  const page = await stage.page();
  const amount = await cellText(page, FIRE, 'Sund');
  await please('stop');
  await until('a sign that the server is gone', async () => (await page.locator('#live').getAttribute('data-state')) === 'stopped');
  must((await page.locator('#live-word').textContent()).length > 3, 'no word for it');
  same(await cellText(page, FIRE, 'Sund'), amount, 'the last numbers stay');
  await sleep(1_500);
  const rules = await stage.read('scenario.ron');
  await stage.save('scenario.ron', rules.replace('key: "by(\\"inhabitants\\")"', 'key: "equally()"'));
  await please('start');
  await until('live again', async () => (await page.locator('#live').getAttribute('data-state')) === 'live');
  await until('the numbers of what was saved meanwhile', async () => (await cellText(page, FIRE, 'Sund')) === '5 433 333');
  await stage.strike(page);
}

// Nothing but this machine is asked, and the page is whole without a network.
export async function works_without_a_network(stage) {
  const asked = [];
  const page = await stage.page();
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  await stage.settled(page);
  await (await cell(page, CENTRE, 'Sund')).click();
  await until('a certificate', async () => (await page.locator('#why-body li').count()) > 3);
  const fonts = await page.evaluate(() => document.fonts.size);
  same(fonts, 0, 'fonts that have to be loaded');
  must(asked.length >= 5 && asked.every((own) => own.startsWith(stage.address)), () => asked.join('\n'));
  const outside = await page.evaluate(() => fetch('https://example.com/').then(() => 'reached', () => 'refused'));
  same(outside, 'refused', 'another server');
  // That was asked by the trial itself.
  stage.faults = stage.faults.filter((own) => !own.includes('example.com'));
  await page.evaluate(() => { window.violations = window.violations.filter((own) => !own.includes('example.com')); });
  await stage.strike(page);
}
