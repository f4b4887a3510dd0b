// The table of a deck's cards: both texts, a player for each, and what is still missing.

import { SIDES, lacksAudio, resultsByCard, sideState } from './cards.js';
import { field, fill, h, icon, speech } from './dom.js';
import { ended } from './follow.js';
import { languageName, t } from './i18n.js';
import * as player from './player.js';
import { failureWords, warningWords } from './words.js';

const PAGE = 200;

/**
 * Builds the table; `update(job)` shows the newest state of the audio, `warn(warnings)` what looks wrong in the texts,
 * `pieces()` is what "play all" plays: English, then French, card by card, of the cards that are shown.
 * `onRevoice(button, card)` is called when a card shall be spoken by another voice.
 */
export function cardTable(cards, { onRevoice, signal }) {
  let job = null;
  let results = new Map();
  let warnings = new Map();
  let limit = PAGE;
  let rows = [];

  const search = h('input', { type: 'search', autocomplete: 'off', oninput: refilter });
  const show = h(
    'select',
    { onchange: refilter },
    ['all', 'missing', 'failed'].map((value) => h('option', { value }, t(`deck.show.${value}`))),
  );
  const count = h('p', { class: 'hint', role: 'status' });
  const body = h('tbody', { role: 'rowgroup' });
  const more = h('button', { type: 'button', onclick: showMore });
  const element = h(
    'section',
    { 'aria-labelledby': 'cards-title' },
    h('h2', { id: 'cards-title' }, t('deck.cards')),
    h(
      'div',
      { class: 'toolbar' },
      field('search', t('deck.search'), search),
      field('show', t('deck.show'), show),
      count,
    ),
    h(
      'table',
      { role: 'table', class: 'cards' },
      h('caption', { class: 'visually-hidden' }, t('deck.cards')),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          head({ class: 'number' }, t('deck.number')),
          head({}, t('deck.en')),
          head({}, t('deck.fr')),
          head({ class: 'action' }, h('span', { class: 'visually-hidden' }, t('voice.column'))),
        ),
      ),
      body,
    ),
    more,
  );

  function matching() {
    const words = search.value.trim().toLowerCase();
    return cards.filter((card) => {
      const found = words === '' || SIDES.some((side) => side.text(card).toLowerCase().includes(words));
      return found && stateMatches(card);
    });
  }

  function stateMatches(card) {
    if (show.value === 'missing') {
      return lacksAudio(card, job, results);
    }
    if (show.value === 'failed') {
      return SIDES.some((side) => sideState(card, side, job, results).state === 'failed');
    }
    return true;
  }

  function refilter() {
    limit = PAGE;
    render();
  }

  function showMore() {
    const first = limit;
    limit += PAGE;
    render();
    rows[first]?.element.querySelector('button')?.focus();
  }

  function render() {
    const found = matching();
    rows = found.slice(0, limit).map(row);
    fill(
      body,
      rows.map(({ element: line }) => line),
    );
    const hidden = found.length - rows.length;
    more.hidden = hidden === 0;
    more.textContent = t('deck.more', { n: Math.min(PAGE, hidden) });
    const filtered = search.value.trim() !== '' || show.value !== 'all';
    count.textContent = !filtered ? '' : found.length === 0 ? t('deck.notFound') : t('deck.found', { n: found.length });
  }

  function row(card) {
    const cells = SIDES.map((side) => cell(card, side));
    const name = t('voice.change', { text: SIDES[0].text(card) });
    const revoice = h(
      'button',
      { 'type': 'button', 'class': 'round quiet', 'aria-label': name, 'title': t('voice.column') },
      icon('voice'),
    );
    revoice.addEventListener('click', () => onRevoice(revoice, card));
    const line = h(
      'tr',
      { role: 'row' },
      h('td', { role: 'cell', class: 'number' }, String(cards.indexOf(card) + 1)),
      cells.map((one) => one.element),
      h('td', { role: 'cell', class: 'action' }, revoice),
    );
    const refresh = () => {
      cells.forEach((one) => one.refresh());
      const active = player.playing()?.cardId === card.id;
      if (active && !line.classList.contains('playing')) {
        line.scrollIntoView({ block: 'nearest' });
      }
      line.classList.toggle('playing', active);
      revoice.disabled = (job !== null && !ended(job)) || !SIDES.some((side) => card[side.url]);
    };
    refresh();
    return {
      refresh,
      element: line,
    };
  }

  function cell(card, side) {
    const key = `${card.id}:${side.lang}`;
    const slot = h('span', { class: 'slot' });
    const problem = h('span', { class: 'problem' });
    const remarks = h('span', { class: 'odd' });
    let shown = null;

    function refresh() {
      const now = sideState(card, side, job, results);
      const active = now.state === 'ready' && player.playing()?.key === key;
      const odd = warnings.get(key) ?? [];
      const look = `${now.state} ${active} ${now.url ?? now.failure?.code ?? ''} ${odd.join(' ')}`;
      if (look === shown) {
        return;
      }
      shown = look;
      const focused = slot.contains(document.activeElement);
      fill(slot, now.state === 'ready' ? button(active) : icon(STATE_ICONS[now.state], t(`deck.state.${now.state}`)));
      slot.className = `slot slot-${now.state}`;
      problem.textContent = now.failure ? failureWords(now.failure) : '';
      remarks.textContent = odd.join(' ');
      if (focused) {
        slot.querySelector('button')?.focus();
      }
    }

    function button(active) {
      const label = active
        ? t('deck.stop')
        : t('deck.play', { language: languageName(side.lang), text: side.text(card) });
      return h(
        'button',
        {
          'type': 'button',
          'class': active ? 'round active' : 'round',
          'aria-label': label,
          'onclick': () => (active ? player.stop() : player.play([piece(card, side)])),
        },
        icon(active ? 'stop' : 'play'),
      );
    }

    refresh();
    return {
      refresh,
      element: h(
        'td',
        { role: 'cell' },
        h(
          'div',
          { class: 'side' },
          slot,
          h('span', { class: 'side-text' }, speech(side.lang, side.text(card)), problem, remarks),
        ),
      ),
    };
  }

  function piece(card, side) {
    return {
      key: `${card.id}:${side.lang}`,
      cardId: card.id,
      url: sideState(card, side, job, results).url,
      lang: side.lang,
      text: side.text(card),
    };
  }

  function refreshAll() {
    rows.forEach((one) => one.refresh());
  }

  player.onPlaying(refreshAll, signal);
  render();

  return {
    element,
    update(newJob) {
      job = newJob;
      results = resultsByCard(job);
      refreshAll();
    },
    warn(list) {
      warnings = new Map();
      for (const { cardId, lang, ...finding } of list) {
        const key = `${cardId}:${lang}`;
        warnings.set(key, [...(warnings.get(key) ?? []), warningWords(finding)]);
      }
      refreshAll();
    },
    pieces() {
      return matching()
        .flatMap((card) => SIDES.map((side) => piece(card, side)))
        .filter(({ url }) => url);
    },
  };
}

// On a narrow screen the table is laid out as a list, which would take its rows and cells away from a screen reader.
const head = (look, content) => h('th', { role: 'columnheader', scope: 'col', ...look }, content);

const STATE_ICONS = { waiting: 'clock', making: 'clock', missing: 'none', none: 'none', failed: 'failed' };
