// Suggestions under the search box: a combobox with a list, by the ARIA pattern. htmx fetches the list.
import { isComposing } from "./composing.js";

const input = document.querySelector("[role=combobox][data-suggest]");
const list = input && document.getElementById(input.getAttribute("aria-controls"));
let chosen = -1;

const options = () => [...list.querySelectorAll("[role=option]")];

function show(open) {
  if (!open) list.replaceChildren();
  chosen = -1;
  input.setAttribute("aria-expanded", String(open));
  input.removeAttribute("aria-activedescendant");
}

function choose(index) {
  const all = options();
  if (!all.length) return;
  chosen = (index + all.length) % all.length;
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  input.setAttribute("aria-activedescendant", all[chosen].id);
  all[chosen].scrollIntoView({ block: "nearest" });
}

if (input) {
  list.addEventListener("htmx:afterSwap", () => show(options().length > 0 && document.activeElement === input));
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options().length) return;
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Escape" && options().length) {
      event.preventDefault();
      show(false);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.href);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  input.addEventListener("blur", () => show(false));
}
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && input && !event.ctrlKey && !event.metaKey && !event.target.closest("input, textarea, select, [contenteditable]")) {
    event.preventDefault();
    input.focus();
  }
});
