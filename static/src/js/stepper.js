// The − and + beside a number field; the field works alone, so they are hidden until this runs.
function wake(root) {
  for (const button of root.querySelectorAll(".stepper button[data-step]")) button.hidden = false;
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest(".stepper button[data-step]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  const before = field.value;
  if (button.dataset.step === "up") field.stepUp();
  else field.stepDown();
  if (field.value !== before) field.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("htmx:afterSettle", () => wake(document));
wake(document);
