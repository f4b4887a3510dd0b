// One deck: its cards, its audio, and the job that makes it.

import * as api from './client.js';
import { cardTable } from './card-table.js';
import { keepAudio, lacksAudio, resultsByCard } from './cards.js';
import { ask, fill, h, icon, whileBusy } from './dom.js';
import { ended, follow } from './follow.js';
import { generateDialog } from './generate.js';
import { duration, money, t } from './i18n.js';
import { jobPanel } from './job-panel.js';
import { MAX_PHRASES, orderFor, outlook } from './order.js';
import * as player from './player.js';
import { voiceChoice } from './voices.js';
import { refusalNotice, refusalWords } from './words.js';

/** Shows a deck with its newest job or, with `params.jobId`, with that one. */
export async function deckView({ main, params, signal, setTitle, go }) {
  const { deckId, jobId } = params;
  const [deck, first] = await Promise.all([api.deck(deckId, signal), firstJob(deckId, jobId, signal)]);
  const { cards } = deck;
  let job = null;
  let following = null;
  let frame = null;
  let focusPanel = false;

  const table = cardTable(cards, { onRevoice: (button, card) => whileBusy(button, () => start([card])), signal });
  const panel = jobPanel({ cards, deckName: deck.name, onChanged: changed, onRetried: () => watch(job.id), signal });
  const generate = h('button', { type: 'button', onclick: () => whileBusy(generate, () => start(null)) });
  const playAll = h('button', { type: 'button', onclick: playOrStop });
  const remove = h('button', { type: 'button', onclick: () => whileBusy(remove, deleteDeck) }, t('deck.delete'));
  const summary = h('p', { class: 'hint' });
  const cost = h('p', { class: 'hint' });
  const trouble = h('div');

  /** The cards that "generate" is about: those without audio or, when there are none, all. */
  function wanted() {
    const results = resultsByCard(job);
    const lacking = cards.filter((card) => lacksAudio(card, job, results));
    return { lacking, cards: lacking.length > 0 ? lacking : cards };
  }

  function playOrStop() {
    if (player.playingAll()) {
      player.stop();
    } else {
      player.play(table.pieces());
    }
  }

  function renderPlayAll() {
    const stop = player.playingAll();
    playAll.disabled = !stop && table.pieces().length === 0;
    fill(playAll, icon(stop ? 'stop' : 'play'), t(stop ? 'deck.stopAll' : 'deck.playAll'));
  }

  /** Says what the audio would cost and which texts look wrong before anybody asks; without an answer nothing is lost. */
  async function lookAhead() {
    try {
      const { chosen, request } = await voiceChoice(signal);
      const { lacking, cards: about } = wanted();
      const { body, total } = orderFor(deckId, about, request(chosen));
      if (body.phrases.length === 0) {
        return;
      }
      const estimate = await outlook(body, signal);
      table.warn(estimate.warnings);
      if (lacking.length > 0) {
        const price = estimate.billableCharacters === 0 ? t('estimate.free') : money(estimate.estimatedCostUsd);
        const time = duration(estimate.estimatedSeconds);
        cost.textContent =
          body.phrases.length < total
            ? t('deck.outlookPart', { n: body.phrases.length, cost: price, time })
            : t('deck.outlook', { cost: price, time });
      }
    } catch (error) {
      if (!(error instanceof api.ApiError) && !signal.aborted) {
        throw error;
      }
    }
  }

  function changed(newJob) {
    job = newJob;
    keepAudio(cards, job);
    // A busy job changes many times a second; the page shows what is newest once a frame.
    frame ??= requestAnimationFrame(() => {
      frame = null;
      if (!signal.aborted) {
        render();
      }
    });
  }

  function render() {
    if (job) {
      panel.update(job);
      // The button that started the job is gone, and would take the focus with it.
      if (focusPanel) {
        focusPanel = false;
        panel.focus();
      }
    }
    table.update(job);
    const running = job !== null && !ended(job);
    const { lacking } = wanted();
    const onlyFailed =
      job !== null && ['completed', 'failed'].includes(job.status) && lacking.length <= job.failedCount;
    generate.hidden = running || cards.length === 0 || (lacking.length > 0 && onlyFailed);
    generate.className = lacking.length > 0 ? 'primary' : '';
    generate.textContent = lacking.length > 0 ? generateWords(lacking.length) : t('deck.generateAgain');
    cost.hidden = generate.hidden || lacking.length === 0;
    playAll.className = lacking.length === 0 ? 'primary' : '';
    renderPlayAll();
    summary.textContent = [t('decks.cards', { n: cards.length }), audioWords(cards.length - lacking.length)].join(
      ' · ',
    );
    setTitle(running ? `${percent()} ${deck.name}` : deck.name);
  }

  /** One job may not take all of a large deck: what it costs is the price of the part. */
  function generateWords(total) {
    return total > MAX_PHRASES
      ? t('deck.generatePart', { n: MAX_PHRASES, total })
      : t('deck.generate', { n: total });
  }

  function audioWords(complete) {
    return complete === cards.length
      ? t('decks.complete')
      : complete > 0
        ? t('decks.withAudio', { n: complete })
        : t('decks.noAudio');
  }

  function percent() {
    return `(${Math.floor((100 * job.processedCount) / Math.max(1, job.totalPhrases))} %)`;
  }

  /** Makes the audio of these cards anew or, without any, of those that lack it. */
  async function start(chosen) {
    const { lacking, cards: usual } = wanted();
    const title = t(chosen ? 'voice.title' : lacking.length > 0 ? 'estimate.title' : 'deck.generateAgain');
    const newJobId = await generateDialog(title, deckId, chosen ?? usual, signal);
    if (!newJobId || signal.aborted) {
      return;
    }
    if (jobId) {
      go(`#/decks/${deckId}`);
    } else {
      focusPanel = true;
      watch(newJobId);
    }
  }

  async function deleteDeck() {
    const words = t('deck.deleteText', { n: cards.length });
    if (!(await ask(t('deck.deleteTitle'), words, t('deck.delete'), t('estimate.cancel'), signal))) {
      return;
    }
    fill(trouble);
    try {
      await api.deleteDeck(deckId);
      go('#/decks', t('deck.deleted'));
    } catch (error) {
      fill(trouble, refusalNotice(error));
      trouble.scrollIntoView({ block: 'nearest' });
    }
  }

  async function watch(id) {
    following?.abort();
    following = new AbortController();
    signal.addEventListener('abort', () => following.abort());
    fill(trouble);
    try {
      await follow(id, { onJob: changed, onConnection: panel.setConnected, signal: following.signal });
      await lookAhead();
    } catch (error) {
      fill(trouble, refusalNotice(error, error.status === 404 ? t('job.gone') : refusalWords(error)));
    }
  }

  fill(
    main,
    h(
      'div',
      { class: 'page-head' },
      h('div', {}, h('h1', { tabindex: '-1' }, h('bdi', {}, deck.name)), summary, cost),
      h('div', { class: 'actions' }, playAll, generate),
    ),
    trouble,
    panel.element,
    table.element,
    h('div', { class: 'actions' }, remove),
  );
  if (first) {
    job = first;
  }
  player.onPlaying(renderPlayAll, signal);
  render();
  lookAhead();
  if (first && !ended(first)) {
    watch(first.id);
  }
}

async function firstJob(deckId, jobId, signal) {
  if (jobId) {
    return (await api.job(jobId, signal)).job;
  }
  return (await api.jobs({ deckId, limit: 1 }, signal)).jobs[0] ?? null;
}
