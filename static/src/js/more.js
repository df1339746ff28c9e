// "Show more" swaps itself for what comes next; whoever pressed it goes on with the first of it.
let before = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.matches(".more")) before = detail.target.previousElementSibling;
});
document.addEventListener("htmx:afterSettle", () => {
  before?.nextElementSibling?.querySelector("a")?.focus({ preventScroll: true });
  before = null;
});
