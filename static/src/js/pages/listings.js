// One box ticks every listing of the page; without JavaScript each has its own.
const all = document.querySelector("[data-tick-all]");

if (all) {
  const boxes = () => document.querySelectorAll("input[name=pick]");
  const box = all.querySelector("input");
  all.hidden = false;
  box.addEventListener("change", () => {
    for (const one of boxes()) one.checked = box.checked;
  });
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "pick") return;
    const ticked = [...boxes()].filter((one) => one.checked).length;
    box.checked = ticked === boxes().length;
    box.indeterminate = ticked > 0 && !box.checked;
  });
}
