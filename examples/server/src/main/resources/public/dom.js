// Small helpers to build the page. Text always goes in as text nodes, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

const ICONS = {
  play: 'M8 5.5v13l11-6.5z',
  stop: 'M7 7h10v10H7z',
  pause: 'M7 6h3.5v12H7zM13.5 6H17v12h-3.5z',
  next: 'M6 6l9 6-9 6zM16 6h2.5v12H16z',
  previous: 'M18 6l-9 6 9 6zM5.5 6H8v12H5.5z',
  clock: 'M12 4a8 8 0 100 16 8 8 0 000-16zm0 2a6 6 0 110 12 6 6 0 010-12zm-1 2v4.6l3.4 2 1-1.7-2.4-1.4V8z',
  failed: 'M12 3.5L22 20.5H2zM11 10v5h2v-5zm0 6.3v2h2v-2z',
  none: 'M6 11h12v2H6z',
  check: 'M9.5 17.6L4 12.1l1.7-1.7 3.8 3.8 8.8-8.8L20 7.1z',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18zm-1 4h2v2h-2zm0 4h2v6h-2z',
  plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
  voice:
    'M12 3a3 3 0 013 3v5a3 3 0 01-6 0V6a3 3 0 013-3zM6 11h2a4 4 0 008 0h2a6 6 0 01-5 5.9V20h-2v-3.1A6 6 0 016 11z',
  download: 'M11 4h2v8l3-3 1.4 1.4L12 15.8l-5.4-5.4L8 9l3 3zM5 18h14v2H5z',
  retry: 'M12 5V2l5 4-5 4V7a5 5 0 105 5h2a7 7 0 11-7-7z',
};

/**
 * Builds an element. Properties whose name starts with "on" are listeners, everything else is an attribute;
 * true writes an empty attribute, false, null and undefined write nothing. Children may be nodes, texts or lists.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) {
      continue;
    }
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'value') {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child);
    }
  }
}

/** Puts new children in the place of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** An icon. With a label it speaks for itself; without one it is decoration. */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else {
    svg.setAttribute('aria-hidden', 'true');
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

/** A coloured box with a message. Errors interrupt a screen reader, the others wait for their turn. */
export function notice(kind, ...children) {
  const role = kind === 'error' ? 'alert' : null;
  return h(
    'div',
    { class: `notice notice-${kind}`, role },
    icon(kind === 'error' || kind === 'warning' ? 'failed' : kind === 'good' ? 'check' : 'info'),
    h('div', { class: 'notice-text' }, ...children),
  );
}

/** A labelled form field; `control` gets the id that the label points to, `hint` is read with it. */
export function field(id, label, control, hint) {
  control.id = id;
  if (hint) {
    control.setAttribute('aria-describedby', `${id}-hint`);
  }
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    control,
    hint ? h('p', { id: `${id}-hint`, class: 'hint' }, hint) : null,
  );
}

/** A check box with its label. */
export function checkbox(id, label, checked, onchange) {
  const box = h('input', { type: 'checkbox', id, onchange });
  box.checked = checked;
  return h('div', { class: 'check' }, box, h('label', { for: id }, label));
}

/** Runs an action of a button once at a time: it cannot be pressed again until the action has ended. */
export async function whileBusy(button, action) {
  if (button.getAttribute('aria-busy') === 'true') {
    return;
  }
  button.setAttribute('aria-busy', 'true');
  button.setAttribute('aria-disabled', 'true');
  try {
    await action();
  } finally {
    button.removeAttribute('aria-busy');
    button.removeAttribute('aria-disabled');
  }
}

/**
 * Shows a modal dialog and hands over its form part to `build(close)`. Resolves with what was given to `close`, or
 * undefined when the dialog was left with Escape. The browser keeps the focus inside and gives it back afterwards.
 */
export function openDialog(title, build, signal) {
  return new Promise((resolve) => {
    const heading = h('h2', { id: 'dialog-title' }, title);
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, heading);
    // Resolved before the focus goes back: who opened the dialog is ready again by the next key.
    const close = (value) => {
      resolve(value);
      dialog.close();
    };
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
    signal?.addEventListener('abort', () => dialog.close());
    append(dialog, [build(close)]);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks a question; resolves with true when it was confirmed. */
export async function ask(title, text, yes, no, signal) {
  const answer = await openDialog(
    title,
    (close) => [
      h('p', {}, text),
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'primary', onclick: () => close(true) }, yes),
        h('button', { type: 'button', onclick: () => close(false) }, no),
      ),
    ],
    signal,
  );
  return answer === true;
}

/** Tells a screen reader something that is seen elsewhere on the page. */
export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

/** What is spoken, in its language: it runs in its own direction, and French marks stay with the word before them. */
export const speech = (lang, text) =>
  h('bdi', { lang }, lang === 'fr' ? text.replace(/ (?=[?!:;»])|(?<=«) /g, '\u00a0') : text);
