// htmx requests: the CSRF token, the loading bar, and a sentence when no answer came.
import { readCookie } from "./cookies.js";
import { toast } from "./toasts.js";

const root = document.documentElement;
let running = 0;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "get") return;
  const token = readCookie("__Host-csrftoken") || readCookie("csrftoken");
  if (token) detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:beforeRequest", () => {
  running += 1;
  root.classList.add("is-loading");
});
document.addEventListener("htmx:afterRequest", () => {
  running = Math.max(0, running - 1);
  root.classList.toggle("is-loading", running > 0);
});
// A plain form that takes its time shows the same bar.
// A second click on its button does not send it again.
const sent = new Set();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  root.classList.add("is-loading");
  if (form.method !== "post") return;
  sent.add(form);
  setTimeout(() => sent.delete(form), 5000);
});
window.addEventListener("pageshow", () => {
  root.classList.remove("is-loading");
  sent.clear();
});

const say = (key) => toast(document.body.dataset[key], "error");
document.addEventListener("htmx:sendError", () => say("textOffline"));
document.addEventListener("htmx:timeout", () => say("textOffline"));
document.addEventListener("htmx:responseError", ({ detail }) => {
  say(detail.xhr.status === 403 || detail.xhr.status === 404 ? "textGone" : "textBroken");
});
