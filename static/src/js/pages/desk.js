// The back office by keyboard: j and k walk the list, "/" searches, and each thing that can be done has a
// letter (aria-keyshortcuts). Letters alone can get in the way of speech input, so they can be switched off.
import { isComposing } from "../composing.js";
import "../photos.js";

const STORED = "desk-keys";
const desk = document.querySelector("[data-desk]");
const toggle = document.querySelector("[data-keys-toggle]");
let on = localStorage.getItem(STORED) !== "off";

function show() {
  toggle.textContent = on ? toggle.dataset.on : toggle.dataset.off;
  toggle.setAttribute("aria-pressed", String(on));
}

if (toggle) {
  toggle.hidden = matchMedia("(pointer: coarse)").matches;
  show();
  toggle.addEventListener("click", () => {
    on = !on;
    localStorage.setItem(STORED, on ? "on" : "off");
    show();
  });
}

const isTyping = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);

function step(by) {
  const rows = [...desk.querySelectorAll(".desk-row")];
  const here = rows.findIndex((row) => row.matches("[aria-current]"));
  const next = rows[here < 0 ? 0 : here + by];
  next?.click();
}

function openAct(summary) {
  const act = summary.parentElement;
  act.open = !act.open;
  const field = act.open && act.querySelector("form :is(input:not([type=hidden]), textarea, select, button)");
  (field || summary).focus();
  act.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
  if (!on || !desk || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const act = /^[a-z]$/.test(key) && desk.querySelector(`summary[aria-keyshortcuts="${key}"]`);
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "/") document.getElementById("desk-q")?.focus();
  else if (act) openAct(act);
  else return;
  event.preventDefault();
});

// A reason that is given often is written into its field; without this script the server does it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  const field = button && document.getElementById(button.dataset.fill);
  if (!field) return;
  event.preventDefault();
  const typed = field.value.trim();
  if (!typed.includes(button.dataset.text)) field.value = `${typed} ${button.dataset.text}`.trim();
  field.focus();
});

// The list is as the reader left it: whom they look at stands in sight, without moving the page.
const chosen = desk?.querySelector(".desk-row[aria-current]");
if (chosen) {
  const list = chosen.closest(".desk-rows");
  list.scrollTop = chosen.offsetTop - list.offsetTop - list.clientHeight / 3;
}
const sent = desk?.querySelector(".act[open] .is-invalid, .act[open] form");
sent?.scrollIntoView({ block: "center" });
