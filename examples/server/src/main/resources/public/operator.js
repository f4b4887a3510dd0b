// How the whole server is, for those who run it; others see nothing of it.

import * as api from './client.js';
import { fill, h, notice } from './dom.js';
import { dateTime, number, t } from './i18n.js';
import { waitingWords } from './words.js';

const REFRESH_MS = 4000;

/** The panel, kept fresh until `signal` is aborted; null for everybody who is no operator. */
export async function operatorPanel(signal) {
  const figures = h('dl', { class: 'figures' });
  const trouble = h('div');

  async function refresh() {
    const state = await api.operator(signal);
    if (state) {
      show(state);
    }
    return state;
  }

  function show(state) {
    const { database, storage, provider } = state.checks;
    const rows = [
      ['operator.queued', count(state.queued)],
      ['operator.leased', count(state.leased)],
      ['operator.oldest', state.oldestSince ? dateTime(state.oldestSince) : t('operator.none')],
      ['operator.limit', count(state.requestsPerMinute)],
      ['operator.database', t(database.status === 'ok' ? 'operator.ok' : 'operator.down')],
      ['operator.storage', t(storage.status === 'ok' ? 'operator.ok' : 'operator.down')],
    ];
    fill(
      figures,
      rows.map(([key, value]) => h('div', {}, h('dt', {}, t(key)), h('dd', {}, value))),
    );
    const words =
      provider.status === 'ok'
        ? []
        : [
            waitingWords(provider),
            `${provider.code}: ${provider.message}`,
            provider.nextProbeAt
              ? t('operator.probe', { since: dateTime(provider.since), next: dateTime(provider.nextProbeAt) })
              : t('job.since', { when: dateTime(provider.since) }),
          ];
    if (trouble.textContent !== words.join('')) {
      const paragraphs = words.map((text) => h('p', {}, text));
      fill(trouble, words.length > 0 ? notice('warning', paragraphs) : null);
    }
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
    trouble,
    figures,
  );
}

const count = (value) => (value === null ? t('operator.unknown') : number(value));
