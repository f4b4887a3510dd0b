// The form to sign in or to create an account.

import * as api from './client.js';
import { checkbox, field, fill, h, notice, whileBusy } from './dom.js';
import { t } from './i18n.js';
import * as session from './session.js';
import { refusalNotice, refusalWords } from './words.js';

/** Shows the form, under a message if there is one; calls `onDone` once somebody is signed in. */
export function signInView({ main, setTitle }, message, onDone) {
  let creating = false;

  function show(focusHeading) {
    const heading = t(creating ? 'sign.up' : 'sign.in');
    const refusal = h('div', {});
    const email = h('input', { type: 'email', autocomplete: 'username', required: true, maxlength: 254 });
    const password = h('input', {
      type: 'password',
      autocomplete: creating ? 'new-password' : 'current-password',
      required: true,
      minlength: creating ? 8 : null,
    });
    const remember = checkbox('remember', t('sign.remember'), false);
    const submit = h('button', { type: 'submit', class: 'primary wide' }, heading);
    const h1 = h('h1', { tabindex: '-1' }, heading);

    async function send(event) {
      event.preventDefault();
      await whileBusy(submit, async () => {
        fill(refusal);
        try {
          const answer = await (creating ? api.register : api.login)(email.value.trim(), password.value);
          session.signIn(answer.token, answer.user.email, remember.querySelector('input').checked);
        } catch (error) {
          fill(refusal, refusalNotice(error, refusalOf(error)));
          return;
        }
        onDone();
      });
    }

    setTitle(heading);
    fill(
      main,
      h(
        'div',
        { class: 'card narrow' },
        h1,
        h('p', { class: 'hint' }, t('sign.intro')),
        message && !creating ? notice('info', h('p', {}, t(message))) : null,
        h(
          'form',
          { onsubmit: send },
          refusal,
          field('email', t('sign.email'), email),
          field('password', t('sign.password'), password, creating ? t('sign.passwordHint') : null),
          remember,
          submit,
        ),
        h('button', { type: 'button', class: 'link', onclick: other }, t(creating ? 'sign.toIn' : 'sign.toUp')),
      ),
    );
    if (focusHeading) {
      h1.focus();
    }
  }

  function other() {
    creating = !creating;
    show(true);
  }

  function refusalOf(error) {
    return error.status === 401 ? t('sign.wrong') : refusalWords(error);
  }

  show(false);
}
