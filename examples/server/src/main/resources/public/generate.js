// From the wish for audio to a job: what it would cost first, then the order, once.

import * as api from './client.js';
import { requestFor } from './cards.js';
import { SIDES } from './cards.js';
import { field, fill, h, notice, openDialog, whileBusy } from './dom.js';
import { clockTime, duration, languageName, money, number, t } from './i18n.js';
import { refusalWords, refusedFields } from './words.js';

// What one job takes, by the server's default settings: phrases, and a little less than the bytes of a request.
const MAX_PHRASES = 200;
const MAX_BYTES = 1_000_000;

const BUSY_TRIES = 5;
const BUSY_PAUSE_MS = 1000;

/** The first cards that fit into one job. */
function firstPart(deckId, cards) {
  const { phrases } = requestFor(deckId, cards);
  const part = [];
  let bytes = 200;
  for (const phrase of phrases.slice(0, MAX_PHRASES)) {
    bytes += new TextEncoder().encode(JSON.stringify(phrase)).length + 1;
    if (bytes > MAX_BYTES && part.length > 0) {
      break;
    }
    part.push(phrase);
  }
  return { body: { deckId, phrases: part }, total: phrases.length };
}

/**
 * Shows the voices and the estimate and, if confirmed, starts a job. Resolves with its id, or undefined when nothing was
 * started.
 */
export async function generateDialog(title, deckId, cards, signal) {
  const { body, total } = firstPart(deckId, cards);
  // One wish, one key: pressing again after a lost answer finds the job that was started, and pays for nothing twice.
  let key = crypto.randomUUID();
  let submission = null;

  const result = await openDialog(
    title,
    (close) => {
      const voices = h('div');
      const content = h('div', { 'aria-live': 'polite' }, h('p', {}, t('estimate.working')));
      const refusal = h('div');
      const confirm = h(
        'button',
        { type: 'button', class: 'primary', onclick: send, disabled: true },
        t('estimate.confirm'),
      );

      async function send() {
        await whileBusy(confirm, async () => {
          fill(refusal);
          confirm.textContent = t('estimate.sending');
          submission = submit(body, key);
          try {
            close(await submission);
          } catch (error) {
            submission = null;
            showRefusal(error);
            confirm.textContent = t('estimate.confirm');
          }
        });
      }

      function showRefusal(error) {
        const unsure = error.status === 0 || error.status >= 500;
        fill(
          refusal,
          notice(
            'error',
            h('p', {}, refusalWords(error)),
            refusedFields(error).map((text) => h('p', {}, text)),
            unsure && !confirm.disabled ? h('p', {}, t('estimate.unsure')) : null,
          ),
        );
      }

      function chosen(lang, name) {
        body.voices = { ...body.voices, [lang]: name };
        // Another order, so another key.
        key = crypto.randomUUID();
        load();
      }

      async function load() {
        const asked = key;
        fill(refusal);
        confirm.disabled = true;
        try {
          const [estimate, usage] = await Promise.all([api.estimate(body), api.usage()]);
          if (asked !== key) {
            return;
          }
          fill(content, estimateParts(estimate, usage, body.phrases.length, total));
          confirm.disabled = usage.jobsLeftToday === 0;
          if (!confirm.disabled && !voices.contains(document.activeElement)) {
            confirm.focus();
          }
        } catch (error) {
          if (asked === key) {
            fill(content);
            showRefusal(error);
          }
        }
      }

      voiceFields(body, chosen).then((fields) => fill(voices, fields), showRefusal);
      load();
      return [
        voices,
        content,
        refusal,
        h(
          'div',
          { class: 'actions' },
          confirm,
          h('button', { type: 'button', onclick: () => close() }, t('estimate.cancel')),
        ),
      ];
    },
    signal,
  );
  // The dialog may be left while the order is on its way: the job exists then, and is shown.
  return result ?? (submission ? submission.catch(() => undefined) : undefined);
}

/** A field for the voice of each language that is spoken. */
async function voiceFields(body, onChosen) {
  const { voices, defaults } = await api.voices();
  const spoken = SIDES.filter(({ request }) => body.phrases.some((phrase) => phrase[request] !== undefined));
  return h(
    'div',
    { class: 'grid' },
    spoken.map(({ lang }) => {
      const now = defaults[lang] ?? defaults.default;
      const select = h(
        'select',
        { onchange: () => onChosen(lang, select.value) },
        voices.map((value) => h('option', { value, selected: value === now }, value)),
      );
      return field(`voice-${lang}`, t('voice.of', { language: languageName(lang) }), select);
    }),
  );
}

async function submit(body, key) {
  for (let i = 1; ; i++) {
    try {
      return await api.generate(body, key);
    } catch (error) {
      // 409: the first call with this key is still under way; its job is known in a moment.
      if (error.status !== 409 || i === BUSY_TRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
    }
  }
}

function estimateParts(estimate, usage, count, total) {
  const cost = estimate.billableCharacters === 0 ? t('estimate.free') : money(estimate.estimatedCostUsd);
  const rows = [
    ['estimate.cards', number(count)],
    ['estimate.characters', number(estimate.characters)],
    ['estimate.clips', number(estimate.clips)],
    ['estimate.cached', number(estimate.cachedClips)],
    ['estimate.cost', cost, 'strong'],
    ['estimate.time', duration(estimate.estimatedSeconds)],
  ];
  return [
    h(
      'dl',
      { class: 'rows' },
      rows.map(([key, value, look]) => h('div', { class: look }, h('dt', {}, t(key)), h('dd', {}, value))),
    ),
    count < total ? notice('info', h('p', {}, t('estimate.part', { limit: MAX_PHRASES, n: count, total }))) : null,
    quotaPart(usage),
  ];
}

function quotaPart(usage) {
  if (usage.jobsLeftToday === null) {
    return null;
  }
  if (usage.jobsLeftToday > 0) {
    return h('p', { class: 'hint' }, t('estimate.jobsLeft', { n: usage.jobsLeftToday }));
  }
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  return notice('warning', h('p', {}, t('estimate.noJobLeft', { when: clockTime(midnight) })));
}
