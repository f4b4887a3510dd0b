// An order for audio, and what the server says of it before it is placed: cost, time, and texts that look wrong.

import * as api from './client.js';
import { SIDES, requestFor } from './cards.js';

/** What one job takes, by the server's default settings: phrases, and a little less than the bytes of a request. */
export const MAX_PHRASES = 200;
const MAX_BYTES = 1_000_000;

/** The request for the first cards that fit into one job, spoken by `voices`, and how many cards there are in all. */
export function orderFor(deckId, cards, voices) {
  const { phrases } = requestFor(deckId, cards);
  const part = [];
  let bytes = 300;
  for (const phrase of phrases.slice(0, MAX_PHRASES)) {
    bytes += new TextEncoder().encode(JSON.stringify(phrase)).length + 1;
    if (bytes > MAX_BYTES && part.length > 0) {
      break;
    }
    part.push(phrase);
  }
  return { body: { deckId, phrases: part, voices }, total: phrases.length };
}

/** The estimate of an order, its warnings as {cardId, lang, text, code, message}. */
export async function outlook(body, signal) {
  const estimate = await api.estimate(body, signal);
  return { ...estimate, warnings: estimate.warnings.map((warning) => located(warning, body)).filter(Boolean) };
}

/** The server names a text by its place in the request, such as `phrases[3].textFr`. */
function located({ field, code, message }, { phrases }) {
  const [, index, name] = /^phrases\[(\d+)\]\.(\w+)$/.exec(field) ?? [];
  const side = SIDES.find(({ request }) => request === name);
  const phrase = phrases[index];
  return side && phrase ? { cardId: phrase.cardId, lang: side.lang, text: phrase[name], code, message } : null;
}
