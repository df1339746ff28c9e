// The part of an order's page that follows the parcel: htmx asks every few seconds and swaps what changed
// (the server answers 304 otherwise). It rests while nobody looks, says politely what is new, and complains
// to nobody about an answer that did not come: the next one is seconds away.
const live = () => document.querySelector("[data-live]");
const isLive = (event) => event.target instanceof Element && event.target.matches("[data-live]");

// Neither the loading bar nor a message hears of it.
for (const name of ["beforeRequest", "afterRequest", "sendError", "timeout", "responseError"].map((name) => `htmx:${name}`)) {
  document.addEventListener(name, (event) => isLive(event) && event.stopImmediatePropagation(), true);
}
document.addEventListener("htmx:confirm", (event) => {
  if (isLive(event) && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && live()) window.htmx.trigger(live(), "look");
});

// What each parcel is about, in a sentence; a screen reader hears those that changed.
const sentences = () => new Set([...document.querySelectorAll("[data-live] [data-say]")].map((node) => node.dataset.say));
let before = sentences();

function wake() {
  for (const node of document.querySelectorAll(".live-mark, [data-share]")) node.hidden = false;
}
document.addEventListener("htmx:afterSettle", () => {
  wake();
  const now = sentences();
  const news = [...now].filter((sentence) => !before.has(sentence));
  if (news.length) document.getElementById("live-said").textContent = news.join(" ");
  before = now;
});
wake();

// Sharing the tracking link: the phone's own sheet where there is one, else the clipboard.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-share]");
  if (!button) return;
  const url = new URL(button.dataset.share, location.href).href;
  try {
    if (navigator.share) await navigator.share({ url });
    else {
      await navigator.clipboard.writeText(url);
      document.getElementById("live-said").textContent = button.dataset.said;
      button.querySelector("span").textContent = button.dataset.said;
    }
  } catch {
    // closed again, or not allowed: the link beside the button can be copied by hand
  }
});
