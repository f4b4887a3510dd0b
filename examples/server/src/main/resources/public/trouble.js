// What an operator should look at and may mend: jobs that failed, webhooks that were given up, users who are blocked.

import * as api from './client.js';
import { announce, ask, field, fill, h, notice, whileBusy } from './dom.js';
import { dateTime, t } from './i18n.js';
import { refusalNotice } from './words.js';

/** The panel, for operators only. */
export async function troublePanel(signal) {
  const lists = h('div', { class: 'trouble' });
  const users = h('div');
  // What came of the last change: a list that was drawn anew would take the words, and the focus, with it.
  const outcome = h('div', { tabindex: '-1' });
  const email = h('input', { type: 'email', autocomplete: 'off', required: true, maxlength: 254 });
  const block = h('button', { type: 'submit' }, t('trouble.block'));

  async function refresh() {
    show(await api.trouble(signal));
  }

  /** Runs a change, says what came of it, and shows how things are then. */
  async function change(button, action, done) {
    await whileBusy(button, async () => {
      fill(outcome);
      try {
        if ((await action()) === false) {
          return;
        }
        fill(outcome, notice('good', h('p', {}, done)));
        announce(done);
        await refresh();
      } catch (error) {
        if (!signal.aborted) {
          fill(outcome, refusalNotice(error));
        }
      }
      if (!button.isConnected) {
        outcome.focus();
      }
    });
  }

  async function blockAfterAsking() {
    const address = email.value.trim();
    const words = t('trouble.blockText', { email: address });
    if (!(await ask(t('trouble.blockTitle'), words, t('trouble.block'), t('estimate.cancel'), signal))) {
      return false;
    }
    await api.block({ email: address });
    email.value = '';
    return true;
  }

  function show({ failedJobs, deadLetters, blockedUsers }) {
    fill(
      lists,
      part('trouble.failed', failedJobs, 'trouble.noneFailed', jobItem),
      part('trouble.letters', deadLetters, 'trouble.noLetters', letterItem),
    );
    fill(users, blockedUsers.length > 0 ? h('ul', { class: 'items' }, blockedUsers.map(userItem)) : null);
  }

  function letterItem({ jobId, id, at, attempts, lastError }) {
    const again = h('button', { type: 'button', onclick: replay }, t('trouble.replay'));

    function replay() {
      return change(again, () => api.replay(jobId, id), t('trouble.replayed'));
    }

    return h(
      'li',
      {},
      h(
        'div',
        {},
        h('p', {}, time(at), ` · ${t('trouble.attempts', { n: attempts })}`),
        h('p', { class: 'hint' }, lastError ?? ''),
        h('p', { class: 'tag' }, jobId),
      ),
      again,
    );
  }

  function userItem({ user, email: address }) {
    const name = address ?? user;
    const unblock = h(
      'button',
      { 'type': 'button', 'onclick': act, 'aria-label': t('trouble.unblockOf', { name }) },
      t('trouble.unblock'),
    );

    function act() {
      return change(unblock, () => api.unblock({ user }), t('trouble.unblocked', { name }));
    }

    return h('li', {}, h('bdi', {}, name), unblock);
  }

  function submit(event) {
    event.preventDefault();
    return change(block, blockAfterAsking, t('trouble.blocked'));
  }

  try {
    await refresh();
  } catch (error) {
    if (!(error instanceof api.ApiError) || error.status === 401) {
      throw error;
    }
    fill(outcome, refusalNotice(error));
  }
  return h(
    'section',
    { 'aria-labelledby': 'trouble-title' },
    h('h2', { id: 'trouble-title' }, t('trouble.title')),
    outcome,
    lists,
    h('h3', {}, t('trouble.users')),
    users,
    h(
      'form',
      { class: 'toolbar', onsubmit: submit },
      field('block-email', t('trouble.email'), email),
      block,
    ),
  );
}

const time = (iso) => h('time', { datetime: iso }, dateTime(iso));

function part(title, items, none, item) {
  return [
    h('h3', {}, t(title)),
    items.length > 0 ? h('ul', { class: 'items' }, items.map(item)) : h('p', { class: 'hint' }, t(none)),
  ];
}

function jobItem({ jobId, user, email, totalPhrases, errorMessage, completedAt }) {
  return h(
    'li',
    {},
    h(
      'div',
      {},
      h(
        'p',
        {},
        completedAt ? time(completedAt) : null,
        ' · ',
        h('bdi', {}, email ?? user),
        ` · ${t('decks.cards', { n: totalPhrases })}`,
      ),
      errorMessage ? h('p', { class: 'hint' }, errorMessage) : null,
      h('p', { class: 'tag' }, jobId),
    ),
  );
}
