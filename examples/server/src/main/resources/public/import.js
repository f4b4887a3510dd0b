// The page to add a deck: text in, columns chosen, a preview of what will be spoken, and the deck.

import * as api from './client.js';
import { checkbox, field, fill, h, notice, whileBusy } from './dom.js';
import { date, t } from './i18n.js';
import { filePicker } from './import-file.js';
import { previewTable } from './import-preview.js';
import { SEPARATORS, fitting, guessColumns, looksSwapped, readTable, toCards } from './import-text.js';
import { refusalNotice } from './words.js';

const TYPING_MS = 250;
const FIRST_ROWS = 10;
const MORE_ROWS = 100;
const MOST_SHOWN = 200_000;
const MOST_ROWS = 15_000;

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
  let chosen = [];
  // Lines that come after more than a deck takes.
  let unread = 0;
  let shownRows = FIRST_ROWS;
  let onlyRemarked = false;
  let typing = null;

  const text = h('textarea', { rows: 8, spellcheck: 'false', oninput: typed });
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

  /** A large text is not shown whole, which would keep the browser busy for seconds. */
  function showText() {
    text.value = draft.text.length > MOST_SHOWN ? '' : draft.text;
  }

  function fileRead(fileText, fileName) {
    draft.text = fileText;
    showText();
    newText({ name: fileName });
    return table?.rows.length ?? 0;
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
    const rows = table?.rows.slice(0, MOST_ROWS) ?? [];
    cards = table ? toCards({ ...table, rows }, { ...draft.columns, brackets: draft.brackets }) : [];
    unread = (table?.rows.length ?? 0) - rows.length;
    chosen = fitting(cards.filter((card) => !card.leftOut));
    showPreview();
    finish.hidden = chosen.length === 0;
    create.textContent = t('import.create', { n: chosen.length });
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
    const total = good.length + unread;
    const texts = chosen.flatMap(({ en, fr }) => [`en ${en}`, ...(fr ? [`fr ${fr}`] : [])]);
    const repeats = texts.length - new Set(texts).size;
    const characters = chosen.reduce((sum, { en, fr }) => sum + [...en].length + [...fr].length, 0);
    const lines = onlyRemarked ? cards.filter((card) => card.remarks.length > 0) : cards;
    const rest = Math.max(0, lines.length - shownRows);
    fill(
      preview,
      h('h2', { id: 'step3' }, t('import.step3')),
      h(
        'p',
        { role: 'status' },
        [
          t('import.summary', { n: chosen.length, characters }),
          repeats > 0 ? t('import.repeats', { n: repeats }) : null,
          good.length < cards.length ? t('import.leftOut', { n: cards.length - good.length }) : null,
        ]
          .filter(Boolean)
          .join(' '),
      ),
      chosen.length < total
        ? notice('warning', h('p', {}, t('import.tooMany', { n: chosen.length, total })))
        : null,
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
    const deckCards = chosen.map(({ en, fr }) => ({ question: en, answers: fr ? [fr] : [] }));
    const title = draft.name.trim() || t('import.defaultName', { date: date(new Date()) });
    await whileBusy(create, async () => {
      try {
        const deck = await api.createDeck(title, deckCards);
        draft = emptyDraft();
        go(`#/decks/${deck.id}`, t('deck.created'));
      } catch (error) {
        fill(refusal, refusalNotice(error));
      }
    });
  }

  function fillExample() {
    draft.text = EXAMPLE;
    showText();
    newText({});
  }

  showText();
  setTitle(t('import.title'));
  fill(
    main,
    h('div', { class: 'page-head' }, h('h1', { tabindex: '-1' }, t('import.title'))),
    h(
      'section',
      { 'class': 'card', 'aria-labelledby': 'step1' },
      h('h2', { id: 'step1' }, t('import.step1')),
      field('text', t('import.text'), text, t('import.textHint')),
      filePicker(fileRead),
      h('button', { type: 'button', class: 'link', onclick: fillExample }, t('import.example')),
    ),
    choices,
    preview,
    finish,
  );
  read();
  signal.addEventListener('abort', () => clearTimeout(typing));
}
