// The one player of the page: a list of pieces, played one after the other, with a bar to control it.

import { fill, h, icon } from './dom.js';
import { t } from './i18n.js';

// A short silence between two pieces, and a longer one before the next card, so that a listener can follow.
const PAUSE_MS = 350;
const CARD_PAUSE_MS = 800;

const audio = document.getElementById('audio');
const bar = document.getElementById('player');
const listeners = new Set();

let list = [];
let position = -1;
let timer = null;
let broken = false;

audio.addEventListener('ended', () => {
  const next = list[position + 1];
  if (!next) {
    stop();
    return;
  }
  timer = setTimeout(() => start(position + 1), next.cardId === list[position].cardId ? PAUSE_MS : CARD_PAUSE_MS);
});
audio.addEventListener('error', () => {
  if (position >= 0) {
    failed();
  }
});
audio.addEventListener('play', changed);
audio.addEventListener('pause', changed);

/** The piece that is playing or paused, if any. */
export const playing = () => list[position] ?? null;

/** Plays pieces of the form {key, cardId, url, lang, text} in order. */
export function play(pieces) {
  list = pieces;
  start(0);
}

export function stop() {
  clearTimeout(timer);
  list = [];
  position = -1;
  audio.pause();
  audio.removeAttribute('src');
  broken = false;
  changed();
}

/** Calls `listener` each time something else is played, until `signal` is aborted. */
export function onPlaying(listener, signal) {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener));
}

function start(index) {
  clearTimeout(timer);
  position = index;
  broken = false;
  audio.src = list[index].url;
  audio.play().catch((error) => {
    // Another piece was chosen before this one began: nothing is wrong.
    if (error.name !== 'AbortError' && error.name !== 'NotSupportedError') {
      failed();
    }
  });
  changed();
}

function failed() {
  stop();
  broken = true;
  changed();
}

function changed() {
  render();
  for (const listener of listeners) {
    listener();
  }
}

function render() {
  const piece = playing();
  if (broken) {
    showFailure();
    return;
  }
  if (!piece) {
    if (bar.contains(document.activeElement)) {
      document.getElementById('main').focus();
    }
    bar.hidden = true;
    fill(bar);
    return;
  }
  const focused = bar.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  const paused = audio.paused && !audio.ended;
  const several = list.length > 1;
  fill(
    bar,
    h('p', { class: 'player-text' }, h('bdi', { lang: piece.lang }, piece.text)),
    several
      ? h('p', { class: 'player-position' }, t('player.position', { number: position + 1, total: list.length }))
      : null,
    h(
      'div',
      { class: 'player-controls' },
      several ? control('previous', t('player.previous'), () => start(Math.max(0, position - 1))) : null,
      paused
        ? control('play', t('player.resume'), () => audio.play(), 'toggle')
        : control('pause', t('player.pause'), () => audio.pause(), 'toggle'),
      several ? control('next', t('player.next'), () => start(Math.min(list.length - 1, position + 1))) : null,
      control('stop', t('player.stop'), stop),
    ),
  );
  bar.hidden = false;
  bar.querySelector(`[data-control="${focused}"]`)?.focus();
}

function showFailure() {
  // The browser reports one failure in several ways; it is told once.
  if (!bar.querySelector('[role="alert"]')) {
    fill(bar, h('p', { class: 'player-text', role: 'alert' }, t('player.failed')), control('stop', t('close'), stop));
  }
  bar.hidden = false;
}

function control(name, label, onclick, id = name) {
  return h(
    'button',
    { 'type': 'button', 'class': 'round', 'aria-label': label, 'title': label, 'data-control': id, onclick },
    icon(name),
  );
}
