// On every page of the courier's console: the service worker that makes it an app, and what still waits
// to be sent. What was confirmed without a network is shown until it was sent or refused.
import { flush, forget, onChange, REFUSED, SIGN_IN, waiting } from "../scanning/queue.js";
import { toast } from "../toasts.js";

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const AGAIN = 30000; // "online" is not always told, and not always true

const region = document.getElementById("queue");
const row = document.getElementById("queue-row");
const text = region.dataset;
let timer = 0;

function wordsOf(item) {
  if (item.state === REFUSED) return item.isOld ? text.textOld : item.text || text.textGone;
  return item.state === SIGN_IN ? text.textSignIn : text.textWaiting;
}

function draw(item) {
  const node = row.content.firstElementChild.cloneNode(true);
  const refused = item.state === REFUSED;
  node.dataset.state = item.state;
  node.querySelector("b").textContent = item.label;
  node.querySelector("p").textContent = wordsOf(item);
  node.querySelector("small").textContent = new Date(item.at).toLocaleTimeString(document.documentElement.lang, CLOCK);
  node.querySelector("a").hidden = item.state !== SIGN_IN;
  const done = node.querySelector("button");
  done.hidden = !refused;
  done.addEventListener("click", () => forget(item.key));
  return node;
}

async function show() {
  const items = await waiting();
  region.querySelector("ul").replaceChildren(...items.map(draw));
  region.hidden = !items.length;
  clearTimeout(timer);
  if (items.some((item) => item.state !== REFUSED)) timer = setTimeout(sendAll, AGAIN);
}

async function sendAll() {
  for (const item of await flush()) toast(`${item.label}: ${text.textSent}`, "success");
  await show();
}

if ("indexedDB" in window) {
  onChange(() => show().catch(() => {}));
  window.addEventListener("online", async () => {
    await sendAll().catch(() => {});
    if (document.body.classList.contains("is-offline")) location.reload(); // the page that was wanted
  });
  // A phone that gives the store no room keeps nothing, and has nothing to send.
  sendAll().catch(() => {});
}

if ("serviceWorker" in navigator && text.worker) {
  navigator.serviceWorker.register(text.worker, { updateViaCache: "none" }).catch(() => {});
}
