// A file of phrases, chosen or dropped.

import { announce, fill, h, notice } from './dom.js';
import { t } from './i18n.js';
import { decodeFile } from './import-text.js';

const MAX_FILE_BYTES = 5_000_000;

/**
 * The field for a file. `onText(text, name)` gets what a file holds and its name without the ending, and answers with the
 * number of lines in it.
 */
export function filePicker(onText) {
  const input = h('input', {
    'type': 'file',
    'id': 'file',
    'class': 'visually-hidden',
    'accept': '.csv,.tsv,.txt,.psv,.apkg,.xlsx,text/csv,text/plain,text/tab-separated-values',
    'aria-describedby': 'file-hint',
    'onchange': () => read(input.files[0]),
  });
  const words = h('div');
  const element = h(
    'div',
    { class: 'drop', ondragover: over, ondragleave: out, ondrop: dropped },
    input,
    h('label', { class: 'button', for: 'file' }, t('import.file')),
    h('span', { class: 'hint wide-only' }, t('import.drop')),
    h('p', { id: 'file-hint', class: 'hint' }, t('import.fileHint')),
    words,
  );

  function over(event) {
    event.preventDefault();
    element.classList.add('over');
  }

  function out() {
    element.classList.remove('over');
  }

  function dropped(event) {
    event.preventDefault();
    out();
    read(event.dataTransfer.files[0]);
  }

  async function read(file) {
    if (!file) {
      return;
    }
    // The same file may be chosen again after it was changed.
    input.value = '';
    try {
      const text = await textOf(file);
      const lines = onText(text, file.name.replace(/\.[^.]+$/, ''));
      const done = t('import.fileRead', { name: file.name, n: lines });
      fill(words, h('p', { class: 'hint' }, done));
      announce(done);
    } catch (error) {
      if (!(error instanceof FileProblem)) {
        throw error;
      }
      fill(words, notice('error', h('p', {}, t(error.message))));
    }
  }

  return element;
}

/** What keeps a file from being read; the message is the key of its words. */
class FileProblem extends Error {}

async function textOf(file) {
  if (/\.(apkg|colpkg)$/i.test(file.name)) {
    throw new FileProblem('import.package');
  }
  if (/\.(xlsx?|ods|numbers)$/i.test(file.name)) {
    throw new FileProblem('import.spreadsheet');
  }
  if (file.size > MAX_FILE_BYTES) {
    throw new FileProblem('import.fileTooLarge');
  }
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    // The file was moved, or may not be read.
    throw new FileProblem('import.fileUnreadable');
  }
  const text = decodeFile(bytes);
  if (text.includes('\0')) {
    throw new FileProblem('import.notText');
  }
  if (text.trim() === '') {
    throw new FileProblem('import.fileEmpty');
  }
  return text;
}
