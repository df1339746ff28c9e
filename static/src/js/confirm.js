// data-confirm="What will happen": asks once, in a dialog, before a form is sent or a link followed.
let allowed = null;

function ask(text, go) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = text;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue === "yes") go();
    },
    { once: true },
  );
  dialog.showModal();
}

function hold(event, node, go) {
  if (allowed === node) {
    allowed = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(node.dataset.confirm, () => {
    allowed = node;
    go();
  });
}

document.addEventListener(
  "submit",
  (event) => {
    const { submitter } = event;
    const node = submitter?.dataset.confirm ? submitter : event.target;
    if (node.dataset.confirm) hold(event, node, () => event.target.requestSubmit(submitter));
  },
  true,
);
document.addEventListener(
  "click",
  (event) => {
    const node = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
    if (node) hold(event, node, () => node.click());
  },
  true,
);
