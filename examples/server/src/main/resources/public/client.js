// The calls to the server, one function each.

import * as session from './session.js';

/** The server refused (`status`), or could not be reached (status 0). */
export class ApiError extends Error {
  constructor(status, problem, retryAfterSeconds) {
    super(problem?.detail ?? problem?.error ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem?.code ?? null;
    this.detail = problem?.detail ?? problem?.error ?? null;
    this.fields = problem?.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

let onExpired = () => {};

/** Sets what happens when the server no longer accepts the token. */
export function whenExpired(handler) {
  onExpired = handler;
}

/** One request with the token. Answers with the response; refusals are thrown as {@link ApiError}. */
export async function request(method, path, { body, headers = {}, signal } = {}) {
  const token = session.token();
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      cache: 'no-store',
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError(0, null, null);
  }
  if (response.ok || response.status === 304) {
    return response;
  }
  // An answer that is late for a token that was replaced meanwhile says nothing about the new one.
  if (response.status === 401 && token && token === session.token()) {
    onExpired();
  }
  throw new ApiError(response.status, await readProblem(response), retryAfter(response));
}

async function readProblem(response) {
  try {
    return await response.json();
  } catch {
    // A proxy in between answers with a page of its own: the status has to be enough.
    return null;
  }
}

function retryAfter(response) {
  const value = response.headers.get('Retry-After');
  if (value === null) {
    return null;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

async function json(method, path, options) {
  return (await request(method, path, options)).json();
}

const id = encodeURIComponent;

export const register = (email, password) => json('POST', '/api/auth/register', { body: { email, password } });
export const login = (email, password) => json('POST', '/api/auth/login', { body: { email, password } });
export const changePassword = (password, newPassword) =>
  json('POST', '/api/auth/password', { body: { password, newPassword } });

export const decks = async (signal) => (await json('GET', '/api/my-decks', { signal })).decks;
export const deck = async (deckId, signal) => (await json('GET', `/api/my-decks/${id(deckId)}`, { signal })).deck;
export const createDeck = async (name, cards) => (await json('POST', '/api/my-decks', { body: { name, cards } })).deck;

export const deleteDeck = (deckId) => request('DELETE', `/api/my-decks/${id(deckId)}`);

export const estimate = (body, signal) => json('POST', '/api/tts/estimate', { body, signal });

/** Submits a job. The same key never makes a second one, however often the call is repeated. */
export const generate = async (body, idempotencyKey) =>
  (await json('POST', '/api/tts/generate', { body, headers: { 'Idempotency-Key': idempotencyKey } })).jobId;

export function jobs({ deckId, status, limit, cursor }, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ deckId, status, limit, cursor })) {
    if (value) {
      query.set(name, value);
    }
  }
  return json('GET', `/api/tts/jobs?${query}`, { signal });
}

/** The job, with the tag to ask again; null when it is still as the tag says. */
export async function job(jobId, signal, etag) {
  const headers = etag ? { 'If-None-Match': etag } : {};
  const response = await request('GET', `/api/tts/status/${id(jobId)}`, { signal, headers });
  if (response.status === 304) {
    return null;
  }
  return { job: (await response.json()).job, etag: response.headers.get('ETag') };
}

export const cancel = async (jobId) => (await json('DELETE', `/api/tts/jobs/${id(jobId)}`)).job;
export const retry = (jobId) => json('POST', `/api/tts/jobs/${id(jobId)}/retry`);
export const archive = (jobId) => request('GET', `/api/tts/jobs/${id(jobId)}/archive`);
export const voices = (signal) => json('GET', '/api/tts/voices', { signal });
export const operator = async (signal) => (await json('GET', '/api/operator', { signal })).operator;
export const pause = (account, reason) => request('POST', '/api/operator/pause', { body: { account, reason } });
export const resume = (account) => request('POST', '/api/operator/resume', { body: { account } });
export const trouble = async (signal) => (await json('GET', '/api/operator/trouble', { signal })).trouble;
export const replay = (jobId, eventId) => request('POST', '/api/operator/replay', { body: { jobId, id: eventId } });
export const block = (user) => request('POST', '/api/operator/block', { body: user });
export const unblock = (user) => request('POST', '/api/operator/unblock', { body: user });
export const usage = async (signal) => (await json('GET', '/api/tts/usage', { signal })).usage;

/** Opens the event stream of a job; the event source of browsers could not send the token. */
export function stream(jobId, lastEventId, signal) {
  return request('GET', `/api/tts/stream/${id(jobId)}`, {
    signal,
    headers: { Accept: 'text/event-stream', ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}) },
  });
}
