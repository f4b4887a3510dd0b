// Turns pasted text, CSV, TSV or Anki's text export into cards. Pure functions, but for HTML entities.

/** The longest text of the server's default settings, in code points. */
export const MAX_LENGTH = 20000;

export const SEPARATORS = { tab: '\t', pipe: '|', semicolon: ';', comma: ',', colon: ':', space: ' ' };

// In the order of trust: a tab or a bar hardly ever stands inside a text.
const DETECTED = ['tab', 'pipe', 'semicolon', 'comma'];
const SAMPLE = 200;
const LOOKED_AT = 300;

const HEADER = /^#\s*(separator|html|columns|deck|notetype|tags|(?:guid|notetype|deck|tags) column)\s*:(.*)$/i;

/**
 * Reads a table: {separator, html, names, deckName, rows: [{line, cells}], width, aside}. `separator` is the name of a
 * separator or, in an Anki file, any other character; `aside` are the columns that Anki says are no text.
 */
export function readTable(text, chosenSeparator) {
  const { headers, body, firstLine } = takeHeaders(text.replace(/^\uFEFF/, ''));
  const separator = chosenSeparator ?? separatorOf(headers) ?? detectSeparator(body);
  const rows = splitRows(body, SEPARATORS[separator] ?? separator, firstLine);
  const aside = ['guid', 'notetype', 'deck', 'tags']
    .map((name) => Number(headers.get(`${name} column`)) - 1)
    .filter((column) => column >= 0);
  return {
    separator,
    html: headers.get('html')?.toLowerCase() !== 'false',
    names: headers.has('columns') ? headers.get('columns').split(SEPARATORS[separator] ?? separator) : null,
    deckName: headers.get('deck') ?? null,
    rows,
    width: rows.reduce((width, row) => Math.max(width, row.cells.length), 0),
    aside,
  };
}

/** Anki writes lines such as "#separator:tab" above the notes. */
function takeHeaders(text) {
  const headers = new Map();
  let rest = text;
  let firstLine = 1;
  for (;;) {
    const end = /\r\n|\n|\r|$/.exec(rest);
    const match = HEADER.exec(rest.slice(0, end.index));
    if (!match) {
      return { headers, body: rest, firstLine };
    }
    // The tab of "#columns:Front<tab>Back" belongs to the value, as does the one of "#separator:<tab>".
    headers.set(match[1].toLowerCase(), match[2].replace(/^ +| +$/g, ''));
    rest = rest.slice(end.index + end[0].length);
    firstLine++;
  }
}

function separatorOf(headers) {
  const value = headers.get('separator');
  if (!value) {
    return null;
  }
  const name = value.toLowerCase();
  if (name in SEPARATORS) {
    return name;
  }
  return Object.keys(SEPARATORS).find((key) => SEPARATORS[key] === value[0]) ?? value[0];
}

/** The separator that parts most lines into the same number of columns, two at least. */
function detectSeparator(body) {
  let best = 'tab';
  let bestShare = 0;
  for (const name of DETECTED) {
    const rows = splitRows(body, SEPARATORS[name], 1, SAMPLE);
    const widths = new Map();
    for (const { cells } of rows) {
      widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
    }
    widths.delete(1);
    const share = Math.max(0, ...widths.values()) / Math.max(1, rows.length);
    // A less trusted separator has to be clearly better.
    if (share > bestShare + 0.1) {
      best = name;
      bestShare = share;
    }
  }
  return best;
}

/** Lines into cells. A cell may be quoted as in CSV (and then hold line ends); a lone quote is just a character. */
function splitRows(text, separator, firstLine, limit = Infinity) {
  const rows = [];
  let line = firstLine;
  let at = 0;
  while (at < text.length && rows.length < limit) {
    const cells = [];
    const row = { line, cells };
    for (;;) {
      const cell = quotedCell(text, at, separator) ?? plainCell(text, at, separator);
      cells.push(cell.value);
      line += cell.value.match(/\r\n|\n|\r/g)?.length ?? 0;
      at = cell.end;
      if (text[at] !== separator) {
        break;
      }
      at++;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line++;
    if (cells.some((value) => value.trim() !== '')) {
      rows.push(row);
    }
  }
  return rows;
}

function plainCell(text, start, separator) {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') {
    end++;
  }
  return { value: text.slice(start, end), end };
}

function quotedCell(text, start, separator) {
  if (text[start] !== '"') {
    return null;
  }
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) {
      return null;
    }
    const next = text[at + 1];
    if (next === '"') {
      at++;
    } else if (next === undefined || next === separator || next === '\n' || next === '\r') {
      return { value: text.slice(start + 1, at).replaceAll('""', '"'), end: at + 1 };
    } else {
      return null;
    }
  }
}

/** What will be spoken of a cell: without markup, sound references and cloze marks, every space a plain one. */
function spokenText(cell, { html, brackets }) {
  let text = cell.replace(/\[(?:sound|anki):[^\]]*\]/gi, ' ');
  for (let before = null; before !== text;) {
    before = text;
    text = text.replace(/\{\{c\d+::((?:(?!\{\{|\}\}|::).)*)(?:::(?:(?!\{\{|\}\}).)*)?\}\}/gs, '$1');
  }
  if (html) {
    text = decodeEntities(
      text
        .replace(/<(style|script)\b[^>]*>.*?<\/\1\s*>|<!--.*?-->/gis, ' ')
        .replace(/<\/?(?:br|hr|p|div|li|ul|ol|tr|td|th|table|h[1-6])\b[^<>]*>/gi, ' ')
        .replace(/<\/?[a-z][^<>]*>/gi, ''),
    );
  }
  if (brackets) {
    text = text.replace(/\([^()]*\)|\[[^[\]]*\]/g, ' ');
  }
  return plainSpaces(text.replace(INVISIBLE, ''));
}

/** The same folding as the server's: composed letters, and one plain space for any run of spaces. */
const plainSpaces = (text) => text.normalize('NFC').replace(/\s+/g, ' ').trim();

const INVISIBLE = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffd]/g;

function decodeEntities(text) {
  if (!text.includes('&')) {
    return text;
  }
  return new DOMParser().parseFromString(text.replaceAll('<', '&lt;'), 'text/html').documentElement.textContent;
}

const ENGLISH_NAME = /^(en|eng|english|anglais|front|recto|question)$/i;
const FRENCH_NAME = /^(fr|fra|fre|french|français|francais|back|verso|answer|réponse|reponse)$/i;

/** Guesses which columns are English and French (-1: none), and whether the first row holds headings. */
export function guessColumns(table) {
  const named = (names, pattern) => names?.findIndex((name) => pattern.test(name.trim())) ?? -1;
  const firstRow = table.rows[0]?.cells;
  const heading = named(firstRow, ENGLISH_NAME) >= 0 && named(firstRow, FRENCH_NAME) >= 0;
  const names = heading ? firstRow : table.names;
  let en = named(names, ENGLISH_NAME);
  let fr = named(names, FRENCH_NAME);
  if (en < 0 || fr < 0) {
    const columns = Array.from({ length: table.width }, (_, column) => column).filter((c) => !table.aside.includes(c));
    [en = -1, fr = -1] = columns;
  }
  // "Front" and "back" do not say which language they are, and without names nothing does but the texts.
  if (
    fr >= 0 &&
    looksSwapped(table.rows.slice(heading ? 1 : 0).map(({ cells }) => [cells[en] ?? '', cells[fr] ?? '']))
  ) {
    [en, fr] = [fr, en];
  }
  return { en, fr, heading };
}

// Words that nearly every sentence has some of, without those that both languages have (on, me, a, son, for, pour): the
// lists that the server goes by.
const words = (text) => new Set(text.split(' '));
const FRENCH_WORDS = words(
  'le la les un une des du de et est sont était suis êtes sommes je tu il elle nous vous ils elles mon ma mes ton ta tes ' +
    'ses notre votre leur ce cette ces que qui où quand comment pourquoi quel quelle avec dans sur pas ne avez avons ont ' +
    'ai au aux chez très l n qu j c',
);
const ENGLISH_WORDS = words(
  "the is are was were am be been you he she it we they my your his her our their this that these those what where who " +
    "when how why which and of to in with from have has had do does did not will would can could should there i at by as an",
);
const FRENCH_LOOK = /[éèêëàâçùûîïôœ]|^(?:[cdjlmnst]|qu)['’]/;
const ENGLISH_LOOK = /th|sh|w|ck|ing$|['’](?:s|t|m|re|ll|ve)$/;

const wordsOf = (text) =>
  text
    .slice(0, LOOKED_AT)
    .toLowerCase()
    .split(/[^\p{L}'’]+/u);

/** 1 for French, -1 for English, 0 for neither, as one-word texts often are. */
function frenchness(text) {
  let sum = 0;
  for (const word of wordsOf(text)) {
    sum += FRENCH_WORDS.has(word) || FRENCH_LOOK.test(word) ? 1 : 0;
    sum -= ENGLISH_WORDS.has(word) || ENGLISH_LOOK.test(word) ? 1 : 0;
  }
  return Math.sign(sum);
}

/** Whether a text by itself looks like the other language: two words of it and none of its own, or three times as many. */
function looksLike(language, meant, text) {
  // French elides and English contracts: the word is what stands before the apostrophe.
  const all = wordsOf(text).map((word) => word.split(/['’]/)[0]);
  const count = (list) => all.filter((word) => list.has(word)).length;
  return count(language) >= 2 && count(language) >= 3 * count(meant);
}

/** Whether one pair looks the wrong way round: both sides have to say so. */
const pairLooksSwapped = (en, fr) => frenchness(en) > 0 && frenchness(fr) < 0;

/** Whether most of the pairs that say anything look the wrong way round. */
export function looksSwapped(pairs) {
  let sum = 0;
  for (const [en, fr] of pairs.slice(0, SAMPLE)) {
    sum += frenchness(fr) - frenchness(en);
  }
  return sum < 0;
}

/** Whether there is anything in a text that can be spoken; the server refuses a text without a letter or digit. */
export const speakable = (text) => /[\p{L}\p{N}]/u.test(text);

const tooLong = (text) => text.length > MAX_LENGTH && [...text].length > MAX_LENGTH;

/** The cards of a table: {line, en, fr, remarks, leftOut}. A remark is the last part of the key of its words. */
export function toCards(table, { en, fr, heading, brackets }) {
  const options = { html: table.html, brackets };
  return table.rows.slice(heading ? 1 : 0).map(({ line, cells }) => {
    const raw = [cells[en] ?? '', cells[fr] ?? ''];
    const [enText, frText] = raw.map((cell) => spokenText(cell, options));
    const remarks = [];
    if (enText === '') {
      remarks.push('empty');
    } else if (!speakable(enText)) {
      remarks.push('mute');
    } else if (tooLong(enText) || tooLong(frText)) {
      remarks.push('long');
    }
    const leftOut = remarks.length > 0;
    if (!leftOut && fr >= 0 && !speakable(frText)) {
      remarks.push(frText === '' ? 'frEmpty' : 'frMute');
    }
    if (pairLooksSwapped(enText, frText)) {
      remarks.push('swapped');
    } else {
      remarks.push(...oddities(enText, frText));
    }
    if (!brackets && raw.some((cell, i) => plainSpaces(cell) !== [enText, frText][i])) {
      remarks.push('cleaned');
    }
    return { line, en: enText, fr: speakable(frText) ? frText : '', remarks, leftOut };
  });
}

/** What looks wrong in a text that is taken all the same, by the words that the server has for it. */
function oddities(en, fr) {
  return [
    looksLike(FRENCH_WORDS, ENGLISH_WORDS, en) ? 'looks_french' : null,
    looksLike(ENGLISH_WORDS, FRENCH_WORDS, fr) ? 'looks_english' : null,
    [en, fr].some((text) => speakable(text) && hasFewLetters(text)) ? 'few_letters' : null,
  ].filter(Boolean);
}

const hasFewLetters = (text) =>
  (text.match(/[\p{L}\p{N}\p{Mn}]/gu)?.length ?? 0) * 2 < (text.match(/\S/gu)?.length ?? 0);

// By the server's limits: cards of a deck, and a little less than the bytes of a request.
const MAX_CARDS = 10_000;
const MAX_BYTES = 1_000_000;

/** The first cards that one deck takes. */
export function fitting(cards) {
  const encoder = new TextEncoder();
  let bytes = 1000;
  let count = 0;
  for (const { en, fr } of cards.slice(0, MAX_CARDS)) {
    bytes += encoder.encode(JSON.stringify({ question: en, answers: [fr] })).length + 1;
    if (bytes > MAX_BYTES) {
      break;
    }
    count++;
  }
  return cards.slice(0, count);
}

/** Text of a file in UTF-8, UTF-16, or what spreadsheets on Windows write. */
export function decodeFile(bytes) {
  // Without a mark, the zero bytes of UTF-16 tell it: every other one in a text of Latin letters.
  const head = bytes.subarray(0, 1000);
  const zeros = head.filter((byte, i) => i % 2 === 1 && byte === 0).length;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || zeros > head.length / 3) {
    return new TextDecoder('utf-16le').decode(bytes);
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return new TextDecoder('utf-16be').decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: Excel in Western Europe saves CSV in its own code page.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
