// Follows a job until it ends: over the event stream, or by asking again where no stream comes through.

import * as api from './client.js';
import { readEvents } from './sse.js';

const POLL_MS = 2000;
const RECONNECT_MS = 500;
const HIDDEN_POLL_MS = 10000;
const POLLS_BEFORE_NEXT_STREAM = 15;
const SILENT_STREAMS_BEFORE_POLLING = 2;
// A new stream begins with an event at once; a proxy that holds it back holds everything back.
const FIRST_EVENT_MS = 5000;
// The server sends a heartbeat every 15 s at the latest.
const SILENCE_MS = 40000;
const LONGEST_PAUSE_MS = 15000;

const ENDED = new Set(['completed', 'failed', 'cancelled']);

export const ended = (job) => ENDED.has(job.status);

/**
 * Calls `onJob` with each state of the job and `onConnection(false | true)` when the server gets out of reach and back.
 * Resolves when the job has ended or `signal` is aborted; a refusal (the job is gone, the session is over) is thrown.
 */
export async function follow(jobId, { onJob, onConnection, signal }) {
  const state = { job: null, etag: null, lastEventId: null };
  const over = () => signal.aborted || (state.job !== null && ended(state.job));
  let silentStreams = 0;
  let failures = 0;
  const seen = (job) => {
    state.job = job;
    failures = 0;
    onConnection(true);
    onJob(job);
  };
  while (!over()) {
    try {
      if (document.hidden) {
        // A hidden tab gives its connection back: browsers allow few of them to one server.
        await ask(jobId, state, seen, signal);
        if (!over()) {
          await pause(HIDDEN_POLL_MS, signal, true);
        }
      } else if (silentStreams < SILENT_STREAMS_BEFORE_POLLING) {
        const heard = await listen(jobId, state, seen, signal);
        silentStreams = heard ? 0 : silentStreams + 1;
        if (!over()) {
          await pause(heard ? RECONNECT_MS : POLL_MS, signal);
        }
      } else {
        await ask(jobId, state, seen, signal);
        for (let i = 0; i < POLLS_BEFORE_NEXT_STREAM && !over(); i++) {
          await pause(POLL_MS, signal);
          await ask(jobId, state, seen, signal);
        }
        silentStreams--;
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error instanceof api.ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        throw error;
      }
      onConnection(false);
      failures++;
      // Some proxies cut streams and let everything else through.
      silentStreams++;
      await pause(Math.min(LONGEST_PAUSE_MS, RECONNECT_MS * 2 ** failures), signal);
    }
  }
}

async function ask(jobId, state, seen, signal) {
  const answer = await api.job(jobId, signal, state.etag);
  if (answer) {
    state.etag = answer.etag;
    seen(answer.job);
  }
}

/** Reads one stream to its end; says whether any event came. */
async function listen(jobId, state, seen, signal) {
  const connection = new AbortController();
  const close = () => connection.abort();
  const closeWhenHidden = () => document.hidden && close();
  // A stream that goes on where another broke off may have nothing to say for a while but heartbeats.
  const resumed = state.lastEventId !== null;
  let timer = setTimeout(close, resumed ? SILENCE_MS : FIRST_EVENT_MS);
  let heard = false;
  signal.addEventListener('abort', close);
  document.addEventListener('visibilitychange', closeWhenHidden);
  // A broken network is often silent: nobody closes the connection.
  window.addEventListener('offline', close);
  try {
    const response = await api.stream(jobId, state.lastEventId, connection.signal);
    if (response.status === 204) {
      await ask(jobId, state, seen, signal);
      return true;
    }
    if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      return false;
    }
    await readEvents(
      response,
      (event) => {
        heard = true;
        state.lastEventId = event.id ?? state.lastEventId;
        state.etag = null;
        seen(JSON.parse(event.data).job);
      },
      () => {
        if (heard || resumed) {
          heard = true;
          clearTimeout(timer);
          timer = setTimeout(close, SILENCE_MS);
        }
      },
    );
    return heard;
  } catch (error) {
    if (signal.aborted || error instanceof api.ApiError) {
      throw error;
    }
    // Closed by us, or cut on the way: a stream that has brought something is worth another try.
    return heard || document.hidden;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    document.removeEventListener('visibilitychange', closeWhenHidden);
    window.removeEventListener('offline', close);
  }
}

/** Waits; also ends when the network is back or, if asked to, when the page comes back into view. */
function pause(milliseconds, signal, untilVisible = false) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      document.removeEventListener('visibilitychange', done);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    window.addEventListener('online', done);
    if (untilVisible) {
      document.addEventListener('visibilitychange', done);
    }
  });
}
