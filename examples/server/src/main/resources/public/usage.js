// What the user has had spoken, what it cost and what reuse saved.

import * as api from './client.js';
import { h } from './dom.js';
import { money, number, t } from './i18n.js';

/** The panel of numbers; null when the server does not give them now, which is no reason to show nothing else. */
export async function usagePanel(signal) {
  let usage;
  try {
    usage = await api.usage(signal);
  } catch (error) {
    if (error instanceof api.ApiError && error.status !== 401) {
      return null;
    }
    throw error;
  }
  const left = usage.jobsLeftToday === null ? t('usage.unlimited') : number(usage.jobsLeftToday);
  const figures = [
    ['usage.characters', number(usage.characters)],
    ['usage.billed', number(usage.billedCharacters)],
    ['usage.spent', money(usage.estimatedCostUsd)],
    ['usage.saved', money(usage.savedUsd)],
    ['usage.left', left],
  ];
  return h(
    'section',
    { 'aria-labelledby': 'usage-title' },
    h('h2', { id: 'usage-title' }, t('usage.title')),
    h(
      'dl',
      { class: 'figures' },
      figures.map(([key, value]) => h('div', {}, h('dt', {}, t(key)), h('dd', {}, value))),
    ),
  );
}
