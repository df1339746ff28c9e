// The typed address moves the pin, and a pin that somebody set is compared with it. The store's own server looks.
const PAUSE = 350; // milliseconds without a key before it is asked

export function followAddress({ field, box, list, doubts, pin, put, say }) {
  const text = box.dataset;
  const lines = document.getElementById("map-doubt-lines");
  const confirm = doubts.querySelector("input");
  let timer;
  let asked = 0;

  async function ask(words, place) {
    const query = new URLSearchParams({ q: words.replace(/\s+/g, " ").trim() });
    if (place) {
      query.set("lat", place.lat.toFixed(6));
      query.set("lng", place.lng.toFixed(6));
    }
    const turn = ++asked;
    try {
      const answer = await fetch(`${text.search}?${query}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || turn !== asked) return null;
      return await answer.json();
    } catch {
      return null; // the fields are there; the server looks again when they are sent
    }
  }

  function doubt(sentences) {
    lines.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("li");
        line.textContent = sentence;
        return line;
      }),
    );
    doubts.hidden = !sentences.length;
    if (!sentences.length) confirm.checked = false;
  }

  function offer(found) {
    list.hidden = found.length < 2;
    list.replaceChildren(
      ...found.map((place) => {
        const row = document.createElement("li");
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "btn btn-secondary", textContent: place.label, dir: "auto" });
        button.addEventListener("click", () => choose(place));
        row.append(button);
        return row;
      }),
    );
  }

  function choose(place) {
    if (place.exactness === "door") field.value = place.label;
    list.hidden = true;
    go(place);
  }

  function go(place) {
    put(place);
    doubt([]);
    say(place.exactness === "door" ? text.textFound : text.textRough);
  }

  async function look() {
    const answer = await ask(field.value, pin.byHand ? pin.place() : null);
    if (!answer) return;
    offer(answer.found);
    if (pin.byHand) doubt(answer.doubts);
    else if (answer.found.length) go(answer.found[0]);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });

  // After the pin was set by hand: is it where the address says, and where the store delivers?
  return async function compare() {
    const answer = await ask(field.value, pin.place());
    if (answer) doubt(answer.doubts);
  };
}
