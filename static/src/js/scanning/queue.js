// What a courier confirmed while there was no network: kept on the phone, sent once, then forgotten.
// The page and the service worker share this; the form's key makes a second sending harmless.
import { readCookie } from "../cookies.js";

const DATABASE = "courier";
const TABLE = "confirms";
const PATIENCE = 20000;
const GOOD_FOR = 24 * 60 * 60 * 1000; // as long as a form's key: after that the store takes it no more
const channel = "BroadcastChannel" in self ? new BroadcastChannel("courier-queue") : null;
const listeners = new Set();

export const WAITING = "waiting";
export const SIGN_IN = "signin";
export const REFUSED = "refused";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function use(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode);
      const request = work(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function changed() {
  channel?.postMessage("changed");
  for (const listener of listeners) listener();
}

export function onChange(listener) {
  listeners.add(listener);
  channel?.addEventListener("message", listener);
}

export async function waiting() {
  const items = await use("readonly", (table) => table.getAll());
  return items.sort((a, b) => a.at - b.at);
}

// Keep a form (`fields` with its form_key) until it can be sent to `url`; `label` says which parcel it is.
export async function keep({ url, fields, label, state = WAITING }) {
  await use("readwrite", (table) => table.put({ key: fields.form_key, url, fields, label, state, at: Date.now() }));
  changed();
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register("courier-confirms").catch(() => {});
}

export async function forget(key) {
  await use("readwrite", (table) => table.delete(key));
  changed();
}

async function csrfToken() {
  for (const name of ["__Host-csrftoken", "csrftoken"]) {
    const value = self.document ? readCookie(name) : (await self.cookieStore?.get(name))?.value;
    if (value) return value;
  }
  return "";
}

// Send a form. What came of it: `done` (with `url`), `refused` (with `text`), `signin`, or `later`.
export async function send(url, fields) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-CSRFToken": await csrfToken() },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout?.(PATIENCE),
    });
  } catch {
    return { came: "later", offline: true };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return { came: "signin" };
  let said = {};
  try {
    said = await answer.json();
  } catch {
    // An error page, or somebody else's answer (a hotel's network): told apart by its status.
  }
  if (said.result === "confirmed") return { ...said, came: "done" };
  if (said.text && ![429, 503].includes(answer.status)) return { ...said, came: "refused" };
  if (answer.status === 404) return { came: "refused" };
  return { ...said, came: "later" };
}

// Send everything that waits, one after the other; returns the items that were confirmed now. Only one
// page or worker does it at a time.
export async function flush() {
  const run = () => sendAll();
  return navigator.locks ? navigator.locks.request("courier-queue", { ifAvailable: true }, (lock) => (lock ? run() : [])) : run();
}

// The PIN or code goes at once; the sentence stays until it was read.
async function refuse(item, why) {
  await use("readwrite", (table) => table.put({ ...item, ...why, fields: {}, state: REFUSED }));
}

async function sendAll() {
  const done = [];
  const items = (await waiting()).filter((item) => item.state !== REFUSED);
  const isOld = (item) => Date.now() - item.at > GOOD_FOR;
  for (const item of items.filter(isOld)) await refuse(item, { isOld: true });
  for (const item of items.filter((item) => !isOld(item))) {
    const outcome = await send(item.url, item.fields);
    if (outcome.came === "done") {
      await use("readwrite", (table) => table.delete(item.key));
      done.push({ ...item, fields: {}, next: outcome.url });
    } else if (outcome.came === "refused") {
      await refuse(item, { text: outcome.text || "" });
    } else {
      const state = outcome.came === "signin" ? SIGN_IN : WAITING;
      if (item.state !== state) await use("readwrite", (table) => table.put({ ...item, state }));
      // Without a network the others would fare the same. What waits for another courier to sign in is in nobody's way.
      if (outcome.offline) break;
    }
  }
  changed();
  return done;
}
