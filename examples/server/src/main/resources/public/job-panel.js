// What a job is doing: its progress, what it waits for, how it ended, and what can be done about it.

import * as api from './client.js';
import { SIDES } from './cards.js';
import { announce, ask, fill, h, icon, notice, whileBusy } from './dom.js';
import { ended } from './follow.js';
import { dateTime, duration, has, money, t } from './i18n.js';
import { textGroups } from './text-groups.js';
import { failureWords, refusalNotice, refusalWords, waitingWords } from './words.js';

const ANNOUNCE_EVERY_MS = 15000;
// Before this the pace says nothing about the time that is left.
const PACE_MS = 4000;
const PACE_PHRASES = 5;

/** The word for the state of a job. */
export function statusWord(job) {
  if (job.waitingFor && !ended(job)) {
    return { tone: 'warning', text: t('job.paused') };
  }
  if (job.status === 'completed' && job.failedCount > 0) {
    return { tone: 'warning', text: t('job.partly') };
  }
  const tones = { completed: 'good', failed: 'error' };
  return { tone: tones[job.status] ?? 'info', text: has(`job.${job.status}`) ? t(`job.${job.status}`) : job.status };
}

/** How a job ended, in a sentence. */
function endWords(job) {
  const total = job.totalPhrases;
  if (job.status === 'cancelled') {
    return t('job.doneCancelled', { n: job.processedCount - job.failedCount, total });
  }
  if (job.status === 'failed') {
    return t('job.doneNone');
  }
  return job.failedCount > 0 ? t('job.doneSome', { n: job.failedCount, total }) : t('job.doneAll', { n: total });
}

/**
 * The panel of a job. `onChanged(job)` is called after the job was cancelled here, `onRetried()` after what failed was
 * started again; `update(job)` shows the newest state, `setConnected(yes)` whether the server is in reach.
 */
export function jobPanel({ cards, deckName, onChanged, onRetried, signal }) {
  const cardById = new Map(cards.map((card) => [card.id, card]));
  const badge = h('span', { class: 'badge' });
  const bar = h('progress', { 'aria-label': t('job.progressLabel') });
  const numbers = h('p', { class: 'progress-text' });
  const connection = h('div', { hidden: true }, notice('warning', h('p', {}, t('job.offline'))));
  const details = h('div');
  const refusal = h('div');
  const title = h('h2', { id: 'job-title', tabindex: '-1' }, t('job.title'));
  const progress = h('div', { class: 'progress' }, bar, numbers);
  const element = h(
    'section',
    { 'class': 'card job', 'aria-labelledby': 'job-title', 'hidden': true },
    h('div', { class: 'job-head' }, title, badge),
    progress,
    connection,
    details,
    refusal,
  );
  // The same one as long as the job runs: a dialog gives the focus back to it, whatever is heard of the job meanwhile.
  const stop = h('button', { type: 'button', onclick: () => cancel(stop, shown) }, icon('stop'), t('job.cancel'));
  let shown = null;
  let phase = null;
  let pace = null;
  let announced = 0;

  function update(job) {
    shown = job;
    // A job that was made again may end once more before the page hears that it ran.
    const newPhase = [job.id, job.status, job.waitingFor?.code, job.completedAt].join(' ');
    const running = !ended(job);
    element.hidden = false;
    bar.max = Math.max(1, job.totalPhrases);
    bar.value = job.processedCount;
    progress.hidden = !running;
    numbers.textContent = progressWords(job);
    if (newPhase !== phase) {
      const first = phase === null;
      phase = newPhase;
      changePhase(job, first);
    } else if (running && Date.now() - announced > ANNOUNCE_EVERY_MS) {
      announced = Date.now();
      announce(t('job.announce', { done: job.processedCount, total: job.totalPhrases }));
    }
  }

  function changePhase(job, first) {
    const had = document.activeElement;
    const focused = details.contains(had);
    const status = statusWord(job);
    badge.className = `badge badge-${status.tone}`;
    badge.textContent = status.text;
    pace = null;
    announced = Date.now();
    fill(refusal);
    fill(details, ended(job) ? endParts(job) : runningParts(job));
    if (focused) {
      (had.isConnected ? had : title).focus();
    }
    if (!first) {
      announce(ended(job) ? endWords(job) : status.text);
    }
  }

  function progressWords(job) {
    const done = t('job.progress', { done: job.processedCount, total: job.totalPhrases });
    const left = secondsLeft(job);
    return left === null ? done : `${done} · ${t('job.left', { time: duration(left) })}`;
  }

  /** From the pace that was seen on this page: the clocks of the server and of this machine may differ. */
  function secondsLeft(job) {
    if (job.status !== 'processing' || job.waitingFor) {
      pace = null;
      return null;
    }
    pace ??= { since: Date.now(), count: job.processedCount };
    const time = Date.now() - pace.since;
    const made = job.processedCount - pace.count;
    if (time < PACE_MS || made < PACE_PHRASES) {
      return null;
    }
    return ((job.totalPhrases - job.processedCount) * time) / made / 1000;
  }

  function runningParts(job) {
    return [
      job.waitingFor
        ? notice(
            'warning',
            h('p', {}, waitingWords(job.waitingFor)),
            h('p', {}, t('job.since', { when: dateTime(job.waitingFor.since) })),
          )
        : null,
      h('p', { class: 'hint' }, t('job.canLeave')),
      h('div', { class: 'actions' }, stop),
    ];
  }

  function endParts(job) {
    const { usage } = job;
    const kinds = { completed: job.failedCount > 0 ? 'warning' : 'good', failed: 'warning', cancelled: 'info' };
    const retryable = job.status !== 'cancelled' && job.failedCount > 0;
    const hasAudio = job.resultUrls.some((result) => Object.values(result.audio ?? {}).some((one) => one?.url));
    return [
      notice(kinds[job.status], h('p', {}, endWords(job))),
      job.failedCount > 0 ? missingList(job) : null,
      usage
        ? h(
            'p',
            { class: 'hint' },
            t('job.paid', {
              characters: usage.characters,
              billed: usage.billedCharacters,
              cost: money(usage.estimatedCostUsd),
            }),
            usage.savedUsd > 0 ? ` ${t('job.saved', { saved: money(usage.savedUsd) })}` : null,
          )
        : null,
      h(
        'div',
        { class: 'actions' },
        retryable
          ? h(
              'button',
              { type: 'button', class: 'primary', onclick: (e) => retry(e.currentTarget, job) },
              icon('retry'),
              t('job.retry', { n: job.failedCount }),
            )
          : null,
        hasAudio
          ? h(
              'button',
              { type: 'button', onclick: (e) => download(e.currentTarget, job) },
              icon('download'),
              h('span', {}, t('deck.download')),
            )
          : null,
      ),
    ];
  }

  /** The texts without audio, grouped by the reason. */
  function missingList(job) {
    const missing = job.resultUrls.flatMap((result) =>
      Object.entries(result.errors ?? {}).map(([lang, failure]) => ({
        words: failureWords(failure),
        lang,
        text: textOf(result, lang),
      })),
    );
    if (missing.length === 0) {
      return job.errorMessage ? h('p', {}, job.errorMessage) : null;
    }
    return h('div', { class: 'missing' }, h('h3', {}, t('job.missing')), textGroups(missing));
  }

  function textOf(result, lang) {
    const card = cardById.get(result.cardId);
    const text = card && SIDES.find((side) => side.lang === lang)?.text(card);
    return text || t('job.phrase', { number: result.index + 1 });
  }

  async function cancel(button, job) {
    if (!(await ask(t('job.cancelTitle'), t('job.cancelText'), t('job.cancelYes'), t('job.cancelNo'), signal))) {
      return;
    }
    await act(button, async () => onChanged(await api.cancel(job.id)), { 409: t('job.tooLate') });
  }

  async function retry(button, job) {
    await act(button, async () => {
      await api.retry(job.id);
      onRetried();
    });
  }

  async function download(button, job) {
    const label = button.querySelector('span');
    label.textContent = t('deck.downloading');
    await act(button, async () => save(await (await api.archive(job.id)).blob()), { 409: t('deck.notReady') });
    label.textContent = t('deck.download');
  }

  function save(blob) {
    const url = URL.createObjectURL(blob);
    h('a', { href: url, download: `${fileName(deckName)}.zip` }).click();
    // The browser reads the address after the click has been handled; later it is of no use to anybody.
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  async function act(button, action, known = {}) {
    await whileBusy(button, async () => {
      fill(refusal);
      try {
        await action();
      } catch (error) {
        fill(refusal, refusalNotice(error, known[error.status] ?? refusalWords(error)));
      }
    });
  }

  return {
    element,
    update,
    focus: () => title.focus(),
    setConnected(yes) {
      connection.hidden = yes;
    },
  };
}

/** A deck's name as file systems take it. */
const fileName = (name) =>
  name
    .replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')
    .trim()
    .slice(0, 80) || 'audio';
