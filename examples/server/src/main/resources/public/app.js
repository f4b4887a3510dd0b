// Starts the page: who is signed in, which view the address asks for, and the language.

import { ApiError, whenExpired } from './client.js';
import { announce, fill, h, notice } from './dom.js';
import { deckView } from './deck.js';
import { decksView } from './decks.js';
import { current, setLanguage, t } from './i18n.js';
import { importView } from './import.js';
import { jobsView } from './jobs.js';
import * as player from './player.js';
import * as session from './session.js';
import { signInView } from './signin.js';
import { refusalWords } from './words.js';

const ROUTES = [
  [/^#\/(?:decks)?$/, decksView],
  [/^#\/import$/, importView],
  [/^#\/decks\/(?<deckId>[\w.~-]+)$/, deckView],
  [/^#\/decks\/(?<deckId>[\w.~-]+)\/jobs\/(?<jobId>[\w.~-]+)$/, deckView],
  [/^#\/jobs$/, jobsView],
];

const main = document.getElementById('main');
const languageButton = document.getElementById('language');

let leaving = new AbortController();
let signedOutMessage = null;

function setTitle(text) {
  document.title = `${text} – TTS Jobs`;
}

/** Goes to another view; `message` is told to a screen reader on arrival. */
function go(hash, message) {
  if (message) {
    announce(message);
  }
  location.hash = hash;
}

/** Shows the view of the address. The focus moves to its heading when somebody came here by a link. */
async function show({ moveFocus }) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  showFrame();
  if (!session.token()) {
    const message = signedOutMessage;
    signedOutMessage = null;
    signInView({ main, setTitle }, message, () => show({ moveFocus: true }));
    return;
  }
  const { view, params } = route();
  const loading = setTimeout(() => fill(main, h('p', { class: 'hint loading' }, t('page.loading'))), 150);
  try {
    if (view) {
      await view({ main, params, signal, setTitle, go });
    } else {
      problem(t('page.unknown'), null);
    }
  } catch (error) {
    if (signal.aborted) {
      return;
    }
    if (!(error instanceof ApiError)) {
      throw error;
    }
    problem(error.status === 404 ? t('page.gone') : refusalWords(error), error);
  } finally {
    clearTimeout(loading);
  }
  if (moveFocus && !signal.aborted) {
    main.querySelector('h1')?.focus();
  }
}

function problem(words, error) {
  setTitle(words);
  fill(
    main,
    h('h1', { tabindex: '-1', class: 'visually-hidden' }, words),
    notice('error', h('p', {}, words)),
    h(
      'div',
      { class: 'actions' },
      error && error.status !== 404
        ? h('button', { type: 'button', class: 'primary', onclick: () => show({ moveFocus: true }) }, t('again'))
        : null,
      h('a', { class: 'button', href: '#/decks' }, t('page.back')),
    ),
  );
}

function route() {
  const hash = location.hash || '#/decks';
  for (const [pattern, view] of ROUTES) {
    const match = pattern.exec(hash);
    if (match) {
      return { view, params: { ...match.groups } };
    }
  }
  return { view: null, params: {} };
}

/** The parts around the view: language, navigation, who is signed in. */
function showFrame() {
  document.documentElement.lang = current();
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = t(element.dataset.text);
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
  }
  fill(
    languageButton,
    h('span', { class: 'wide-text' }, t('language.other')),
    h('span', { 'class': 'narrow-only', 'aria-hidden': 'true' }, other().toUpperCase()),
  );
  languageButton.lang = other();
  const signedIn = session.token() !== null;
  document.getElementById('nav').hidden = !signedIn;
  document.getElementById('sign-out').hidden = !signedIn;
  const who = document.getElementById('who');
  who.hidden = !signedIn || !session.email();
  who.textContent = session.email() ?? '';
  for (const link of document.querySelectorAll('#nav a')) {
    const here =
      location.hash.startsWith(link.hash) || (link.hash === '#/decks' && !location.hash.startsWith('#/jobs'));
    if (here) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
}

const other = () => (current() === 'en' ? 'fr' : 'en');

function leave(message) {
  session.signOut();
  signedOutMessage = message;
  player.stop();
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  show({ moveFocus: true });
}

languageButton.addEventListener('click', () => {
  setLanguage(other());
  player.stop();
  show({ moveFocus: false });
});
document.getElementById('sign-out').addEventListener('click', () => {
  history.replaceState(null, '', '#/decks');
  leave('sign.signedOut');
});
// The skip link leads to a place on this page, not to another view.
document.querySelector('.skip-link').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', () => {
  session.takeTokenFromAddress();
  player.stop();
  show({ moveFocus: true });
});
whenExpired(() => leave('sign.expired'));

session.takeTokenFromAddress();
show({ moveFocus: false });
