// Where the courier is, if they let the phone tell: for the distances in the list, and for a try at the door.
// Without this the list counts from the profile's place, and a try goes without one.
import "../photos.js";
import { askPlace, fill, mayAsk } from "../courier/place.js";

const here = document.querySelector("form[data-here]");
here?.addEventListener("submit", (event) => {
  if (event.submitter?.name === "forget" || here.elements.lat.value) return;
  event.preventDefault();
  const line = here.querySelector("[role=status]");
  line.textContent = here.dataset.textSearching;
  askPlace().then(
    (coords) => {
      fill(here, coords);
      here.requestSubmit();
    },
    () => {
      line.textContent = here.dataset.textDenied;
    },
  );
});

const door = document.querySelector("form[data-place]");
if (door) {
  const line = door.querySelector("[data-place-line]");
  const [words, button] = [line.querySelector("[role=status]"), line.querySelector("button")];
  const add = () => {
    button.hidden = true;
    words.textContent = words.dataset.textSearching;
    askPlace().then(
      (coords) => {
        fill(door, coords);
        words.textContent = words.dataset.textAdded;
      },
      () => {
        words.textContent = words.dataset.textDenied;
      },
    );
  };
  line.hidden = false;
  button.addEventListener("click", add);
  // Who said yes before is not asked again.
  mayAsk().then((yes) => yes && add());
}
