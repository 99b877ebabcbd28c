// The live page: asks the server for a view, puts its texts where they belong, follows what happens by events.
// Every text and length comes from the server; nothing here adds or writes an amount. Every text goes in as text.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // ---- Small makers of elements. Attribute names are fixed here, never from data.

  function el(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === 'class') made.className = value;
      else if (key === 'on') for (const [event, what] of Object.entries(value)) made.addEventListener(event, what);
      else made.setAttribute(key, value === true ? '' : value);
    }
    for (const child of children) if (child !== null && child !== undefined) made.append(child);
    return made;
  }
  function setText(node, text) {
    if (node.textContent === text) return false;
    node.textContent = text;
    return true;
  }
  const show = (node, is) => { node.hidden = !is; };
  function list(node, texts) {
    node.replaceChildren(...texts.map((text) => el('li', null, text)));
    return texts.length > 0;
  }
  function fill(label, parts) {
    return String(label).replace(/\{(\w+)\}/g, (_, name) => (name in parts ? String(parts[name]) : ''));
  }

  // ---- What is asked, kept in the address.

  const NAMES = ['year', 'lang', 'unit', 'cells', 'show', 'against', 'cell', 'find', 'page', 'theme'];
  const asked = { set: [] };
  for (const name of NAMES) asked[name] = '';
  {
    const query = new URLSearchParams(location.search);
    for (const name of NAMES) asked[name] = query.get(name) || '';
    asked.set = query.getAll('set');
  }
  function remember() {
    const query = new URLSearchParams();
    for (const name of NAMES) if (asked[name]) query.set(name, asked[name]);
    for (const one of asked.set) query.append('set', one);
    const text = query.toString();
    history.replaceState(null, '', text ? '?' + text : location.pathname);
  }
  function language() {
    if (asked.lang) return asked.lang;
    for (const own of navigator.languages || []) {
      const code = own.toLowerCase().slice(0, 2);
      if (code === 'nn') return 'nn';
      if (code === 'nb' || code === 'no') return 'nb';
      if (code === 'en') return 'en';
    }
    return 'nb';
  }
  function apiQuery() {
    const query = new URLSearchParams({ view: 'page', lang: language() });
    for (const name of ['year', 'unit', 'cells', 'show', 'against', 'find', 'page']) {
      if (asked[name]) query.set(name, asked[name]);
    }
    for (const one of asked.set) query.append('set', one);
    return query;
  }

  // Until the first answer brings the words, which may never come.
  let words = { stopped: 'server stopped {time}', failed: '{message}' };
  let doc = null; // the last answer of /api/state
  let live = null; // the last that was heard of the server
  let shownGeneration = null;
  let paused = false;
  let stoppedAt = '';

  // ---- Asking. An answer to an older question is dropped.

  let question = 0;
  let notice = '';
  let asking = null;
  async function refresh() {
    const own = ++question;
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch('/api/state?' + apiQuery(), { signal: asking.signal, headers: { Accept: 'application/json' } });
      const body = await answer.json().catch(() => null);
      if (own !== question) return;
      if (!answer.ok || !body) {
        const said = message(body) || `${answer.status} ${answer.statusText}`;
        fail(fill(words.failed, { message: said }));
        if (forgive(answer.status)) {
          notice = said;
          refresh();
        }
        return;
      }
      if (notice) fail(notice);
      else show($('failed'), false);
      doc = body;
      paint();
    } catch (fault) {
      if (own === question && fault.name !== 'AbortError' && !stoppedAt) stopped();
    }
  }
  // What cannot be had any more, as a pinned generation that is no longer kept, or what an address asks for in vain, is
  // let go of once, and said.
  function forgive(status) {
    if (status === 410 && asked.against) asked.against = '';
    else if (!doc && !notice && status >= 400 && status < 500) {
      for (const name of NAMES) if (name !== 'theme') asked[name] = '';
      asked.set = [];
    } else return false;
    remember();
    return true;
  }
  function message(body) {
    if (!body) return '';
    const first = Array.isArray(body.problems) ? body.problems[0] : null;
    return [body.message, first && first.message].filter((text) => typeof text === 'string').join(': ');
  }
  function fail(text) {
    setText($('failed'), text);
    show($('failed'), true);
    show($('page'), true);
  }
  let waiting = 0;
  function ask(delay) {
    notice = '';
    remember();
    clearTimeout(waiting);
    if (delay) waiting = setTimeout(refresh, delay);
    else refresh();
  }

  // ---- Following.

  let events = null;
  let again = 0;
  function follow() {
    clearTimeout(again);
    if (events) events.close();
    events = new EventSource('/events');
    events.addEventListener('hello', (event) => heard(event, true));
    events.addEventListener('generation', (event) => heard(event, false));
    events.addEventListener('error', () => {
      stopped();
      // The browser tries again by itself, unless it has given up.
      if (events.readyState === EventSource.CLOSED) again = setTimeout(follow, 2000);
    });
  }
  function heard(event, isHello) {
    let told;
    try { told = JSON.parse(event.data); } catch { return; }
    const wasStopped = stoppedAt !== '';
    stoppedAt = '';
    live = told;
    if (paused) { paintLive(); return; }
    if (isHello && doc && !wasStopped && doc.live && doc.live.generation === told.generation) { paintLive(); return; }
    refresh();
  }
  function stopped() {
    if (!stoppedAt) {
      const now = new Date();
      stoppedAt = String(now.getHours()).padStart(2, '0') + ':' + String(now.getMinutes()).padStart(2, '0');
    }
    paintLive();
    show($('page'), true);
  }

  // ---- Painting.

  function paint() {
    const view = doc.view;
    words = (view && view.words) || doc.words || words;
    if (doc.live) live = doc.live;
    shownGeneration = live ? live.generation : null;
    root.lang = (view && view.language) || language();
    for (const node of document.querySelectorAll('[data-word]')) setText(node, words[node.dataset.word] || '');
    setText($('title'), doc.title || 'fordel');
    setText($('source'), doc.source || '');
    document.title = doc.title ? doc.title + ' · fordel' : 'fordel';
    paintChoices(view);
    paintLive();
    paintProblems();
    paintFiles();
    for (const id of ['numbers', 'controls', 'work', 'export']) show($(id), !!view);
    for (const id of ['lang', 'unit']) show($(id).parentNode, !!view);
    for (const node of document.querySelectorAll('.pictures, #proof, #catalogue')) show(node, !!view);
    if (view) paintView(view);
    const seal = doc.seal;
    setText($('seal'), seal ? `${words.seal}: ${words.seal_rules} ${seal.rules} · ${words.seal_data} ${seal.data} · fordel ${seal.fordel}` : '');
    show($('page'), true);
    paintExport();
    reachScrolls();
  }

  function paintView(view) {
    paintNumbers(view);
    paintParameters(view.parameters || []);
    show($('alterations'), !!view.against);
    setText($('against-label'), view.against || '');
    list($('alterations').querySelector('ul'), view.alterations.length ? view.alterations : [words.no_alterations]);
    setText($('notes'), view.notes.join(' '));
    show($('notes'), view.notes.length > 0);
    paintMatrix(view);
    paintWaterfall(view.waterfall);
    paintBars(view.bars);
    for (const id of ['ledgers', 'settlement', 'besides']) paintTables($(id), view[id]);
    paintProof(view.reconciliation);
    paintCatalogue(view.catalogue);
  }

  function paintLive() {
    const status = live ? live.status : 'none';
    const state = stoppedAt ? 'stopped' : paused ? 'paused' : status === 'good' ? 'live' : status === 'stale' ? 'stale' : 'waiting';
    $('live').dataset.state = state;
    document.body.dataset.status = status;
    const word = { stopped: fill(words.stopped, { time: stoppedAt }), paused: words.paused, live: words.live, stale: words.stale, waiting: words.waiting }[state];
    setText($('live-word'), word || '');
    const details = [];
    const own = paused && doc ? doc.live : live;
    if (own && own.generation !== null && own.generation !== undefined) details.push(`${words.generation} ${status === 'stale' && own.good !== null ? own.good : own.generation}`);
    if (paused && live && shownGeneration !== null && live.generation > shownGeneration) details.push(fill(words.behind, { count: live.generation - shownGeneration }));
    if (own && own.at) details.push(own.at);
    if (own && Number.isFinite(own.milliseconds)) details.push(`${own.milliseconds} ${words.milliseconds}`);
    setText($('live-detail'), details.join(' · '));
    $('live').title = live && live.polling ? words.polling || '' : '';
    setText($('pause'), paused ? words.resume || '' : words.pause || '');
    $('pause').setAttribute('aria-pressed', String(paused));
  }

  function options(select, groups, chosen) {
    const key = JSON.stringify([groups, chosen]);
    if (select.dataset.key === key) return;
    select.dataset.key = key;
    const option = (own) => el('option', { value: own.value, disabled: own.can === false }, own.text);
    select.replaceChildren(...groups.filter((group) => group.list.length).map((group) => {
      if (!group.title) { const all = document.createDocumentFragment(); all.append(...group.list.map(option)); return all; }
      return el('optgroup', { label: group.title }, ...group.list.map(option));
    }));
    select.value = chosen;
  }

  function paintChoices(view) {
    const theme = asked.theme || 'auto';
    root.dataset.theme = theme;
    options($('theme'), [{ list: ['auto', 'light', 'dark'].map((value) => ({ value, text: words[value] })) }], theme);
    if (!view) return;
    options($('lang'), [{ list: view.choices.languages }], view.language);
    options($('unit'), [{ list: view.choices.units }], view.unit);
    const subjects = (live && live.subjects) || [];
    const of = (kind) => subjects.filter((own) => own.kind === kind).map((own) => ({ value: own.id, text: own.title }));
    const groups = [{ title: words.scenario, list: of('scenario') }, { title: words.variants, list: of('variant') }, { title: words.others, list: of('other') }];
    const first = subjects.find((own) => own.kind === 'scenario') || subjects[0];
    options($('show'), groups, asked.show || (first ? first.id : ''));
    const pin = (generation, at) => ({ value: 'pin:' + generation, text: fill(words.pinned, { generation }) + (at ? ` · ${at}` : '') });
    const pins = ((live && live.pins) || []).map((own) => pin(own.generation, own.at));
    const chosen = asked.against || 'none';
    if (chosen.startsWith('pin:') && !pins.some((own) => own.value === chosen)) pins.unshift(pin(chosen.slice(4), ''));
    const fixed = [{ value: 'none', text: words.against_none }, { value: 'previous', text: words.against_previous }];
    options($('against'), [{ list: fixed.concat(chosen.startsWith('pin:') ? pins.filter((own) => own.value === chosen) : []) }, ...groups], chosen);
    $('pin').disabled = !live || live.good === null || live.good === undefined;
    paintYears(view);
    const box = $('cells');
    const key = JSON.stringify([view.choices.cells, view.matrix.cells]);
    if (box.dataset.key !== key) {
      const focused = box.contains(document.activeElement);
      box.dataset.key = key;
      box.replaceChildren(...view.choices.cells.map((own) => {
        const input = el('input', { type: 'radio', name: 'cells', value: own.value, disabled: !own.can });
        input.checked = own.value === view.matrix.cells;
        return el('label', null, input, own.text);
      }));
      if (focused) { const on = box.querySelector(':checked'); if (on) on.focus(); }
    }
    $('find').placeholder = words.find_hint;
    if (document.activeElement !== $('find')) $('find').value = asked.find;
  }

  function paintYears(view) {
    const years = view.choices.years;
    show($('year-control'), years.length > 1);
    const slider = $('year');
    slider.max = String(years.length - 1);
    const at = Math.max(0, years.findIndex((own) => own.value === view.year));
    if (document.activeElement !== slider || !waiting) slider.value = String(at);
    yearText(years, Number(slider.value));
    const ticks = $('year-ticks');
    const few = years.length <= 12;
    const shown = years.map((own, index) => (index === 0 ? '∑' : few || index === 1 || index === years.length - 1 ? own.text : ''));
    ticks.replaceChildren(...shown.map((text, index) => el('span', { class: index === at ? 'on' : null }, text)));
  }
  function yearText(years, at) {
    const text = years[at] ? years[at].text : '';
    setText($('year-text'), text);
    $('year').setAttribute('aria-valuetext', text);
  }

  function paintNumbers(view) {
    $('numbers').replaceChildren(...view.numbers.map((own) => {
      const text = el('p', { class: 'text' }, own.text);
      if (own.id === 'net') text.append(' ', el('span', { class: 'unit' }, view.unit_text));
      return el('div', { class: 'number ' + own.tone, 'data-id': own.id }, el('p', { class: 'label' }, own.label), text, el('p', { class: 'detail' }, own.detail));
    }));
  }

  function paintParameters(sliders) {
    show($('parameters'), sliders.length > 0);
    if (!sliders.length) return;
    const box = $('sliders');
    const key = JSON.stringify(sliders.map((own) => [own.name, own.minimum, own.maximum, own.step]));
    if (box.dataset.key !== key) {
      box.dataset.key = key;
      box.replaceChildren(...sliders.map((own, index) => {
        const id = 'slider-' + index;
        const input = el('input', { type: 'range', id, min: own.minimum, max: own.maximum, step: own.step || 'any', 'data-name': own.name });
        input.addEventListener('input', () => tried(own.name, input.value, input));
        return el('div', { class: 'slider' }, el('label', { for: id }, own.name), el('output', { for: id }), input,
          el('p', null, el('span', { class: 'in-file' }), el('code', { class: 'place' }, own.place)),
          el('dl', null, el('dt', { class: 'now' }), el('dd', { class: 'line-now' }), el('dt', { class: 'then' }), el('dd', { class: 'line-then' })));
      }));
    }
    sliders.forEach((own, index) => {
      const card = box.children[index];
      const input = card.querySelector('input');
      const isTried = asked.set.some((one) => one.startsWith(`parameters.${own.name}=`));
      if (document.activeElement !== input || !waiting) input.value = own.value;
      input.disabled = own.can === false;
      input.setAttribute('aria-valuetext', own.text);
      card.title = (own.documentation || []).join('\n');
      setText(card.querySelector('output'), own.text);
      setText(card.querySelector('.in-file'), fill(words.default_value, { value: own.default_text || own.default }));
      card.classList.toggle('tried', isTried);
      const lines = card.querySelector('dl');
      show(lines, isTried && !!own.line_then);
      setText(lines.querySelector('.now'), words.line_now);
      setText(lines.querySelector('.line-now'), own.line_now || '');
      setText(lines.querySelector('.then'), words.line_then);
      setText(lines.querySelector('.line-then'), own.line_then || '');
    });
    const any = asked.set.length > 0;
    show($('tried'), any);
    show($('reset'), any);
    show($('save'), any && !!live && live.can_write === true);
  }
  function tried(name, value, input) {
    const own = (doc.view.parameters || []).find((one) => one.name === name);
    asked.set = asked.set.filter((one) => !one.startsWith(`parameters.${name}=`));
    if (!own || value !== own.default) asked.set.push(`parameters.${name}=${value}`);
    setText(input.parentNode.querySelector('output'), value);
    ask(120);
  }

  // ---- Tables. One writer for all of them: the same shape is patched, another shape is built anew.

  // spec: { corner, columns: [{ id, title, words, edge, there }], rows: [{ id, title, kind, edge, there, cells: [..] }] }
  // cell: { text, machine, class, title, bar }
  function paintTable(table, spec) {
    const shape = JSON.stringify([spec.corner, spec.columns.map((own) => [own.id, own.title, own.there]), spec.rows.map((own) => [own.id, own.title, own.there])]);
    const isSame = table.dataset.shape === shape;
    if (!isSame) buildTable(table, spec, shape);
    spec.rows.forEach((row, at) => {
      const tr = table.tBodies[0].rows[at];
      row.cells.forEach((cell, column) => patchCell(tr.cells[column + 1], cell, isSame));
    });
    return isSame;
  }
  function buildTable(table, spec, shape) {
    table.dataset.shape = shape;
    const title = (own) => {
      if (own.unseen) return [el('span', { class: 'unseen' }, own.title)];
      return own.there ? [own.title, el('span', { class: 'there' }, own.there)] : [own.title];
    };
    const classes = (own) => [own.words ? 'words' : '', own.edge ? 'edge' : ''].join(' ').trim() || null;
    const head = el('tr', null, el('th', { scope: 'col' }, spec.corner), ...spec.columns.map((own) => el('th', { scope: 'col', class: classes(own) }, ...title(own))));
    const body = el('tbody', null, ...spec.rows.map((row) => {
      const tr = el('tr', { class: [row.kind || '', row.edge ? 'edge' : ''].join(' ').trim() || null }, el('th', { scope: 'row' }, ...title(row)));
      for (const column of spec.columns) tr.append(el('td', { class: classes(column), 'data-base': classes(column) || '' }));
      return tr;
    }));
    table.replaceChildren(el('thead', null, head), body);
  }
  function patchCell(td, cell, mark) {
    const wanted = [td.dataset.base, cell.class || ''].join(' ').trim();
    const flashing = td.classList.contains('flash');
    if (cell.bar) {
      patchBar(td, cell.bar);
      td.className = ('bar-cell ' + wanted).trim();
    } else {
      const changed = setText(td, cell.text);
      td.className = wanted;
      if (changed && mark) flash(td);
      else if (flashing) td.classList.add('flash');
    }
    if (cell.machine !== undefined) td.dataset.machine = cell.machine;
    if (cell.title) td.title = cell.title;
    else td.removeAttribute('title');
    if (cell.ask) td.dataset.ask = 'yes';
    else delete td.dataset.ask;
  }
  function flash(td) {
    td.classList.remove('flash');
    void td.offsetWidth;
    td.classList.add('flash');
    setTimeout(() => td.classList.remove('flash'), 1700);
  }
  function patchBar(td, bar) {
    let track = td.firstChild;
    if (!track) {
      track = el('span', { class: 'track', 'aria-hidden': 'true' }, el('span'), el('span', { class: 'tick' }));
      td.append(track);
    }
    const [length, tick] = track.children;
    length.className = 'fill ' + (bar.kind || '');
    track.style.setProperty('--s', String(bar.start));
    track.style.setProperty('--w', String(bar.length));
    show(length, bar.length > 0);
    const hasTick = bar.tick !== null && bar.tick !== undefined;
    show(tick, hasTick);
    if (hasTick) track.style.setProperty('--t', String(bar.tick));
  }

  const grid = $('grid');
  let columnIds = [];
  let rowIds = [];
  let figures = [];
  let whens = [];

  function paintMatrix(view) {
    const matrix = view.matrix;
    const isSigned = matrix.cells === 'change' || matrix.cells === 'percent';
    grid.classList.toggle('signed', isSigned);
    grid.classList.toggle('narrow', matrix.columns.length <= 3);
    const unit = matrix.cells === 'percent' ? '%' : matrix.cells === 'per' ? `kr ${words.per}` : view.unit_text;
    const year = view.choices.years.find((own) => own.value === view.year);
    setText($('matrix-unit'), year ? `${year.text} · ${unit}` : unit);
    const edge = (list) => list.findIndex((own) => own.kind === 'party');
    const [edgeColumn, edgeRow] = [edge(matrix.columns), edge(matrix.rows)];
    const cell = (own) => ({
      text: own.text, machine: own.machine, ask: !!own.figure,
      class: [own.heat ? 'h' + own.heat : '', own.tone !== 'none' && own.text !== '–' ? own.tone : '', own.machine === '' ? 'none' : ''].join(' ').trim(),
      title: own.was ? `${words.was} ${own.was.text} (${[own.was.change, own.was.percent].filter(Boolean).join(', ')})` : '',
    });
    columnIds = matrix.columns.map((own) => own.id);
    rowIds = matrix.rows.map((own) => own.id);
    figures = matrix.rows.map((row) => row.cells.map((own) => own.figure || null));
    whens = matrix.rows.map((row) => row.cells.map((own) => own.was || null));
    const isEmpty = matrix.rows.length === 0 || matrix.columns.length === 0;
    show($('matrix-scroll'), !isEmpty);
    show($('matrix-empty'), isEmpty);
    setText($('matrix-empty'), fill(words.nothing_found, { find: view.find }));
    const hadFocus = grid.contains(document.activeElement);
    const isSame = paintTable(grid, {
      corner: matrix.corner,
      columns: matrix.columns.map((own, at) => ({ ...own, edge: at === edgeColumn || own.kind === 'sum' })),
      rows: matrix.rows.map((row, at) => ({ ...row, kind: row.kind === 'sum' ? 'sum' : '', edge: at === edgeRow && at > 0, cells: row.cells.map(cell) })),
    });
    grid.setAttribute('aria-rowcount', String(matrix.rows.length + 1));
    grid.setAttribute('aria-colcount', String(matrix.columns.length + 1));
    if (!isSame) for (const td of grid.tBodies[0].querySelectorAll('td')) td.tabIndex = -1;
    choose(hadFocus && !isSame);
    list($('footnotes'), matrix.footnotes);
    paintPages(matrix.paging);
    if (isSame && shownGeneration !== saidGeneration && saidGeneration !== null) setText($('said'), words.updated);
    saidGeneration = shownGeneration;
  }
  let saidGeneration = null;

  function paintPages(paging) {
    const spans = [paging.measures, paging.parties].filter((own) => own.text);
    show($('pages'), spans.length > 0);
    const turn = (page, word) => el('button', { type: 'button', disabled: !page, on: { click: () => { asked.page = String(page); ask(0); } } }, word);
    $('pages').replaceChildren(...spans.map((own) => el('div', null, turn(own.previous, words.previous), el('span', null, own.text), turn(own.next, words.next))));
  }

  // ---- The chosen cell and the keyboard.

  const cellAt = (row, column) => (grid.tBodies[0] && grid.tBodies[0].rows[row] ? grid.tBodies[0].rows[row].cells[column + 1] : null);
  function position(td) {
    return [td.parentNode.sectionRowIndex, td.cellIndex - 1];
  }
  function chosen() {
    const [row, column] = asked.cell.split('|');
    // What was chosen stays chosen when the table is turned.
    const straight = [rowIds.indexOf(row), columnIds.indexOf(column)];
    return straight[0] >= 0 && straight[1] >= 0 ? straight : [rowIds.indexOf(column), columnIds.indexOf(row)];
  }
  let seen = false;
  function choose(refocus) {
    for (const old of grid.querySelectorAll('td.chosen, td[tabindex="0"]')) { old.classList.remove('chosen'); old.tabIndex = -1; old.removeAttribute('aria-selected'); }
    const [row, column] = asked.cell ? chosen() : [-1, -1];
    const td = row >= 0 && column >= 0 ? cellAt(row, column) : null;
    const stop = td || (document.activeElement && grid.contains(document.activeElement) ? document.activeElement : cellAt(0, 0));
    if (stop) stop.tabIndex = 0;
    if (td) { td.classList.add('chosen'); td.setAttribute('aria-selected', 'true'); }
    if (refocus && stop) stop.focus({ preventScroll: true });
    if (td && !seen) td.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    seen = true;
    explain(td ? figures[row][column] : null, td ? whens[row][column] : null, !!td);
  }
  function go(row, column) {
    const td = cellAt(row, column);
    if (!td) return;
    for (const old of grid.querySelectorAll('td[tabindex="0"]')) old.tabIndex = -1;
    td.tabIndex = 0;
    td.focus();
    td.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  function pick(td) {
    const [row, column] = position(td);
    asked.cell = `${rowIds[row]}|${columnIds[column]}`;
    remember();
    choose(false);
    td.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  function unpick() {
    if (!asked.cell) return;
    const [row, column] = chosen();
    asked.cell = '';
    remember();
    choose(false);
    go(Math.max(row, 0), Math.max(column, 0));
  }
  grid.addEventListener('click', (event) => {
    const td = event.target.closest('td');
    if (!td) return;
    go(...position(td));
    pick(td);
  });
  grid.addEventListener('keydown', (event) => {
    const td = event.target.closest('td');
    if (!td) return;
    const [row, column] = position(td);
    const [rows, columns] = [rowIds.length - 1, columnIds.length - 1];
    const all = event.ctrlKey || event.metaKey;
    const to = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [all ? 0 : row, 0], End: [all ? rows : row, columns], PageUp: [row - 10, column], PageDown: [row + 10, column],
    }[event.key];
    if (to) go(Math.min(Math.max(to[0], 0), rows), Math.min(Math.max(to[1], 0), columns));
    else if (event.key === 'Enter' || event.key === ' ') pick(td);
    else if (event.key === 'Escape') unpick();
    else return;
    event.preventDefault();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = $('export');
    if (menu.open) { menu.open = false; menu.querySelector('summary').focus(); }
    else if ($('why').contains(document.activeElement)) unpick();
  });
  $('why-close').addEventListener('click', unpick);

  // ---- The certificate.

  let explained = '';
  let explaining = 0;
  async function explain(figure, was, isChosen) {
    const body = $('why-body');
    $('why').classList.toggle('open', isChosen);
    show($('why-close'), isChosen);
    if (!figure) {
      explained = '';
      explaining++;
      body.replaceChildren(el('p', null, isChosen ? words.why_none : words.why_hint));
      return;
    }
    const query = new URLSearchParams({ year: figure.year, figure: figure.figure, lang: root.lang });
    if (figure.subject) query.set('subject', figure.subject);
    if (figure.party) query.set('party', figure.party);
    if (asked.show) query.set('show', asked.show);
    for (const one of asked.set) query.append('set', one);
    const key = query + '#' + (live ? live.good : '') + JSON.stringify(was);
    if (key === explained) return;
    const isNew = explained.split('#')[0] !== String(query);
    explained = key;
    const own = ++explaining;
    if (isNew) {
      body.replaceChildren(el('p', null, words.loading));
      // On a small screen the certificate lies over the lower half; the cell it is of stays in sight.
      const chosen = grid.querySelector('td.chosen');
      if (chosen && getComputedStyle($('why')).position === 'fixed') chosen.scrollIntoView({ block: 'start', inline: 'nearest' });
    }
    try {
      const answer = await fetch('/api/explain?' + query, { headers: { Accept: 'application/json' } });
      const told = await answer.json().catch(() => null);
      if (own !== explaining) return;
      if (!answer.ok || !told) { body.replaceChildren(el('p', null, message(told) || words.why_none)); return; }
      const top = body.parentNode.scrollTop;
      body.replaceChildren(...certificate(told.certificates || [], was));
      body.parentNode.scrollTop = isNew ? 0 : top;
    } catch {
      if (own === explaining) { explained = ''; body.replaceChildren(el('p', null, fill(words.failed, { message: '' }))); }
    }
  }
  function certificate(nodes, was) {
    const parts = [];
    nodes.forEach((node, at) => {
      parts.push(el('h3', null, node.text));
      if (at === 0 && was) parts.push(el('p', { class: 'was' }, el('span', null, `${words.was} ${was.text}`), el('span', null, was.change), el('span', null, was.percent)));
      if (node.under && node.under.length) parts.push(el('ul', { class: 'tree' }, ...node.under.map((own) => branch(own, 0))));
    });
    return parts.length ? parts : [el('p', null, words.why_none)];
  }
  const ROLES = { plus: '+', minus: '−', result: '=', limit: '≤' };
  function branch(node, depth) {
    const line = el('span', { class: 'line' }, el('span', { class: 'role', 'aria-hidden': node.role ? null : 'true' }, ROLES[node.role] || ''), node.text);
    if (node.place) {
      const place = `${node.place.file}:${node.place.line}`;
      line.append(' ', el('button', { type: 'button', class: 'place', title: `${words.copy_place}: ${place}`, on: { click: (event) => { event.preventDefault(); copyText(place, event.currentTarget); } } }, shortPlace(node.place)));
    }
    const under = node.under && node.under.length ? el('ul', null, ...node.under.map((own) => branch(own, depth + 1))) : null;
    const item = el('li', { class: ROLES[node.role] ? node.role : null });
    if (under && depth >= 2) item.append(el('details', null, el('summary', null, line), under));
    else { item.append(line); if (under) item.append(under); }
    return item;
  }
  function shortPlace(place) {
    return `${String(place.file).split(/[\\/]/).pop()}:${place.line}`;
  }

  // ---- Pictures and other tables.

  function paintWaterfall(waterfall) {
    paintTable($('waterfall').querySelector('table'), {
      corner: words.step,
      columns: [{ id: 'bar', title: words.bar, unseen: true }, { id: 'amount', title: words.amount }],
      rows: waterfall.steps.map((own) => ({ id: own.id, title: own.title, kind: own.kind === 'total' ? 'total' : '', cells: [{ bar: own }, { text: own.text, machine: own.machine }] })),
    });
  }
  function paintBars(bars) {
    const columns = [{ id: 'bar', title: words.bar, unseen: true }, { id: 'amount', title: words.amount }, { id: 'part', title: words.of_all }];
    if (bars.compared) columns.push({ id: 'change', title: words.change }, { id: 'percent', title: words.percent });
    if (bars.per) columns.push({ id: 'per', title: words.per });
    paintTable($('bars').querySelector('table'), {
      corner: words.party,
      columns,
      rows: bars.rows.map((own) => {
        const cells = [{ bar: own }, { text: own.text, machine: own.machine }, { text: own.part }];
        if (bars.compared) cells.push({ text: own.change, machine: own.change_machine, class: own.tone === 'none' ? '' : own.tone }, { text: own.percent });
        if (bars.per) cells.push({ text: own.per || '..' });
        return { id: own.id, title: own.title, cells };
      }),
    });
  }
  function paintTables(group, tables) {
    show(group, tables.length > 0);
    const box = group.querySelector('.tables');
    const key = tables.map((own) => own.id).join('\n');
    if (box.dataset.key !== key) {
      box.dataset.key = key;
      box.replaceChildren(...tables.map(() => el('section', { class: 'panel' }, el('header', null, el('h3')), el('div', { class: 'scroll' }, el('table')), el('p', { class: 'note' }))));
    }
    tables.forEach((own, at) => {
      const panel = box.children[at];
      setText(panel.querySelector('h3'), own.title);
      setText(panel.querySelector('.note'), own.note || '');
      paintTable(panel.querySelector('table'), {
        corner: own.corner,
        columns: own.columns.map((column, index) => ({ id: String(index), ...column })),
        rows: own.rows.map((row, index) => ({ id: String(index), ...row, cells: row.cells.map((cell, column) => ({ ...cell, class: own.columns[column].words ? 'words' : '' })) })),
      });
    });
  }

  function paintProblems() {
    const problems = (live && live.problems) || [];
    const errors = problems.filter((own) => own.severity === 'error');
    const box = $('problems');
    show(box, problems.length > 0);
    box.classList.toggle('only-notices', errors.length === 0);
    setText($('problems-title'), `${words.problems} ${problems.length}`);
    const hint = !live || live.status === 'good' ? '' : live.status === 'stale' ? fill(words.stale_hint, { generation: live.good }) : words.waiting_hint;
    setText($('problems-hint'), hint);
    const key = JSON.stringify([problems, words.error]);
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    $('problems-list').replaceChildren(...problems.map((own, at) => {
      const place = own.file ? `${shortPlace(own)}${own.column ? ':' + own.column : ''}` : '';
      const head = el('summary', null, el('span', { class: 'tag ' + (own.severity === 'error' ? '' : 'notice') }, own.severity === 'error' ? words.error : words.notice), el('b', null, own.message), ' ', place ? el('code', { title: own.file }, place) : null);
      const details = el('details', { open: own.severity === 'error' && at < 3 }, head);
      if (own.excerpt) details.append(el('pre', { tabindex: '0' }, own.excerpt));
      // What the excerpt says already is not said again.
      for (const help of own.help || []) if (!String(own.excerpt).includes(help)) details.append(el('p', null, help));
      return el('li', null, details);
    }));
  }

  function paintFiles() {
    const files = (live && live.files) || [];
    show($('files'), files.length > 0);
    const kinds = { rules: words.rules_file, table: words.table_file, variant: words.variant_file, expected: words.expected_file, scenario: words.scenario };
    const states = { good: words.good, faulty: words.faulty, missing: words.missing_file };
    $('files').querySelector('ul').replaceChildren(...files.map((own) => el('li', null,
      el('span', { class: own.state === 'good' ? 'ok' : 'fail' }, own.name),
      el('span', null, own.state === 'good' ? kinds[own.kind] || own.kind : states[own.state] || own.state))));
    show($('last-change'), list($('last-change').querySelector('ul'), (live && live.changes) || []));
    const tests = live && live.tests;
    show($('tests'), true);
    setText($('tests-said'), tests ? [fill(words.tests_passed, tests), tests.deviations ? fill(words.deviations, { count: tests.deviations }) : ''].filter(Boolean).join(' · ') : words.no_tests);
    $('tests-said').className = tests ? (tests.failures && tests.failures.length ? 'fail' : 'ok') : '';
    list($('tests').querySelector('ul'), (tests && tests.failures) || []);
  }
  function paintProof(proof) {
    setText($('proof-said'), proof.summary);
    $('proof-said').className = proof.ok ? 'ok' : 'fail';
    $('proof').querySelector('table').replaceChildren(
      el('thead', null, el('tr', null, el('th', { scope: 'col' }, words.reconciliation), el('th', { scope: 'col' }, words.checks))),
      el('tbody', null, ...proof.checks.map((own) => el('tr', null, el('th', { scope: 'row', class: own.ok ? 'ok' : 'fail' }, own.words), el('td', { 'data-machine': own.count }, own.count)))));
    list($('proof').querySelector('ul'), proof.failures);
  }
  function paintCatalogue(rules) {
    const box = $('catalogue').querySelector('.cards');
    const key = JSON.stringify([rules, root.lang]);
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren(...rules.map((own) => el('article', { class: 'card' },
      el('h3', null, `${own.name}(${own.parameters.join(', ')})`),
      ...(own.documentation.length ? own.documentation : [words.undocumented]).map((line) => el('p', null, line)),
      el('p', { class: 'used' }, `${words.used_by}: ${own.used_by.length ? own.used_by.join(', ') : words.unused}${own.more ? ' ' + own.more : ''} · `, el('code', { class: 'place', title: own.place }, String(own.place).split(/[\\/]/).pop())))));
    if (!rules.length) box.append(el('p', null, words.no_rules));
  }

  // What scrolls can be reached by keyboard; the matrix is by its cells.
  function reachScrolls() {
    for (const box of document.querySelectorAll('.scroll:not(#matrix-scroll)')) {
      const panel = box.closest('.panel').querySelector('h2, h3');
      if (box.scrollWidth > box.clientWidth + 1 && panel) {
        box.tabIndex = 0;
        box.setAttribute('role', 'group');
        box.setAttribute('aria-label', panel.textContent);
      } else for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
    }
  }
  window.addEventListener('resize', reachScrolls);

  // ---- Taking tables out. A file is made of texts; a text that a spreadsheet would run is guarded.

  function tablesShown() {
    const found = [];
    for (const table of document.querySelectorAll('main table')) {
      if (!table.tHead || table.closest('[hidden]')) continue;
      const panel = table.closest('.panel');
      const title = panel && panel.querySelector('h2, h3');
      found.push({ title: title ? title.textContent : '', table });
    }
    return found;
  }
  function guarded(text) {
    return /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  }
  function headText(th) {
    const name = th.firstChild ? th.firstChild.textContent : '';
    const there = th.querySelector('.there');
    return there ? `${name} (${there.textContent})` : name;
  }
  // Rows of { text, isNumber }: a number is the machine text, anything else is text.
  function tableTexts(table) {
    const rows = [];
    const skip = (cell) => cell.classList.contains('bar-cell') || cell.querySelector('.unseen') !== null;
    for (const tr of table.rows) {
      rows.push([...tr.cells].filter((cell) => !skip(cell)).map((cell) => {
        if (cell.tagName === 'TH') return { text: headText(cell), isNumber: false };
        const machine = cell.dataset.machine;
        const isNumber = machine !== undefined && /^-?\d+(\.\d+)?$/.test(machine);
        return { text: isNumber ? machine : cell.textContent, isNumber };
      }));
    }
    return rows;
  }
  function tsv(table) {
    const flat = (own) => (own.isNumber ? own.text : guarded(own.text.replace(/\u2212/g, '-').replace(/[\t\r\n]+/g, ' ')));
    return tableTexts(table).map((row) => row.map(flat).join('\t')).join('\n') + '\n';
  }
  function csv(table) {
    // Spreadsheets in Norwegian open semicolons and decimal commas in columns.
    const isNorwegian = root.lang !== 'en';
    const [mark, lead] = isNorwegian ? [';', '\ufeff'] : [',', ''];
    const field = (own) => {
      const text = own.isNumber ? (isNorwegian ? own.text.replace('.', ',') : own.text) : guarded(own.text);
      return /[";,\r\n]/.test(text) && !(own.isNumber && isNorwegian) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return lead + tableTexts(table).map((row) => row.map(field).join(mark)).join('\r\n') + '\r\n';
  }
  async function copyText(text, button) {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = el('textarea', { class: 'unseen', 'aria-hidden': 'true', readonly: true });
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand('copy');
      area.remove();
      if (button) button.focus();
    }
    if (!done || !button) return;
    const before = button.textContent;
    if (before === words.copied) return;
    setText(button, words.copied);
    setText($('said'), words.copied);
    setTimeout(() => setText(button, before), 1200);
  }
  function saveCsv(own) {
    const name = `${(doc && doc.title) || 'fordel'} ${own.title}`.normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 80);
    const address = URL.createObjectURL(new Blob([csv(own.table)], { type: 'text/csv;charset=utf-8' }));
    const link = el('a', { download: `${name || 'fordel'}.csv` });
    link.href = address;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
  function paintExport() {
    const body = $('export-body');
    if ($('export').open) return;
    const button = (word, what) => el('button', { type: 'button', class: 'quiet', on: { click: what } }, word);
    body.replaceChildren(...tablesShown().map((own) => el('div', null, el('span', null, own.title),
      button(words.copy, (event) => copyText(tsv(own.table), event.currentTarget)), button(words.save_csv, () => saveCsv(own)))),
      el('div', null, el('span', null, ''), button(words.print, () => window.print())));
    // The same beside each table.
    for (const own of tablesShown()) {
      const header = own.table.closest('.panel').querySelector('header');
      if (!header) continue;
      for (const old of header.querySelectorAll('.quiet')) old.remove();
      const label = (word) => `${word}: ${own.title}`;
      const copy = button(words.copy, (event) => copyText(tsv(own.table), event.currentTarget));
      copy.setAttribute('aria-label', label(words.copy));
      const save = button('CSV', () => saveCsv(own));
      save.setAttribute('aria-label', label(words.save_csv));
      header.append(copy, save);
    }
  }

  // ---- What the reader does.

  function onChange(id, name, after) {
    $(id).addEventListener('change', (event) => {
      asked[name] = event.target.value;
      if (after) after();
      ask(0);
    });
  }
  onChange('lang', 'lang');
  onChange('unit', 'unit', () => { if (asked.unit === 'kr') asked.unit = ''; });
  onChange('show', 'show', () => { asked.page = ''; });
  onChange('against', 'against', () => {
    if (asked.against === 'none') { asked.against = ''; if (asked.cells !== 'per') asked.cells = ''; }
  });
  $('theme').addEventListener('change', (event) => {
    asked.theme = event.target.value === 'auto' ? '' : event.target.value;
    root.dataset.theme = event.target.value;
    remember();
  });
  $('cells').addEventListener('change', (event) => {
    asked.cells = event.target.value === 'amounts' ? '' : event.target.value;
    ask(0);
  });
  $('year').addEventListener('input', (event) => {
    const years = doc && doc.view ? doc.view.choices.years : [];
    const at = Number(event.target.value);
    yearText(years, at);
    asked.year = years[at] ? years[at].value : '';
    ask(60);
  });
  $('find').addEventListener('input', (event) => {
    asked.find = event.target.value;
    asked.page = '';
    ask(180);
  });
  $('find').addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { const stop = grid.querySelector('td[tabindex="0"]'); if (stop) { event.preventDefault(); stop.focus(); } }
  });
  $('pin').addEventListener('click', () => {
    if (!live || live.good === null || live.good === undefined) return;
    asked.against = 'pin:' + live.good;
    ask(0);
  });
  $('pause').addEventListener('click', () => {
    paused = !paused;
    paintLive();
    if (!paused) refresh();
  });
  $('reset').addEventListener('click', () => {
    asked.set = [];
    ask(0);
    const first = $('sliders').querySelector('input');
    if (first) first.focus();
  });
  $('save').addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = JSON.stringify({ name: $('save-name').value, title: $('save-title').value, set: asked.set });
    const headers = { 'Content-Type': 'application/json', 'X-Fordel-Token': (live && live.token) || '' };
    try {
      const answer = await fetch('/api/variants', { method: 'POST', headers, body });
      const told = await answer.json().catch(() => null);
      setText($('save-said'), answer.ok ? fill(words.saved, { name: `variants/${$('save-name').value}.ron` }) : message(told) || answer.statusText);
    } catch { setText($('save-said'), fill(words.failed, { message: '' })); }
  });
  document.addEventListener('click', (event) => {
    if ($('export').open && !$('export').contains(event.target)) $('export').open = false;
  });
  $('export').addEventListener('toggle', () => { if (!$('export').open) paintExport(); });
  window.addEventListener('beforeprint', () => {
    for (const closed of document.querySelectorAll('#why details:not([open])')) closed.open = true;
  });
  window.addEventListener('pagehide', () => { if (events) events.close(); });
  window.addEventListener('pageshow', (event) => { if (event.persisted) follow(); });

  root.lang = language();
  root.dataset.theme = asked.theme || 'auto';
  refresh();
  follow();
})();
