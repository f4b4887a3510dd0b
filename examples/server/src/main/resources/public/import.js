// The page to add a deck: text in, columns chosen, a preview of what will be spoken, and the deck.

import * as api from './client.js';
import { announce, checkbox, field, fill, h, icon, notice, whileBusy } from './dom.js';
import { date, t } from './i18n.js';
import { MAX_LENGTH, SEPARATORS, decodeFile, guessColumns, looksSwapped, readTable, toCards } from './import-text.js';
import { refusalWords, refusedFields } from './words.js';

const MAX_FILE_BYTES = 5_000_000;
// A little less than what the server takes in one request.
const MAX_DECK_BYTES = 1_000_000;
const TYPING_MS = 250;
const FIRST_ROWS = 10;
const MORE_ROWS = 100;

const EXAMPLE = [
  'English\tFrench',
  'Good morning\tBonjour',
  'How are you?\tComment ça va ?',
  'I would like a coffee, please.\tJe voudrais un café, s’il vous plaît.',
  'Where is the station?\tOù est la gare ?',
  'See you tomorrow!\tÀ demain !',
].join('\n');

const emptyDraft = () => ({ text: '', name: '', separator: null, columns: null, brackets: false });

// Kept outside the view, so that changing the language of the page loses nothing.
let draft = emptyDraft();

export async function importView({ main, signal, setTitle, go }) {
  let table = null;
  let cards = [];
  let shownRows = FIRST_ROWS;
  let onlyRemarked = false;
  let typing = null;

  const text = h('textarea', { rows: 8, spellcheck: 'false', value: draft.text, oninput: typed });
  const file = h('input', {
    type: 'file',
    accept: '.csv,.tsv,.txt,.psv,.apkg,.xlsx,text/csv,text/plain,text/tab-separated-values',
    onchange: fileChosen,
  });
  const fileWords = h('div');
  const choices = h('section', { 'class': 'card', 'aria-labelledby': 'step2' });
  const preview = h('section', { 'class': 'card', 'aria-labelledby': 'step3' });
  const name = h('input', {
    maxlength: 200,
    autocomplete: 'off',
    value: draft.name,
    oninput: () => (draft.name = name.value),
  });
  const refusal = h('div');
  const create = h('button', { type: 'submit', class: 'primary' });
  const finish = h(
    'form',
    { class: 'card', onsubmit: submit },
    field('deck-name', t('import.name'), name),
    refusal,
    create,
  );

  function typed() {
    draft.text = text.value;
    clearTimeout(typing);
    typing = setTimeout(() => newText({}), TYPING_MS);
  }

  async function fileChosen() {
    const [chosen] = file.files;
    if (!chosen) {
      return;
    }
    const problem = fileProblem(chosen);
    if (problem) {
      fill(fileWords, notice('error', h('p', {}, t(problem))));
      return;
    }
    let bytes;
    try {
      bytes = new Uint8Array(await chosen.arrayBuffer());
    } catch {
      // The file was moved, or may not be read.
      fill(fileWords, notice('error', h('p', {}, t('import.fileUnreadable'))));
      return;
    }
    draft.text = decodeFile(bytes);
    text.value = draft.text;
    newText({ name: chosen.name.replace(/\.[^.]+$/, '') });
    const words = t('import.fileRead', { name: chosen.name, n: table?.rows.length ?? 0 });
    fill(fileWords, h('p', { class: 'hint' }, words));
    announce(words);
  }

  /** Reads the text anew and guesses what is what. */
  function newText({ name: newName }) {
    draft.separator = null;
    draft.columns = null;
    if (newName) {
      draft.name = newName;
      name.value = newName;
    }
    read();
  }

  function read() {
    shownRows = FIRST_ROWS;
    table = draft.text.trim() === '' ? null : readTable(draft.text, draft.separator);
    if (table) {
      draft.columns ??= guessColumns(table);
      if (draft.name === '' && table.deckName) {
        draft.name = table.deckName.split('::').at(-1);
        name.value = draft.name;
      }
    }
    showChoices();
    update();
  }

  function update() {
    cards = table ? toCards(table, { ...draft.columns, brackets: draft.brackets }) : [];
    showPreview();
    const good = cards.filter((card) => !card.leftOut);
    finish.hidden = good.length === 0;
    create.textContent = t('import.create', { n: good.length });
    fill(refusal);
  }

  function showChoices() {
    choices.hidden = table === null;
    if (!table) {
      return;
    }
    const separator = h('select', { onchange: () => reread(separator.value) }, separatorOptions());
    const english = columnSelect('en', false);
    const french = columnSelect('fr', true);
    fill(
      choices,
      h('h2', { id: 'step2' }, t('import.step2')),
      h(
        'div',
        { class: 'grid' },
        field('separator', t('import.separator'), separator),
        field('column-en', t('import.english'), english),
        field('column-fr', t('import.french'), french),
      ),
      table.width < 2 ? notice('info', h('p', {}, t('import.oneColumn'))) : null,
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', onclick: swap, disabled: draft.columns.fr < 0 }, t('import.swap')),
        checkbox('heading', t('import.heading'), draft.columns.heading, (e) => choose({ heading: e.target.checked })),
        checkbox('brackets', t('import.brackets'), draft.brackets, (e) => {
          draft.brackets = e.target.checked;
          update();
        }),
      ),
    );
  }

  function separatorOptions() {
    const known = Object.keys(SEPARATORS);
    const all = known.includes(table.separator) ? known : [...known, table.separator];
    return all.map((value) => {
      const label = known.includes(value) ? t(`import.separator.${value}`) : value;
      return h('option', { value, selected: value === table.separator }, label);
    });
  }

  function columnSelect(side, optional) {
    const columns = Array.from({ length: table.width }, (_, column) => column);
    const select = h('select', { onchange: () => choose({ [side]: Number(select.value) }) });
    for (const column of optional ? [-1, ...columns] : columns) {
      select.append(h('option', { value: column, selected: column === draft.columns[side] }, columnLabel(column)));
    }
    return select;
  }

  function columnLabel(column) {
    if (column < 0) {
      return t('import.noColumn');
    }
    const names = draft.columns.heading ? table.rows[0].cells : table.names;
    const title = names?.[column]?.trim();
    return title
      ? t('import.columnNamed', { number: column + 1, name: title.slice(0, 40) })
      : t('import.column', { number: column + 1 });
  }

  function reread(separator) {
    draft.separator = separator;
    draft.columns = null;
    read();
    document.getElementById('separator').focus();
  }

  function choose(change) {
    draft.columns = { ...draft.columns, ...change };
    update();
  }

  function swap() {
    const { en, fr } = draft.columns;
    choose({ en: fr, fr: en });
    document.getElementById('column-en').value = fr;
    document.getElementById('column-fr').value = en;
  }

  function showPreview() {
    preview.hidden = cards.length === 0;
    if (cards.length === 0) {
      return;
    }
    const good = cards.filter((card) => !card.leftOut);
    const texts = good.flatMap(({ en, fr }) => [`en ${en}`, ...(fr ? [`fr ${fr}`] : [])]);
    const repeats = texts.length - new Set(texts).size;
    const characters = good.reduce((sum, { en, fr }) => sum + [...en].length + [...fr].length, 0);
    const lines = onlyRemarked ? cards.filter((card) => card.remarks.length > 0) : cards;
    const rest = Math.max(0, lines.length - shownRows);
    fill(
      preview,
      h('h2', { id: 'step3' }, t('import.step3')),
      h(
        'p',
        { role: 'status' },
        [
          t('import.summary', { n: good.length, characters }),
          repeats > 0 ? t('import.repeats', { n: repeats }) : null,
          good.length < cards.length ? t('import.leftOut', { n: cards.length - good.length }) : null,
        ]
          .filter(Boolean)
          .join(' '),
      ),
      looksSwapped(good.map(({ en, fr }) => [en, fr]))
        ? notice(
            'warning',
            h('p', {}, t('import.swapped')),
            h('button', { type: 'button', onclick: swap }, t('import.swap')),
          )
        : null,
      cards.some((card) => card.remarks.length > 0)
        ? checkbox('remarked', t('import.remarked'), onlyRemarked, (e) => {
            onlyRemarked = e.target.checked;
            showPreview();
            document.getElementById('remarked').focus();
          })
        : null,
      previewTable(lines.slice(0, shownRows)),
      rest > 0
        ? h('button', { type: 'button', onclick: showMore }, t('import.more', { n: Math.min(MORE_ROWS, rest) }))
        : null,
    );
  }

  function showMore() {
    shownRows += MORE_ROWS;
    showPreview();
    preview.querySelector('.table-scroll').focus();
  }

  async function submit(event) {
    event.preventDefault();
    const chosen = cards.filter((card) => !card.leftOut);
    const deckCards = chosen.map(({ en, fr }) => ({ question: en, answers: fr ? [fr] : [] }));
    const title = draft.name.trim() || t('import.defaultName', { date: date(new Date()) });
    if (new TextEncoder().encode(JSON.stringify(deckCards)).length > MAX_DECK_BYTES) {
      fill(refusal, notice('error', h('p', {}, t('import.tooLarge'))));
      return;
    }
    await whileBusy(create, async () => {
      try {
        const deck = await api.createDeck(title, deckCards);
        draft = emptyDraft();
        go(`#/decks/${deck.id}`, t('deck.created'));
      } catch (error) {
        fill(
          refusal,
          notice(
            'error',
            h('p', {}, refusalWords(error)),
            refusedFields(error)
              .slice(0, 5)
              .map((one) => h('p', {}, one)),
          ),
        );
      }
    });
  }

  function fillExample() {
    draft.text = EXAMPLE;
    text.value = EXAMPLE;
    newText({});
  }

  setTitle(t('import.title'));
  fill(
    main,
    h('div', { class: 'page-head' }, h('h1', { tabindex: '-1' }, t('import.title'))),
    h(
      'section',
      { 'class': 'card', 'aria-labelledby': 'step1' },
      h('h2', { id: 'step1' }, t('import.step1')),
      field('text', t('import.text'), text, t('import.textHint')),
      field('file', t('import.file'), file, t('import.fileHint')),
      fileWords,
      h('button', { type: 'button', class: 'link', onclick: fillExample }, t('import.example')),
    ),
    choices,
    preview,
    finish,
  );
  read();
  signal.addEventListener('abort', () => clearTimeout(typing));
}

function fileProblem({ name, size }) {
  if (/\.(apkg|colpkg)$/i.test(name)) {
    return 'import.package';
  }
  if (/\.(xlsx?|ods|numbers)$/i.test(name)) {
    return 'import.spreadsheet';
  }
  return size > MAX_FILE_BYTES ? 'import.fileTooLarge' : null;
}

function previewTable(lines) {
  return h(
    'div',
    { 'class': 'table-scroll', 'tabindex': '0', 'role': 'region', 'aria-label': t('import.preview') },
    h(
      'table',
      { class: 'preview' },
      h('caption', { class: 'visually-hidden' }, t('import.preview')),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['import.line', 'import.en', 'import.fr', 'import.remark'].map((key) => h('th', { scope: 'col' }, t(key))),
        ),
      ),
      h('tbody', {}, lines.map(previewRow)),
    ),
  );
}

function previewRow({ line, en, fr, remarks, leftOut }) {
  return h(
    'tr',
    { class: leftOut ? 'left-out' : null },
    h('td', { class: 'number' }, String(line)),
    h('td', {}, h('bdi', { lang: 'en' }, shorten(en))),
    h('td', {}, h('bdi', { lang: 'fr' }, shorten(fr))),
    h(
      'td',
      { class: 'remarks' },
      remarks.map((remark) =>
        h(
          'span',
          { class: remark === 'cleaned' ? 'remark' : 'remark remark-warning' },
          remark === 'cleaned' ? null : icon('failed'),
          t(`import.remark.${remark}`, { limit: MAX_LENGTH }),
        ),
      ),
    ),
  );
}

const shorten = (text) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
