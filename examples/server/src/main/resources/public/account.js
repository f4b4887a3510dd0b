// The user's own account: another password.

import * as api from './client.js';
import { announce, field, fill, h, notice, openDialog, whileBusy } from './dom.js';
import { t } from './i18n.js';
import * as session from './session.js';
import { refusalNotice } from './words.js';

export function accountPart(signal) {
  const done = h('div', { 'aria-live': 'polite' });

  async function change() {
    fill(done);
    if (await askPasswords(signal)) {
      fill(done, notice('good', h('p', {}, t('account.changed'))));
      announce(t('account.changed'));
    }
  }

  return h(
    'section',
    { 'aria-labelledby': 'account-title' },
    h('h2', { id: 'account-title' }, t('account.title')),
    done,
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: change }, t('account.change'))),
  );
}

/** Resolves with true once the password is another one. */
function askPasswords(signal) {
  return openDialog(
    t('account.change'),
    (close) => {
      const present = h('input', { type: 'password', autocomplete: 'current-password', required: true });
      const next = h('input', { type: 'password', autocomplete: 'new-password', required: true, minlength: 8 });
      const refusal = h('div');
      const submit = h('button', { type: 'submit', class: 'primary' }, t('account.change'));

      async function send(event) {
        event.preventDefault();
        await whileBusy(submit, async () => {
          fill(refusal);
          try {
            session.renew((await api.changePassword(present.value, next.value)).token);
            close(true);
          } catch (error) {
            fill(refusal, refusalNotice(error));
          }
        });
      }

      return h(
        'form',
        { onsubmit: send },
        h('p', {}, t('account.others')),
        refusal,
        // Not to be seen: it tells password managers whose password this is.
        h('input', { type: 'text', autocomplete: 'username', value: session.email() ?? '', hidden: true }),
        field('present-password', t('account.present'), present),
        field('next-password', t('account.next'), next, t('sign.passwordHint')),
        h(
          'div',
          { class: 'actions' },
          submit,
          h('button', { type: 'button', onclick: () => close() }, t('account.cancel')),
        ),
      );
    },
    signal,
  );
}
