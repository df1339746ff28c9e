// The editor of a listing: nothing that was typed is lost, many pictures go up at once, and they are sorted by hand.
const form = document.getElementById("editor");

if (form) {
  for (const field of document.querySelectorAll("[data-needs-script]")) field.hidden = false;
  keepTyped(form);
}
document.addEventListener("submit", upload);
sortByHand();

// What is typed goes into this browser at once, and to the store after a pause. It is offered again where the store
// does not have it: after a session that ended, a battery that died, an answer that never came.
function keepTyped(editor) {
  const key = `listing:${editor.dataset.kept}`;
  const fields = () =>
    Object.fromEntries([...new FormData(editor)].filter(([name]) => !/^(csrf|shown|category-q|all-)/.test(name)));
  const drawn = JSON.stringify(fields());
  const read = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // this browser keeps nothing
    }
  };
  const write = (text) => {
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      // as above
    }
  };
  const kept = read();
  if (kept && kept !== drawn && !editor.querySelector(".is-invalid")) offer(kept);
  else if (kept) write(null);

  let pause;
  const keep = () => {
    write(JSON.stringify(fields()));
    clearTimeout(pause);
    pause = setTimeout(() => window.htmx.trigger(document.body, "keep"), 2500);
  };
  editor.addEventListener("input", keep);
  // Whoever types faster than this file comes has typed it all the same.
  if ([...editor.elements].some((field) => "defaultValue" in field && field.type !== "hidden" && isTyped(field))) keep();
  editor.addEventListener("submit", () => clearTimeout(pause));

  function offer(text) {
    const box = document.querySelector("[data-restore]");
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => {
      for (const [name, value] of Object.entries(JSON.parse(text))) {
        const field = editor.elements.namedItem(name);
        if (field && !(field instanceof RadioNodeList)) field.value = value;
      }
      box.hidden = true;
      editor.dispatchEvent(new Event("input"));
    });
  }
}

function isTyped(field) {
  return ["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

// One picture a request, so that each has its progress and one that cannot be read stops no other.
async function upload(event) {
  const sent = event.target;
  const files = [...(sent.querySelector?.("input[type=file]")?.files ?? [])];
  if (!sent.matches("[data-upload]") || !files.length) return;
  event.preventDefault();
  const bar = sent.querySelector("progress");
  bar.hidden = false;
  sent.querySelector("button").disabled = true;
  let answer = "";
  for (const [number, file] of files.entries()) {
    const body = new FormData(sent);
    body.delete("file");
    body.append("file", file);
    answer = (await send(sent.action, body, (part) => (bar.value = (100 * (number + part)) / files.length))) || answer;
  }
  const section = document.getElementById("pictures");
  if (!answer) {
    location.reload();
    return;
  }
  window.htmx.swap(section, answer, { swapStyle: "outerHTML" }); // and what comes with it out of band
}

function send(address, body, progress) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
    request.addEventListener("load", () => {
      const login = request.getResponseHeader("HX-Redirect");
      if (login) location.assign(login);
      done([200, 409, 422].includes(request.status) ? request.responseText : "");
    });
    request.addEventListener("error", () => done(""));
    request.send(body);
  });
}

// Dragged pictures take the place where they are let go; the arrows beside them do the same for the keyboard.
function sortByHand() {
  let moved = null;
  document.addEventListener("dragstart", ({ target }) => {
    moved = target.closest?.("[data-sortable] > li");
  });
  document.addEventListener("dragover", (event) => {
    const over = event.target.closest?.("[data-sortable] > li");
    if (!moved || !over || over === moved) return;
    event.preventDefault();
    const { left, width } = over.getBoundingClientRect();
    over[event.clientX > left + width / 2 ? "after" : "before"](moved);
  });
  document.addEventListener("drop", (event) => moved && event.preventDefault());
  document.addEventListener("dragend", () => {
    if (!moved) return;
    moved = null;
    const places = document.querySelectorAll("[data-sortable] input[name=place]");
    for (const [number, place] of places.entries()) place.value = number + 1;
    document.getElementById("sort")?.requestSubmit();
  });
}
