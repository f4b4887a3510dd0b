// The two languages of the page, and how each writes numbers, money, dates and times.

import en from './lang-en.js';
import fr from './lang-fr.js';

const KEY = 'tts-jobs.language';
const LANGUAGES = { en, fr };

let language = remembered() ?? (navigator.language?.toLowerCase().startsWith('fr') ? 'fr' : 'en');

function remembered() {
  try {
    const value = localStorage.getItem(KEY);
    return value in LANGUAGES ? value : null;
  } catch {
    // Storage may be switched off: the browser's language decides.
    return null;
  }
}

export const current = () => language;

export function setLanguage(value) {
  language = value;
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Without storage the choice lasts until the page is reloaded.
  }
}

/**
 * The text of a key with its `{names}` filled in. A text with several forms is chosen by the number `n`; numbers are
 * written the way of the language.
 */
export function t(key, values = {}) {
  let text = LANGUAGES[language][key];
  if (typeof text === 'object') {
    text = text[new Intl.PluralRules(language).select(values.n)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === 'number' ? number(values[name]) : String(values[name]),
  );
}

export const has = (key) => key in LANGUAGES[language];

export const number = (value) => new Intl.NumberFormat(language).format(value);

/** US dollars, with as many digits as a small amount needs. */
export function money(usd) {
  const digits = usd === 0 || usd >= 1 ? 2 : usd >= 0.01 ? 3 : 5;
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd);
}

export const dateTime = (iso) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

export const date = (value) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(value);

export const clockTime = (date) => new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(date);

export const languageName = (code) => new Intl.DisplayNames(language, { type: 'language' }).of(code);

/** How old something is, in the largest unit that fits. */
export function age(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [unit, size] = seconds < 90 ? ['second', 1] : seconds < 5400 ? ['minute', 60] : ['hour', 3600];
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  return format.format(Math.floor(seconds / size));
}

/** A length of time the way people say it. */
export function duration(seconds) {
  if (seconds < 5) {
    return t('time.moment');
  }
  if (seconds < 90) {
    return t('time.seconds', { n: seconds < 20 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10 });
  }
  if (seconds < 5400) {
    return t('time.minutes', { n: Math.ceil(seconds / 60) });
  }
  return t('time.hours', { n: Math.ceil(seconds / 360) / 10 });
}
