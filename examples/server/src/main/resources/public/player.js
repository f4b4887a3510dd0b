// The one player of the page: a list of pieces, played one after the other, with a bar to control it.

import { fill, h, icon, speech } from './dom.js';
import { t } from './i18n.js';

// A short silence between two pieces, and a longer one before the next card, so that a listener can follow.
const PAUSE_MS = 350;
const CARD_PAUSE_MS = 800;

const audio = document.getElementById('audio');
const bar = document.getElementById('player');
const listeners = new Set();

let list = [];
let position = -1;
// Runs in the silence before the next piece.
let timer = null;
let paused = false;
let broken = false;

audio.addEventListener('ended', () => {
  const following = list[position + 1];
  if (!following) {
    stop();
    return;
  }
  const silence = following.cardId === list[position].cardId ? PAUSE_MS : CARD_PAUSE_MS;
  timer = setTimeout(() => start(position + 1), silence);
  changed();
});
audio.addEventListener('error', () => {
  if (position >= 0) {
    failed();
  }
});
// The browser may pause and go on by itself, as when a headset is taken off.
audio.addEventListener('pause', () => {
  if (position >= 0 && !audio.ended) {
    paused = true;
    changed();
  }
});
audio.addEventListener('play', () => {
  paused = false;
  changed();
});
// A dialog has the first right to this key.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && playing() && !document.querySelector('dialog[open]')) {
    stop();
  }
});

/** The piece that is playing or paused, if any. */
export const playing = () => list[position] ?? null;

/** Whether several pieces are played one after the other. */
export const playingAll = () => list.length > 1;

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
  paused = false;
  broken = false;
  changed();
}

function pause() {
  clearTimeout(timer);
  paused = true;
  audio.pause();
  changed();
}

/** Goes on where it was paused: within a piece, or in the silence after one. */
function resume() {
  if (audio.ended) {
    start(position + 1);
  } else {
    audio.play();
  }
}

const previous = () => start(Math.max(0, position - 1));
const next = () => start(Math.min(list.length - 1, position + 1));

/** Calls `listener` each time something else is played, until `signal` is aborted. */
export function onPlaying(listener, signal) {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener));
}

function start(index) {
  clearTimeout(timer);
  position = index;
  paused = false;
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
  tellSystem();
  for (const listener of listeners) {
    listener();
  }
}

/** The keys of headsets and keyboards, and the screen of a locked phone. */
function tellSystem() {
  const { mediaSession } = navigator;
  if (!mediaSession) {
    return;
  }
  const piece = playing();
  mediaSession.metadata = piece ? new MediaMetadata({ title: piece.text, artist: 'TTS Jobs' }) : null;
  mediaSession.playbackState = piece ? (paused ? 'paused' : 'playing') : 'none';
  const several = list.length > 1;
  const actions = { play: resume, pause, stop, nexttrack: several && next, previoustrack: several && previous };
  for (const [action, handler] of Object.entries(actions)) {
    mediaSession.setActionHandler(action, (piece && handler) || null);
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
  const several = list.length > 1;
  fill(
    bar,
    h('p', { class: 'player-text' }, speech(piece.lang, piece.text)),
    several
      ? h('p', { class: 'player-position' }, t('player.position', { number: position + 1, total: list.length }))
      : null,
    h(
      'div',
      { class: 'player-controls' },
      several ? control('previous', t('player.previous'), previous) : null,
      paused
        ? control('play', t('player.resume'), resume, 'toggle')
        : control('pause', t('player.pause'), pause, 'toggle'),
      several ? control('next', t('player.next'), next) : null,
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
