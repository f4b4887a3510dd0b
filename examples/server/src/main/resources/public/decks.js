// The list of the user's decks.

import * as api from './client.js';
import { SIDES, lacksAudio, resultsByCard } from './cards.js';
import { fill, h, icon } from './dom.js';
import { t } from './i18n.js';
import { statusWord } from './job-panel.js';
import { usagePanel } from './usage.js';

export async function decksView({ main, signal, setTitle }) {
  const [decks, usage, ...atWork] = await Promise.all([
    api.decks(signal),
    usagePanel(signal),
    ...['pending', 'processing'].map((status) => api.jobs({ status }, signal)),
  ]);
  const running = new Map(atWork.flatMap(({ jobs }) => jobs).map((job) => [job.deckId, job]));
  setTitle(t('decks.title'));
  fill(
    main,
    h(
      'div',
      { class: 'page-head' },
      h('h1', { tabindex: '-1' }, t('decks.title')),
      h(
        'div',
        { class: 'actions' },
        h('a', { class: 'button primary', href: '#/import' }, icon('plus'), t('decks.add')),
      ),
    ),
    decks.length === 0
      ? h('p', { class: 'card empty' }, t('decks.none'))
      : h('ul', { class: 'deck-list' }, decks.map((deck) => deckItem(deck, running.get(deck.id)))),
    usage,
  );
}

function deckItem(deck, job) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'card deck', href: `#/decks/${deck.id}` },
      h('bdi', { class: 'deck-name' }, deck.name),
      deck.cards ? h('span', { class: 'hint' }, deckWords(deck.cards)) : null,
      job ? h('span', { class: `badge badge-${statusWord(job).tone}` }, statusWord(job).text) : null,
    ),
  );
}

function deckWords(cards) {
  const results = resultsByCard(null);
  const complete = cards.filter((card) => hasAudio(card) && !lacksAudio(card, null, results)).length;
  const audio =
    complete === 0
      ? t('decks.noAudio')
      : complete === cards.length
        ? t('decks.complete')
        : t('decks.withAudio', { n: complete });
  return `${t('decks.cards', { n: cards.length })} · ${audio}`;
}

const hasAudio = (card) => SIDES.some((side) => card[side.url]);
