// Ends a parcel's way: the camera reads the buyer's code, or the courier types the PIN. Without this script
// the PIN is a plain form. Neither code nor picture goes anywhere but into that form's POST.
import { Camera, trouble } from "../scanning/camera.js";
import { lookAtPhoto, tokenIn, trust } from "../scanning/decode.js";
import { ask, place } from "../scanning/place.js";
import { keep, send, SIGN_IN, WAITING } from "../scanning/queue.js";

const PIN = /^\d{6}$/;
const BREATH = 2500; // ms before the camera looks again after a refusal

const scanner = document.getElementById("scanner");
const form = document.getElementById("confirm-form");
const text = scanner.dataset;
const video = scanner.querySelector("video");
const status = document.getElementById("scan-status");
const answer = document.getElementById("confirm-answer");
const pin = form.elements.pin; // not there where nothing is carried
const submits = form.querySelectorAll("[type=submit]");
const root = document.documentElement;
trust(text.site);
const refused = new Set(); // codes that were wrong are not sent again
let busy = false;
let ready = ""; // what stands over the picture, or in its place, while nothing happens
let timer = 0;

function say(words, where = status) {
  where.textContent = words;
}

// Felt in a gloved hand. A browser that nobody has touched yet would only complain.
function buzz(pattern) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

// --- sending ---

function complain(words) {
  answer.hidden = false;
  answer.className = "alert alert-danger";
  say(words, answer);
}

// Where it goes: on the page of one job, and for a code, to this page; a PIN on the Scan tab to the page of
// the parcel that was chosen. Each has its own form key and says what it was drawn for.
function target(token) {
  const chosen = token ? null : form.querySelector("[name=delivery]:checked");
  const { url = form.action, label = "" } = (chosen || form).dataset;
  const key = chosen ? form.elements[`form_key-${chosen.value}`] : form.elements.form_key;
  const shown = chosen ? form.elements[`shown-${chosen.value}`] : form.elements.shown;
  return { url, key, shown: shown ? shown.value : "", label: label || text.textByCode };
}

// What is kept has its form's key; the next code scanned on this page needs another.
function renew(key) {
  const spares = (form.dataset.spares || "").split(" ").filter(Boolean);
  if (key !== form.elements.form_key || !spares.length) return;
  key.value = spares.shift();
  form.dataset.spares = spares.join(" ");
}

async function queue({ url, key, label }, fields, state) {
  try {
    await keep({ url, fields, label, state });
  } catch {
    complain(text.textNotKept); // no room on this phone (a private window): it is typed again
    return;
  }
  renew(key);
  answer.hidden = false;
  answer.className = "alert alert-warning";
  say(state === SIGN_IN ? text.textSignIn : text.textKept, answer);
}

async function confirm({ token = "" }) {
  if (busy) return;
  busy = camera.paused = true;
  root.classList.add("is-loading");
  for (const button of submits) button.disabled = true;
  const to = target(token);
  const secret = token ? { token } : { pin: pin.value.replace(/\D/g, "") };
  const fields = { form_key: to.key.value, shown: to.shown, ...secret, ...(await place()) };
  const outcome = await send(to.url, fields);
  if (pin) pin.value = "";
  if (outcome.came === "done") {
    buzz(80);
    location.assign(outcome.url);
    return;
  }
  root.classList.remove("is-loading");
  busy = false;
  for (const button of submits) button.disabled = false;
  if (outcome.form_key) to.key.value = outcome.form_key;
  if (outcome.came !== "later" || !outcome.text) refused.add(token);
  if (outcome.came === "refused") {
    buzz([60, 60, 60]);
    complain(outcome.text || text.textGone);
  } else if (outcome.text) {
    complain(outcome.text); // too often, or the store is busy: the same form may be sent again
  } else {
    await queue(to, fields, outcome.came === "signin" ? SIGN_IN : WAITING);
  }
  answer.focus();
  say(ready);
  setTimeout(() => {
    camera.paused = false;
  }, BREATH);
}

// --- the camera ---

// Say something for a moment.
function hint(words) {
  if (busy) return;
  say(words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!busy) say(ready);
  }, BREATH);
}

const camera = new Camera(video, text.wasm, {
  found(tokens) {
    const token = tokens.find((seen) => !refused.has(seen));
    if (busy || !token) return;
    say(text.textFound);
    confirm({ token });
  },
  foreign: () => hint(text.textForeign),
  blind: () => hint(text.textNoReader),
});
const torch = document.getElementById("torch");
const photo = document.getElementById("scan-photo");

async function look() {
  try {
    await camera.open();
  } catch (error) {
    camera.close();
    scanner.classList.add("is-blind");
    ready = text[trouble(error)];
    if (!busy) say(ready);
    photo.hidden = false;
    return;
  }
  scanner.classList.remove("is-blind");
  photo.hidden = true;
  ready = text.textLook;
  if (!busy) say(ready);
  torch.hidden = !camera.hasLight();
}

torch.addEventListener("click", async () => {
  const on = torch.getAttribute("aria-pressed") !== "true";
  try {
    await camera.shine(on);
    torch.setAttribute("aria-pressed", String(on));
  } catch {
    torch.hidden = true;
  }
});
// A phone in the pocket keeps no camera open.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) camera.close();
  else if (!scanner.classList.contains("is-blind") && !camera.stream) look();
});
window.addEventListener("pagehide", () => camera.close());

photo.querySelector("input").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  say(text.textReading);
  let words = text.textNoCode;
  try {
    const { tokens, isForeign } = await lookAtPhoto(file, text.wasm);
    if (tokens.length) {
      say(text.textFound);
      confirm({ token: tokens[0] });
      return;
    }
    if (isForeign) words = text.textForeign;
  } catch {
    words = text.textNoReader; // or no picture that this browser can open
  } finally {
    target.value = "";
  }
  say(words);
});

// --- the PIN ---

function typePin() {
  const keys = document.getElementById("keys");
  keys.hidden = false;
  keys.addEventListener("click", ({ target }) => {
    const key = target.closest("button")?.dataset.key;
    if (!key) return;
    const digits = pin.value.replace(/\D/g, "");
    pin.value = key === "back" ? digits.slice(0, -1) : (digits + key).slice(0, 6);
  });
  const send = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.elements.delivery && !form.elements.delivery.value) complain(text.textWhich);
    else if (PIN.test(pin.value.replace(/[\s-]/g, ""))) confirm({});
    else {
      complain(text.textSixDigits);
      pin.focus();
    }
  };
  form.addEventListener("submit", send, true);
}

// --- to begin with ---

// The phone's own camera app opened the code's address: what follows "#" never went over the net, and it
// does not stay in the address either.
const brought = tokenIn(location.hash.slice(1));
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
scanner.hidden = !pin;
if (brought) {
  ask();
  say(text.textFound);
  confirm({ token: brought });
}
if (pin) {
  typePin();
  look().then(ask); // two questions at once would be one too many
}
