// Menus are <details class="menu">: they close on Escape, on a click elsewhere, and when focus leaves.
import { isComposing } from "./composing.js";

const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isComposing(event)) return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusin", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

// Fields that send their form as soon as they change (the form has a button for when this does not run).
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-autosubmit]")) target.form.requestSubmit();
});

// On a phone the list of pages beside the content lies on its side: the page that is shown is brought into view.
document.querySelector(".side-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
