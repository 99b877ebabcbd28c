// Trials of drafting: files are edited on the disk, and the page follows.

import { cell, cellText, must, plain, same, sleep, until } from './stage.mjs';

const CENTRE = 'Interkommunalt beredskapssenter';
const FIRE = 'Brann og redning';
const BY_PEOPLE = 'key: "by(\\"inhabitants\\")"';
const EQUALLY = 'key: "equally()"';

// A save shows its numbers without a reload; what was chosen stays chosen, and the page stays where it was.
export async function a_save_shows_new_numbers(stage) {
  const page = await stage.page({ viewport: { width: 1100, height: 500 } });
  await page.evaluate(() => { window.isTheSamePage = true; });
  await (await cell(page, FIRE, 'Sund')).click();
  await until('a certificate', async () => (await page.locator('#why-body').textContent()).includes('Sund'));
  await page.evaluate(() => window.scrollTo(0, 300));
  await page.evaluate(() => { document.getElementById('matrix-scroll').scrollLeft = 40; });
  const where = () => page.evaluate(() => [window.scrollY, document.getElementById('matrix-scroll').scrollLeft]);
  const before = await where();
  must(before[0] > 200, 'the page is not long enough for this');
  const file = await stage.read('scenario.ron');
  await page.evaluate(() => {
    window.seen = [];
    const grid = document.getElementById('grid');
    new MutationObserver(() => window.seen.push([Date.now(), grid.textContent.replace(/\u00a0/g, ' ')])).observe(grid, { subtree: true, childList: true, characterData: true });
  });
  const times = [];
  for (const [key, amount] of [[EQUALLY, '5 433 333'], [BY_PEOPLE, '2 110 732'], [EQUALLY, '5 433 333'], [BY_PEOPLE, '2 110 732'], [EQUALLY, '5 433 333']]) {
    await page.evaluate(() => { window.seen = []; });
    const text = file.replace(BY_PEOPLE, key);
    const begun = Date.now();
    await stage.save('scenario.ron', text);
    const seen = await page.waitForFunction((amount) => window.seen.find(([, text]) => text.includes(amount)), amount, { polling: 5 });
    times.push((await seen.jsonValue())[0] - begun);
    await until('its certificate', async () => plain(await page.locator('#why-body').textContent()).includes(amount));
  }
  times.sort((a, b) => a - b);
  console.log(`a save shows after ${times[2]} ms in the middle, from ${times[0]} to ${times[4]} ms`);
  // A machine with other work takes its time; without, it is far below 150 ms.
  must(times[2] < 5_000, () => `it takes ${times} ms until a save shows`);
  same(await where(), before, 'where the page is');
  must(await page.evaluate(() => window.isTheSamePage), 'the page was loaded again');
  same(await (await cell(page, FIRE, 'Sund')).getAttribute('aria-selected'), 'true', 'the cell is chosen');
  must((await page.locator('#last-change').textContent()).includes('equally()'), 'what was changed is not said');
  await stage.strike(page);
}

// A broken file: its fault stands over the last good numbers, until it is mended.
export async function a_broken_file_leaves_the_last_good_numbers(stage) {
  const page = await stage.page();
  const amount = await cellText(page, CENTRE, 'Sund');
  const rules = await stage.read('rules.rhai');
  await (await cell(page, CENTRE, 'Sund')).focus();
  for (const [broken, said] of [
    [rules.replace('80.percent', '80.percnt'), 'percnt'],
    [rules.replace('{', ''), 'rules.rhai'],
    [rules.replace('inhabitants")', 'inhabitnats")'), 'inhabitants'],
    ['', 'twenty_eighty'],
  ]) {
    await stage.write('rules.rhai', broken);
    await until(`the fault of ${said}`, async () => (await page.locator('#problems').textContent()).includes(said));
    same(await page.locator('#live').getAttribute('data-state'), 'stale', 'the sign');
    same(await cellText(page, CENTRE, 'Sund'), amount, 'the last good numbers');
    must(await page.locator('#problems').isVisible(), 'the fault is not shown');
    const box = await page.locator('#problems').boundingBox();
    const matrix = await page.locator('#matrix').boundingBox();
    must(box.y < matrix.y, 'the fault is not over the numbers');
    must((await page.locator('#files .fail').count()) >= 1, 'no file is marked');
  }
  await stage.write('rules.rhai', rules.replace('80.percent', '80.percnt'));
  await until('an excerpt', async () => /percnt[\s\S]*\^/.test(await page.locator('#problems pre').first().textContent()));
  must((await page.locator('#problems').textContent()).includes('rules.rhai:4'), 'no place');
  const mended = rules.replace('20.percent', '50.percent').replace('80.percent', '50.percent');
  await stage.write('rules.rhai', mended);
  await until('mended', async () => (await page.locator('#live').getAttribute('data-state')) === 'live');
  await until('the strip is gone', async () => !(await page.locator('#problems').isVisible()));
  await until('new numbers', async () => (await cellText(page, CENTRE, 'Sund')) !== amount);
  must(await page.evaluate(() => document.activeElement.closest('#grid') !== null), 'the focus has left the table');
  await stage.strike(page);
}

// A scenario that is broken from the start has a page that says so, and numbers as soon as it is mended.
export async function a_scenario_broken_from_the_start_is_mended(stage) {
  const page = await stage.page();
  must(await page.locator('#problems').isVisible(), 'no fault is shown');
  await stage.write('rules.rhai', (await stage.read('rules.rhai')).replace('percnt', 'percent'));
  await until('numbers', async () => (await page.locator('#grid td').count()) > 10);
  same(await page.locator('#live').getAttribute('data-state'), 'live', 'the sign');
  await stage.strike(page);
}

// What is pinned is compared with, save after save.
export async function a_pin_is_compared_with(stage) {
  const page = await stage.page();
  const file = await stage.read('scenario.ron');
  await page.locator('#pin').click();
  await until('compared', async () => /against=pin%3A\d+/.test(page.url()));
  await stage.save('scenario.ron', file.replace(BY_PEOPLE, EQUALLY));
  await until('new numbers', async () => (await cellText(page, FIRE, 'Sund')) === '5 433 333');
  must(await page.locator('#alterations').isVisible(), 'what was changed is not said');
  must((await page.locator('#alterations').textContent()).includes('equally()'), 'the change is not in it');
  await page.locator('#cells input[value="change"]').check({ force: true });
  // 5 433 333 instead of 2 110 732.
  await until('the difference', async () => (await cell(page, FIRE, 'Sund').then((own) => own.getAttribute('data-machine'))) === '3322601');
  same((await cellText(page, FIRE, 'Sund')).replace('+', ''), '3 322 601', 'its text');
  const fjellvik = await (await cell(page, FIRE, 'Fjellvik')).textContent();
  must(fjellvik.startsWith('\u2212'), () => `who pays less: ${fjellvik}`);
  await stage.save('scenario.ron', file);
  await until('no difference left', async () => (await cell(page, FIRE, 'Sund').then((own) => own.getAttribute('data-machine'))) === '0');
  // Twenty saves later the pinned run is not kept any more: it is said, and the page goes on.
  stage.expected.push('410');
  for (let round = 0; round < 22; round += 1) {
    const live = (await stage.state()).live.generation;
    await stage.save('scenario.ron', file.replace('30_100_000', `30_100_00${round % 10}`));
    await until('a run', async () => (await stage.state()).live.generation > live);
  }
  await until('compared with nothing', async () => !page.url().includes('against='));
  must(await page.locator('#grid').isVisible(), 'the numbers are gone');
  await stage.strike(page);
}

// A variant can be shown and compared with.
export async function a_variant_is_shown_and_compared(stage) {
  const page = await stage.page();
  const before = await cellText(page, CENTRE, 'Ytre Vaag');
  await page.locator('#show').selectOption({ label: 'Halvparten likt' });
  await until('the variant', async () => (await cellText(page, CENTRE, 'Ytre Vaag')) !== before);
  must((await page.locator('h1').textContent()).includes('Halvparten likt'), 'the title is not that of the variant');
  const scenario = await page.locator('#against option').evaluateAll((all) => all.map((own) => own.value).find((value) => value.endsWith('scenario')));
  await page.locator('#against').selectOption(scenario);
  await until('what differs', async () => (await page.locator('#alterations').textContent()).includes('50.percent'));
  await page.locator('#cells input[value="percent"]').check({ force: true });
  await until('percent', async () => (await cellText(page, CENTRE, 'Ytre Vaag')).includes('%') || (await page.locator('#matrix-unit').textContent()).includes('%'));
  // A save of the variant file shows too.
  const text = await stage.read('variants/half-equally.ron');
  const shown = await page.locator('#grid').textContent();
  await stage.write('variants/half-equally.ron', text.replace('50.percent * equally() + 50.percent', '90.percent * equally() + 10.percent'));
  await until('the saved variant', async () => (await page.locator('#grid').textContent()) !== shown);
  // One that comes is listed.
  await stage.write('variants/new-one.ron', text.replace('Halvparten likt', 'En til'));
  await until('listed', async () => (await page.locator('#show option').allTextContents()).includes('En til'));
  await stage.strike(page);
}

// While the page is held, saves are counted and not shown.
export async function a_pause_holds_the_page(stage) {
  const page = await stage.page();
  const amount = await cellText(page, FIRE, 'Sund');
  await page.locator('#pause').click();
  same(await page.locator('#pause').getAttribute('aria-pressed'), 'true', 'the button');
  const file = await stage.read('scenario.ron');
  await stage.save('scenario.ron', file.replace(BY_PEOPLE, EQUALLY));
  await until('a save that is not shown', async () => /\d+ .*\d/.test(await page.locator('#live-detail').textContent()) && (await stage.state()).live.generation >= 2);
  await sleep(500);
  same(await cellText(page, FIRE, 'Sund'), amount, 'the numbers');
  same(await page.locator('#live').getAttribute('data-state'), 'paused', 'the sign');
  await page.locator('#pause').click();
  await until('the new numbers', async () => (await cellText(page, FIRE, 'Sund')) === '5 433 333');
  await stage.strike(page);
}

// A parameter of a rule has a slider, which shows what another value would do and leaves the file alone.
export async function a_parameter_slides(stage) {
  const rules = await stage.read('rules.rhai');
  const hasParameters = (await stage.state('view=page')).view.parameters.length > 0;
  if (!hasParameters) { console.log('there are no parameters'); return; }
  const page = await stage.page();
  const before = await cellText(page, CENTRE, 'Sund');
  const slider = page.locator('#sliders input').first();
  await slider.focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
  await until('other numbers', async () => (await cellText(page, CENTRE, 'Sund')) !== before);
  must(new URL(page.url()).searchParams.getAll('set').length === 1, 'the address does not hold it');
  must(await page.locator('#tried').isVisible(), 'it is not said that this is tried');
  must((await page.locator('#sliders').textContent()).includes('param("equal_part"'), 'the line to change is not shown');
  same(await stage.read('rules.rhai'), rules, 'the file');
  await page.reload();
  await stage.settled(page);
  await until('tried after a reload', async () => (await cellText(page, CENTRE, 'Sund')) !== before);
  await page.locator('#save-name').fill('prove');
  await page.locator('#save-title').fill('Ein <b>prøve</b>');
  await page.locator('#save button').click();
  await until('saved', async () => (await stage.read('variants/prove.ron').catch(() => '')).includes('Parameter('));
  await until('listed', async () => (await page.locator('#show option').allTextContents()).includes('Ein <b>prøve</b>'));
  await page.locator('#reset').click();
  await until('as in the file', async () => (await cellText(page, CENTRE, 'Sund')) === before);
  await stage.strike(page);
}
