// Messages in the corner: closed by hand, and good news closes itself.
const STAY = 6000;

const region = () => document.getElementById("messages");

function settle(node) {
  if (node.dataset.settled) return;
  node.dataset.settled = "yes";
  if (!node.matches(".toast-error, .toast-warning")) {
    let timer = setTimeout(() => node.remove(), STAY);
    for (const pause of ["mouseenter", "focusin"]) node.addEventListener(pause, () => clearTimeout(timer));
    node.addEventListener("mouseleave", () => {
      timer = setTimeout(() => node.remove(), STAY);
    });
  }
}

export function toast(text, tone = "info") {
  const template = document.getElementById("toast");
  if (!text || !template) return;
  const node = template.content.firstElementChild.cloneNode(true);
  node.classList.add(`toast-${tone}`);
  node.querySelector("p").textContent = text;
  region().append(node);
  settle(node);
}

document.addEventListener("click", ({ target }) => {
  target.closest("[data-close-toast]")?.closest(".toast").remove();
});

const settleAll = () => document.querySelectorAll("#messages .toast").forEach(settle);
document.addEventListener("htmx:afterSettle", settleAll);
document.addEventListener("htmx:oobAfterSwap", settleAll);
settleAll();
