// The history of jobs, newest first, and what they cost.

import { accountPart } from './account.js';
import * as api from './client.js';
import { field, fill, h, whileBusy } from './dom.js';
import { ended } from './follow.js';
import { dateTime, money, number, t } from './i18n.js';
import { statusWord } from './job-panel.js';
import { operatorPanel } from './operator.js';
import { troublePanel } from './trouble.js';
import { usagePanel } from './usage.js';
import { refusalNotice } from './words.js';

const PAGE = 20;
const REFRESH_MS = 4000;
const STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'];

export async function jobsView({ main, signal, setTitle }) {
  const [decks, usage, first, operator] = await Promise.all([
    api.decks(signal),
    usagePanel(signal),
    api.jobs({ limit: PAGE }, signal),
    operatorPanel(signal),
  ]);
  const care = operator && (await troublePanel(signal));
  const names = new Map(decks.map((deck) => [deck.id, deck.name]));
  const rows = new Map();
  let cursor = null;

  const filter = h(
    'select',
    { onchange: refilter },
    h('option', { value: '' }, t('jobs.filter.all')),
    STATUSES.map((value) => h('option', { value }, t(`job.${value}`))),
  );
  const body = h('tbody');
  const empty = h('p', { class: 'card empty' });
  const more = h('button', { type: 'button', onclick: () => whileBusy(more, () => load(cursor)) }, t('jobs.more'));
  const trouble = h('div');
  const table = h(
    'table',
    { class: 'jobs' },
    h('caption', { class: 'visually-hidden' }, t('jobs.title')),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['jobs.deck', 'jobs.status', 'jobs.cards', 'jobs.when', 'jobs.cost', 'jobs.savedHead'].map((key, column) =>
          h('th', { scope: 'col', class: COLUMNS[column] }, t(key)),
        ),
      ),
    ),
    body,
  );

  function add(page) {
    for (const job of page.jobs) {
      const line = h('tr');
      rows.set(job.id, { job, line });
      fillRow(line, job);
      body.append(line);
    }
    cursor = page.nextCursor;
    more.hidden = !cursor;
    table.hidden = rows.size === 0;
    empty.hidden = rows.size > 0;
    empty.textContent = t(filter.value ? 'jobs.noneSuch' : 'jobs.none');
  }

  function fillRow(line, job) {
    const status = statusWord(job);
    const address = `#/decks/${job.deckId}/jobs/${job.id}`;
    const made = job.processedCount - job.failedCount;
    const cells = [
      h('a', { href: address }, h('bdi', {}, names.get(job.deckId) ?? t('jobs.unknownDeck'))),
      h('span', { class: `badge badge-${status.tone}` }, status.text),
      `${number(made)} / ${number(job.totalPhrases)}`,
      h('time', { datetime: job.createdAt }, dateTime(job.createdAt)),
      money(job.usage?.estimatedCostUsd ?? 0),
      money(job.usage?.savedUsd ?? 0),
    ];
    fill(
      line,
      cells.map((content, column) => h('td', { class: COLUMNS[column] }, content)),
    );
  }

  async function load(from) {
    fill(trouble);
    const status = filter.value;
    try {
      const page = await api.jobs({ status, limit: PAGE, cursor: from }, signal);
      // The filter may have been changed while the answer was on its way.
      if (status === filter.value) {
        if (!from) {
          rows.clear();
          fill(body);
        }
        add(page);
      }
    } catch (error) {
      if (!signal.aborted) {
        fill(trouble, refusalNotice(error));
      }
    }
  }

  async function refilter() {
    await load(null);
  }

  /** Keeps the rows of running jobs fresh; one that cannot be read now is read the next time. */
  async function refresh() {
    for (const entry of [...rows.values()].filter(({ job }) => !ended(job))) {
      if (document.hidden || signal.aborted) {
        return;
      }
      try {
        const answer = await api.job(entry.job.id, signal, entry.etag);
        if (answer && !entry.line.contains(document.activeElement)) {
          entry.job = answer.job;
          entry.etag = answer.etag;
          fillRow(entry.line, answer.job);
        }
      } catch (error) {
        if (!(error instanceof api.ApiError) && !signal.aborted) {
          throw error;
        }
      }
    }
  }

  setTitle(t('jobs.title'));
  fill(
    main,
    h('div', { class: 'page-head' }, h('h1', { tabindex: '-1' }, t('jobs.title'))),
    usage,
    h(
      'section',
      { 'aria-label': t('jobs.title') },
      h('div', { class: 'toolbar' }, field('status', t('jobs.filter'), filter)),
      trouble,
      table,
      empty,
      more,
    ),
    operator,
    care,
    accountPart(signal),
  );
  add(first);
  const timer = setInterval(refresh, REFRESH_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}

// On a narrow screen the last columns are left out; the page of the job shows them.
const COLUMNS = ['', '', 'right', 'wide-only', 'right wide-only', 'right wide-only'];
