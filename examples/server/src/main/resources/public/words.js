// Says in plain words what went wrong.

import { ApiError } from './client.js';
import { h, notice } from './dom.js';
import { clockTime, current, has, t } from './i18n.js';

/** The codes of providers and of the library, by what they mean to somebody who made a deck of cards. */
const MEANINGS = [
  ['hand', /by_hand/],
  ['quota', /quota|credit|billing|spend_limit|usage_limit|budget/],
  ['key', /key|auth|permission|forbidden|organization/],
  ['rate', /rate_?limit|too_many/],
  ['outage', /outage|overload|unavailable|connect|refused_connection|maintenance/],
  ['full', /storage_full|disk_full/],
  ['storage', /storage|disk|bucket/],
  ['audio', /audio|truncated|mp3/],
  ['long', /too_long|max_length|context_length|string_above/],
  ['policy', /policy|moderation|content_filter|safety/],
  ['transport', /transport|timeout|timed_out|network|reset|closed/],
  ['server', /server|internal|5\d\d/],
  ['rejected', /reject|invalid|unsupported|not_found|bad_request/],
];

function meaning(code) {
  const word = String(code).toLowerCase();
  return MEANINGS.find(([, pattern]) => pattern.test(word))?.[0] ?? null;
}

/** Why a text has no audio. What the server says stands in where its code means nothing to us. */
export function failureWords({ code, message }) {
  const known = meaning(code);
  return known && has(`failure.${known}`) ? t(`failure.${known}`) : message || t('failure.unknown', { code });
}

/** What looks wrong in a text that is taken all the same. */
export const warningWords = ({ code, message }) => (has(`warning.${code}`) ? t(`warning.${code}`) : message);

/** What the work waits for. */
export function waitingWords({ code, message }) {
  const known = meaning(code);
  return known && has(`waiting.${known}`) ? t(`waiting.${known}`, { message }) : t('waiting.other', { message: message || code });
}

/** Why the server did not do what was asked. Its own words, which are English, help where neither code nor status says much. */
export function refusalWords(error) {
  if (!(error instanceof ApiError)) {
    throw error;
  }
  const { status, code, detail, fields, retryAfterSeconds } = error;
  const key =
    [`refused.${code}`, `refused.${status}`].find(has) ?? (status >= 500 ? 'refused.5xx' : 'refused.other');
  const words = [t(key, { status })];
  if (key === `refused.${status}` && detail && fields.length === 0 && [400, 409, 422, 429].includes(status)) {
    words[0] = current() === 'en' ? detail : `${words[0]} (${detail})`;
  }
  if (status === 429 && retryAfterSeconds !== null) {
    words.push(t('refused.after', { when: clockTime(new Date(Date.now() + retryAfterSeconds * 1000)) }));
  }
  return words.join(' ');
}

/** What the page calls the parts of a request, by how their names end. */
const PLACES = [
  [/^email$/, 'sign.email'],
  [/^password$/, 'sign.password'],
  [/^newPassword$/, 'account.next'],
  [/^name$/, 'import.name'],
  [/^reason$/, 'operator.reason'],
  [/\.(?:question|textEn|texts\.en)$/, 'import.en'],
  [/\.(?:answers|answers\[\d+\]|textFr|texts\.fr)$/, 'import.fr'],
];

/** A refused part as people know it: a card by its number, a field by its label. */
function placeWords(field) {
  const [, index] = /^(?:cards|phrases)\[(\d+)\]/.exec(field) ?? [];
  const label = PLACES.find(([pattern]) => pattern.test(field))?.[1];
  return [index ? t('refused.card', { number: Number(index) + 1 }) : null, label ? t(label) : index ? null : field]
    .filter(Boolean)
    .join(', ');
}

/** The refused parts of what was sent, one sentence each. What has no words here is said in the server's, which are English. */
const refusedFields = ({ fields }) =>
  fields.map(({ field, code, limit, message }) => {
    const words = has(`field.${code}`) ? t(`field.${code}`, { limit: limit ?? '' }) : message;
    return t('refused.field', { place: placeWords(field), words });
  });

const MOST_FIELDS = 5;

/** What is shown when the server did not do what was asked; `words` instead of those that its answer has. */
export function refusalNotice(error, words = refusalWords(error), ...more) {
  const fields = refusedFields(error);
  const rest = fields.length - MOST_FIELDS;
  return notice(
    'error',
    h('p', {}, words),
    fields.slice(0, MOST_FIELDS).map((one) => h('p', {}, one)),
    rest > 0 ? h('p', {}, t('list.more', { n: rest })) : null,
    more,
  );
}
