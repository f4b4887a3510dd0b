// Who speaks: the voices that the server has, and those that were chosen last on this device.

import * as api from './client.js';
import { SIDES } from './cards.js';

const KEY = 'tts-jobs.voices';

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // Storage may be switched off, or hold something that is not ours: then nothing was chosen.
    return {};
  }
}

/**
 * The names to choose between, the one that was chosen last for each language or else the server's own, and `request`,
 * which leaves of a choice what has to be asked for: the server's own voices speak anyway.
 */
export async function voiceChoice(signal) {
  const { voices: names, defaults } = await api.voices(signal);
  const before = remembered();
  const usual = (lang) => defaults[lang] ?? defaults.default;
  const pick = (lang) => (names.includes(before[lang]) ? before[lang] : usual(lang));
  return {
    names,
    chosen: Object.fromEntries(SIDES.map(({ lang }) => [lang, pick(lang)])),
    request: (chosen) => Object.fromEntries(Object.entries(chosen).filter(([lang, name]) => name !== usual(lang))),
  };
}

/** Keeps the voices of an order for the next one. */
export function remember(chosen) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...chosen }));
  } catch {
    // Without storage the server's own voices are offered the next time.
  }
}
