// A list of texts by what there is to say about them.

import { h, speech } from './dom.js';
import { languageName, t } from './i18n.js';

const LISTED = 5;

/** Shows entries of the form {words, lang, text}, those with the same words together and only the first of each. */
export function textGroups(entries) {
  const groups = new Map();
  for (const { words, lang, text } of entries) {
    groups.set(words, [...(groups.get(words) ?? []), { lang, text }]);
  }
  return [...groups].map(([words, texts]) => [
    h('p', {}, words),
    h(
      'ul',
      {},
      texts
        .slice(0, LISTED)
        .map(({ lang, text }) =>
          h('li', {}, h('span', { class: 'tag' }, languageName(lang)), speech(lang, shorten(text))),
        ),
      texts.length > LISTED ? h('li', {}, t('list.more', { n: texts.length - LISTED })) : null,
    ),
  ]);
}

/** A text that is too long to be shown whole among others. */
export const shorten = (text) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
