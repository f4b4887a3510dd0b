// What is known of a card: its two texts, and the state of the audio of each.

import { ended } from './follow.js';
import { speakable } from './import-text.js';

/** The two sides of a card. */
export const SIDES = [
  { lang: 'en', text: (card) => card.question ?? '', url: 'audioUrlEn', request: 'textEn' },
  { lang: 'fr', text: (card) => card.answers?.[0] ?? '', url: 'audioUrlFr', request: 'textFr' },
];

/** The results of a job by card. */
export function resultsByCard(job) {
  return new Map((job?.resultUrls ?? []).map((result) => [result.cardId, result]));
}

/** Keeps with the cards what a job has made: another job may be shown later, and hold other cards. */
export function keepAudio(cards, job) {
  const results = resultsByCard(job);
  for (const card of cards) {
    for (const { url } of SIDES) {
      card[url] = results.get(card.id)?.[url] ?? card[url];
    }
  }
}

/**
 * The state of one side: {state, url?, failure?} where state is `ready`, `failed`, `making`, `waiting`, `missing` or
 * `none` (there is nothing to speak).
 */
export function sideState(card, side, job, results) {
  const result = results.get(card.id);
  const url = result?.[side.url] ?? card[side.url];
  if (url) {
    return { state: 'ready', url };
  }
  if (!speakable(side.text(card))) {
    return { state: 'none' };
  }
  const failure = result?.errors?.[side.lang];
  if (failure) {
    return { state: 'failed', failure };
  }
  if (result && !ended(job)) {
    return { state: job.status === 'pending' || job.waitingFor ? 'waiting' : 'making' };
  }
  return { state: 'missing' };
}

/** Whether a card lacks audio that could be made. */
export function lacksAudio(card, job, results) {
  return SIDES.some((side) => !['ready', 'none'].includes(sideState(card, side, job, results).state));
}

/** The request for the audio of some cards; sides without anything to speak are left out. */
export function requestFor(deckId, cards) {
  const phrases = [];
  for (const card of cards) {
    const [en, fr] = SIDES.map((side) => side.text(card)).map((text) => (speakable(text) ? text : undefined));
    if (en !== undefined || fr !== undefined) {
      phrases.push({ cardId: card.id, textEn: en, textFr: fr });
    }
  }
  return { deckId, phrases };
}
