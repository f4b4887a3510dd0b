// From the wish for audio to a job: what it would cost first, then the order, once.

import * as api from './client.js';
import { SIDES } from './cards.js';
import { field, fill, h, notice, openDialog, whileBusy } from './dom.js';
import { clockTime, duration, languageName, money, number, t } from './i18n.js';
import { MAX_PHRASES, orderFor, outlook } from './order.js';
import { textGroups } from './text-groups.js';
import { remember, voiceChoice } from './voices.js';
import { refusalNotice, refusalWords, warningWords } from './words.js';

const BUSY_TRIES = 5;
const BUSY_PAUSE_MS = 1000;

/**
 * Shows the voices and the estimate and, if confirmed, starts a job. Resolves with its id, or undefined when nothing was
 * started.
 */
export async function generateDialog(title, deckId, cards, signal) {
  const { body, total } = orderFor(deckId, cards, {});
  // One wish, one key: pressing again after a lost answer finds the job that was started, and pays for nothing twice.
  let key = crypto.randomUUID();
  let submission = null;

  const result = await openDialog(
    title,
    (close) => {
      const voices = h('div');
      let choice = null;
      let picked = null;
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
          // What is on its way stays as it is: with another voice it would be another order, and both might be made.
          holdVoices(true);
          submission = submit(body, key);
          try {
            const id = await submission;
            remember(picked);
            close(id);
          } catch (error) {
            submission = null;
            showRefusal(error);
            holdVoices(isUnsure(error));
            confirm.textContent = t('estimate.confirm');
          }
        });
      }

      function holdVoices(held) {
        voices.querySelectorAll('select').forEach((select) => (select.disabled = held));
      }

      function showRefusal(error) {
        const unsure = isUnsure(error);
        fill(
          refusal,
          refusalNotice(
            error,
            refusalWords(error),
            unsure && !confirm.disabled ? h('p', {}, t('estimate.unsure')) : null,
          ),
        );
      }

      function chosen(lang, name) {
        picked[lang] = name;
        body.voices = choice.request(picked);
        // Another order, so another key.
        key = crypto.randomUUID();
        load();
      }

      async function load() {
        const asked = key;
        fill(refusal);
        confirm.disabled = true;
        try {
          const [estimate, usage] = await Promise.all([outlook(body), api.usage()]);
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

      async function begin() {
        try {
          choice = await voiceChoice();
          const spoken = SIDES.filter(({ request }) => body.phrases.some((phrase) => phrase[request] !== undefined));
          picked = Object.fromEntries(spoken.map(({ lang }) => [lang, choice.chosen[lang]]));
          body.voices = choice.request(picked);
          fill(voices, voiceFields(choice.names, picked, chosen));
        } catch (error) {
          fill(content);
          showRefusal(error);
          return;
        }
        await load();
      }

      begin();
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

/** Whether the order may have been accepted though no answer came: then the same order, sent again, finds its job. */
const isUnsure = (error) => error.status === 0 || error.status >= 500;

/** A field for the voice of each language that is spoken. */
function voiceFields(names, now, onChosen) {
  return h(
    'div',
    { class: 'grid' },
    Object.keys(now).map((lang) => {
      const select = h(
        'select',
        { onchange: () => onChosen(lang, select.value) },
        names.map((value) => h('option', { value, selected: value === now[lang] }, value)),
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
    warningPart(estimate.warnings),
    count < total ? notice('info', h('p', {}, t('estimate.part', { limit: MAX_PHRASES, n: count, total }))) : null,
    quotaPart(usage),
  ];
}

/** Texts that can be spoken, and yet are most likely not what was meant: said before they are paid for. */
function warningPart(warnings) {
  if (warnings.length === 0) {
    return null;
  }
  return notice(
    'warning',
    h('h3', {}, t('estimate.warnings', { n: warnings.length })),
    textGroups(warnings.map(({ lang, text, code, message }) => ({ words: warningWords({ code, message }), lang, text }))),
  );
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
