// Trials with the keyboard alone, with axe, and pictures to be looked at.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cell, cellText, must, plain, same, sleep, until } from './stage.mjs';

const CENTRE = 'Interkommunalt beredskapssenter';
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Everything that can be done with a mouse can be done with the keys.
export async function the_keyboard_is_enough(stage) {
  const page = await stage.page();
  const focus = () => page.evaluate(() => {
    const on = document.activeElement;
    const style = getComputedStyle(on);
    const hasRing = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
    return { id: on.id, name: on.localName, inGrid: !!on.closest('#grid'), text: on.textContent, hasRing };
  });
  await page.keyboard.press('Tab');
  must((await focus()).name === 'a', 'the first is not the way over the head of the page');
  const seen = [];
  let tabs = 1;
  for (; tabs < 60 && !(await focus()).inGrid; tabs += 1) {
    await page.keyboard.press('Tab');
    const on = await focus();
    seen.push(on.id || on.name);
    must(on.hasRing, () => `where the focus is cannot be seen: ${JSON.stringify(on)}`);
  }
  must((await focus()).inGrid, () => `the table was not reached: ${seen}`);
  for (const id of ['pause', 'lang', 'unit', 'theme', 'year', 'show', 'against', 'pin', 'find']) must(seen.includes(id), () => `${id} was not reached: ${seen}`);
  const at = () => page.evaluate(() => [document.activeElement.parentNode.sectionRowIndex, document.activeElement.cellIndex]);
  const start = await at();
  await page.keyboard.press('ArrowDown');
  same(await at(), [start[0] + 1, start[1]], 'down');
  await page.keyboard.press('ArrowRight');
  same(await at(), [start[0] + 1, start[1] + 1], 'right');
  await page.keyboard.press('Control+End');
  const end = await at();
  must(end[0] > start[0] + 1 && end[1] > start[1] + 1, () => `the last cell: ${end}`);
  await page.keyboard.press('ArrowDown');
  same(await at(), end, 'past the end');
  await page.keyboard.press('Control+Home');
  same((await at())[0], 0, 'the first cell');
  const target = await cell(page, CENTRE, 'Sund');
  const [row, column] = await target.evaluate((td) => [td.parentNode.sectionRowIndex, td.cellIndex]);
  for (let step = 0; step < row; step += 1) await page.keyboard.press('ArrowDown');
  while ((await at())[1] < column) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const amount = await cellText(page, CENTRE, 'Sund');
  await until('its certificate', async () => plain(await page.locator('#why-body').textContent()).includes(amount));
  same(await at(), [row, column], 'the focus stays in the table');
  await page.keyboard.press('Escape');
  await until('closed', async () => !(await page.locator('#why-close').isVisible()));
  same(await at(), [row, column], 'the focus comes back');
  await page.keyboard.press('Tab');
  must(!(await focus()).inGrid, 'the table is one stop');
  await page.keyboard.press('Shift+Tab');
  same(await at(), [row, column], 'back in the same cell');
  // The way over the head leads to the table.
  const fresh = await stage.page();
  await fresh.keyboard.press('Tab');
  await fresh.keyboard.press('Enter');
  await fresh.keyboard.press('Tab');
  must(await fresh.evaluate(() => !!document.activeElement.closest('#matrix')), 'the skip link leads nowhere');
  await stage.strike(fresh);
  // The export menu opens and closes.
  await page.locator('#export > summary').focus();
  await page.keyboard.press('Enter');
  must(await page.locator('#export').evaluate((menu) => menu.open), 'the menu does not open');
  await page.keyboard.press('Escape');
  must(!(await page.locator('#export').evaluate((menu) => menu.open)), 'the menu does not close');
  await stage.strike(page);
}

async function faults(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const own of violations) {
    console.log(`${where}: ${own.impact} ${own.id}: ${own.help} (${own.nodes.length}): ${own.nodes[0].target} ${(own.nodes[0].any[0] || {}).message || ''}`);
  }
  return violations.filter((own) => ['serious', 'critical'].includes(own.impact)).map((own) => `${where}: ${own.id} at ${own.nodes.map((node) => node.target).slice(0, 5).join('; ')}: ${own.nodes[0].failureSummary}`);
}

async function checked(stage, more, query, where) {
  const page = await stage.page({ ...more, query });
  const found = await faults(page, where);
  await (await cell(page, CENTRE, 'Sund')).click();
  await until('a certificate', async () => (await page.locator('#why-body li').count()) > 3);
  found.push(...(await faults(page, `${where}, with a certificate`)));
  await page.locator('#export > summary').click();
  found.push(...(await faults(page, `${where}, with the menu`)));
  const rules = await stage.read('rules.rhai');
  await stage.write('rules.rhai', rules.replace('80.percent', '80.percnt'));
  await until('the fault', async () => page.locator('#problems').isVisible());
  found.push(...(await faults(page, `${where}, with a fault`)));
  await stage.write('rules.rhai', rules);
  await until('mended', async () => !(await page.locator('#problems').isVisible()));
  await stage.strike(page);
  same(found, [], 'serious faults');
}

export async function no_serious_fault_in_light(stage) {
  await checked(stage, { colorScheme: 'light' }, '', 'light');
}
export async function no_serious_fault_in_dark(stage) {
  await checked(stage, { colorScheme: 'dark' }, '', 'dark');
}
export async function no_serious_fault_when_compared(stage) {
  const against = '?against=' + encodeURIComponent((await stage.state()).live.subjects.find((own) => own.kind === 'variant').id) + '&cells=change';
  await checked(stage, { colorScheme: 'light' }, against, 'compared');
  await checked(stage, { colorScheme: 'dark' }, against, 'compared in the dark');
}
export async function no_serious_fault_on_a_phone(stage) {
  await checked(stage, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, '', 'a phone');
}

// Nothing is cut off: the page is never wider than the window, and the table scrolls in its own box.
export async function the_page_fits(stage) {
  for (const [width, lang] of [[390, 'nn'], [320, 'en'], [768, 'nb'], [1024, 'nb'], [1440, 'nb'], [2560, 'nb']]) {
    const page = await stage.page({ viewport: { width, height: 800 }, query: `?lang=${lang}` });
    const [inner, all] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
    must(all <= inner, () => `at ${width} the page is ${all} wide`);
    await stage.strike(page);
  }
}

// Pictures for people; nothing is compared.
export async function pictures(stage) {
  const rules = await stage.read('rules.rhai');
  for (const scheme of ['light', 'dark']) {
    const page = await stage.page({ colorScheme: scheme });
    await stage.picture(page, `${scheme}-first`);
    await (await cell(page, CENTRE, 'Øyfjord')).click();
    await until('a certificate', async () => (await page.locator('#why-body li').count()) > 3);
    await stage.picture(page, scheme, { fullPage: true });
    await stage.write('rules.rhai', rules.replace('80.percent', '80.percnt'));
    await until('the fault', async () => page.locator('#problems').isVisible());
    await stage.picture(page, `${scheme}-fault`);
    await stage.write('rules.rhai', rules);
    await until('mended', async () => !(await page.locator('#problems').isVisible()));
    await page.locator('#against').selectOption({ label: 'Halvparten likt' });
    await until('compared', async () => page.locator('#alterations').isVisible());
    await page.locator('#cells input[value="change"]').check({ force: true });
    await sleep(2_200);
    await stage.picture(page, `${scheme}-compared`, { fullPage: true });
    await stage.strike(page);
    const phone = await stage.page({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2, colorScheme: scheme, query: '?lang=nn' });
    await stage.picture(phone, `${scheme}-phone`, { fullPage: true });
    await (await cell(phone, CENTRE, 'Øyfjord')).click();
    await until('a certificate', async () => (await phone.locator('#why-body li').count()) > 3);
    await stage.picture(phone, `${scheme}-phone-why`);
    await stage.strike(phone);
  }
  const paper = await stage.page({ query: '?lang=en' });
  await (await cell(paper, CENTRE, 'Øyfjord')).click();
  await until('a certificate', async () => (await paper.locator('#why-body li').count()) > 3);
  await paper.emulateMedia({ media: 'print' });
  await paper.setViewportSize({ width: 1040, height: 800 });
  await stage.picture(paper, 'print', { fullPage: true });
  await stage.strike(paper);
}
