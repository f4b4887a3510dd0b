// How the whole server is, for those who run it; others see nothing of it.

import * as api from './client.js';
import { field, fill, h, notice, openDialog, whileBusy } from './dom.js';
import { age, clockTime, dateTime, number, t } from './i18n.js';
import { refusalWords, waitingWords } from './words.js';

const REFRESH_MS = 4000;
// Somebody should look when a text has waited this long.
const LONG_WAIT_MS = 10 * 60_000;

/** The panel, kept fresh until `signal` is aborted; null for everybody who is no operator. */
export async function operatorPanel(signal) {
  const figures = h('dl', { class: 'figures' });
  const accounts = h('div');
  const workers = h('tbody');
  const nobody = h('div');
  const crew = h(
    'table',
    { class: 'workers' },
    h('caption', {}, t('operator.workers')),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, t('operator.worker')),
        h('th', { scope: 'col', class: 'wide-only' }, t('operator.since')),
        h('th', { scope: 'col', class: 'right' }, t('operator.calling')),
        h('th', { scope: 'col', class: 'right' }, t('operator.made')),
      ),
    ),
    workers,
  );
  let shownAccounts = null;

  function show(state) {
    fill(figures, figureParts(state));
    showAccounts(state);
    fill(workers, state.workers.map(workerRow));
    crew.hidden = state.workers.length === 0;
    const idle = state.workers.length === 0 && state.queued > 0;
    fill(nobody, idle ? notice('warning', h('p', {}, t('operator.nobody'))) : null);
  }

  /** Drawn anew only when something changed: a button in it may have the focus. */
  function showAccounts(state) {
    const now = JSON.stringify(state.accounts);
    if (now !== shownAccounts) {
      shownAccounts = now;
      fill(accounts, state.accounts.map(accountPart));
    }
  }

  /** A button that changes the state of an account, and what came of it. */
  function changeParts(words, change) {
    const refusal = h('div');
    const button = h('button', { type: 'button', onclick: act }, words);

    async function act() {
      await whileBusy(button, async () => {
        fill(refusal);
        try {
          await change();
          await refresh();
        } catch (error) {
          fill(refusal, h('p', {}, refusalWords(error)));
        }
      });
    }

    return [refusal, button];
  }

  async function pauseAfterAsking(account) {
    const reason = await askReason(signal);
    if (reason) {
      await api.pause(account, reason);
    }
  }

  function accountPart(account) {
    if (account.status === 'ok') {
      return h('div', {}, changeParts(t('operator.pause'), () => pauseAfterAsking(account.account)));
    }
    return notice(
      'warning',
      h('h3', {}, t('operator.paused', { account: account.account })),
      h('p', {}, waitingWords(account)),
      account.byHand ? null : h('p', { class: 'hint' }, `${account.code}: ${account.message}`),
      h('p', {}, pauseWords(account)),
      changeParts(t('operator.resume'), () => api.resume(account.account)),
    );
  }

  async function refresh() {
    const state = await api.operator(signal);
    if (state) {
      show(state);
    }
    return state;
  }

  try {
    if (!(await refresh())) {
      return null;
    }
  } catch (error) {
    if (error instanceof api.ApiError && error.status !== 401) {
      return null;
    }
    throw error;
  }
  const timer = setInterval(() => {
    if (!document.hidden) {
      // What cannot be read now is read the next time.
      refresh().catch((error) => {
        if (!(error instanceof api.ApiError) && !signal.aborted) {
          throw error;
        }
      });
    }
  }, REFRESH_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  return h(
    'section',
    { 'aria-labelledby': 'operator-title' },
    h('h2', { id: 'operator-title' }, t('operator.title')),
    accounts,
    nobody,
    figures,
    crew,
  );
}

function pauseWords({ since, nextProbeAt }) {
  return nextProbeAt
    ? t('operator.probe', { since: dateTime(since), next: clockTime(new Date(nextProbeAt)) })
    : t('operator.byHand', { since: dateTime(since) });
}

/** Why the account shall be paused, in words for everybody whose jobs wait; undefined when it shall not. */
function askReason(signal) {
  const input = h('input', { required: true, maxlength: 200, autocomplete: 'off' });
  return openDialog(
    t('operator.pauseTitle'),
    (close) =>
      h(
        'form',
        {
          onsubmit: (event) => {
            event.preventDefault();
            close(input.value.trim());
          },
        },
        field('reason', t('operator.reason'), input, t('operator.reasonHint')),
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'submit', class: 'primary' }, t('operator.pause')),
          h('button', { type: 'button', onclick: () => close() }, t('estimate.cancel')),
        ),
      ),
    signal,
  );
}

function figureParts(state) {
  const { database, storage } = state.checks;
  // What waits for the end of a pause or for another attempt is not due.
  const nothingDue = t(state.queued > 0 ? 'operator.held' : 'operator.none');
  const waited = state.oldestSince ? Date.now() - Date.parse(state.oldestSince) : 0;
  return [
    figure('operator.queued', count(state.queued)),
    figure('operator.leased', count(state.leased)),
    figure('operator.oldest', state.oldestSince ? age(waited) : nothingDue, waited > LONG_WAIT_MS),
    ratePart(state),
    figure('operator.database', ...health(database)),
    figure('operator.storage', ...health(storage)),
  ];
}

/** The rate that is used, as a number and as a bar against the limit. */
function ratePart({ requestsLastMinute: used, requestsPerMinute: limit }) {
  if (limit === null) {
    return figure('operator.rate', number(used));
  }
  const words = t('operator.rateOf', { used, limit });
  const part = figure('operator.rate', words);
  part.querySelector('dd').append(
    h('meter', { 'min': 0, 'max': limit, 'value': Math.min(used, limit), 'aria-label': words }),
  );
  return part;
}

const health = ({ status }) => [t(status === 'ok' ? 'operator.ok' : 'operator.down'), status !== 'ok'];

const figure = (key, value, bad = false) =>
  h('div', { class: bad ? 'bad' : null }, h('dt', {}, t(key)), h('dd', {}, value));

function workerRow({ id, kind, host, startedAt, calling, requestsLastMinute }) {
  return h(
    'tr',
    {},
    h(
      'td',
      {},
      t(kind === 'server' ? 'operator.inServer' : 'operator.alone', { host }),
      h('span', { class: 'tag' }, ` ${id.slice(0, 8)}`),
    ),
    h('td', { class: 'wide-only' }, h('time', { datetime: startedAt }, dateTime(startedAt))),
    h('td', { class: 'right' }, number(calling)),
    h('td', { class: 'right' }, number(requestsLastMinute)),
  );
}

const count = (value) => (value === null ? t('operator.unknown') : number(value));
