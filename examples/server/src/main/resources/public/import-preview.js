// The table of what will be spoken, line by line, before there is a deck.

import { h, icon } from './dom.js';
import { has, t } from './i18n.js';
import { MAX_LENGTH } from './import-text.js';
import { shorten } from './text-groups.js';

const COLUMNS = ['import.line', 'import.en', 'import.fr', 'import.remark'];

/** A table of cards as {@link toCards} makes them. */
export function previewTable(cards) {
  return h(
    'div',
    { 'class': 'table-scroll', 'tabindex': '0', 'role': 'region', 'aria-label': t('import.preview') },
    h(
      'table',
      { class: 'preview', role: 'table' },
      h('caption', { class: 'visually-hidden' }, t('import.preview')),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          COLUMNS.map((key) => h('th', { scope: 'col', role: 'columnheader' }, t(key))),
        ),
      ),
      h('tbody', { role: 'rowgroup' }, cards.map(row)),
    ),
  );
}

function row({ line, en, fr, remarks, leftOut }) {
  return h(
    'tr',
    { role: 'row', class: leftOut ? 'left-out' : null },
    h('td', { role: 'cell', class: 'number' }, String(line)),
    cell('en', en),
    cell('fr', fr),
    h('td', { role: 'cell', class: 'remarks' }, remarks.map(remarkPart)),
  );
}

// On a narrow screen the columns stand below each other and have no heads: the name goes with the text.
const cell = (lang, text) =>
  h('td', { 'role': 'cell', 'data-column': t(`import.${lang}`) }, text ? h('bdi', { lang }, shorten(text)) : null);

function remarkPart(remark) {
  const harmless = remark === 'cleaned';
  return h(
    'span',
    { class: harmless ? 'remark' : 'remark remark-warning' },
    harmless ? null : icon('failed'),
    has(`warning.${remark}`) ? t(`warning.${remark}`) : t(`import.remark.${remark}`, { limit: MAX_LENGTH }),
  );
}
