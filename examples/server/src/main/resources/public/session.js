// Who is signed in: the token and, where it is known, the e-mail address.

const KEY = 'tts-jobs.session';

let session = load('sessionStorage') ?? load('localStorage');

function load(storage) {
  try {
    return JSON.parse(window[storage].getItem(KEY));
  } catch {
    // Storage may be switched off (even its name then fails), or hold something that is not ours: then nobody is signed in.
    return null;
  }
}

export function token() {
  return session?.token ?? null;
}

export function email() {
  return session?.email ?? null;
}

/** Keeps the token for this tab or, with `remember`, on this device. */
export function signIn(newToken, newEmail, remember) {
  forget();
  session = { token: newToken, email: newEmail };
  try {
    (remember ? localStorage : sessionStorage).setItem(KEY, JSON.stringify(session));
  } catch {
    // Without storage the session lasts until the page is reloaded.
  }
}

/** Keeps another token for the same user, where the present one is kept. */
export function renew(newToken) {
  session = { ...session, token: newToken };
  try {
    for (const storage of [sessionStorage, localStorage]) {
      if (storage.getItem(KEY) !== null) {
        storage.setItem(KEY, JSON.stringify(session));
      }
    }
  } catch {
    // Without storage the session lasts until the page is reloaded.
  }
}

export function signOut() {
  session = null;
  forget();
}

function forget() {
  try {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  } catch {
    // Without storage there is nothing to forget.
  }
}

/** Takes a token out of an address that ends in `#token=…`, so that it stays neither in view nor in the history. */
export function takeTokenFromAddress() {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match) {
    return false;
  }
  history.replaceState(null, '', `${location.pathname}${location.search}#/decks`);
  signIn(match[1], null, false);
  return true;
}
