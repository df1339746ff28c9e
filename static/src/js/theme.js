// Light or dark by hand: kept in a cookie, so the server writes it into the page and nothing flashes.
import { writeCookie } from "./cookies.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const current = () => root.dataset.theme || (dark.matches ? "dark" : "light");

function paint() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(current() === "dark"));
  }
}
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-theme-toggle]")) return;
  root.dataset.theme = current() === "dark" ? "light" : "dark";
  writeCookie("theme", root.dataset.theme);
  paint();
});
dark.addEventListener("change", paint);
paint();
