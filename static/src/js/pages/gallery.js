// A product's pictures. Without this file they are a row that is swiped or scrolled, thumbnails that are
// links to a picture, and pictures that are links to their file. With it: the thumbnail of the picture in
// view is marked, arrow keys turn the row, and a picture opens large in a dialog.

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function setUp(gallery) {
  const row = gallery.querySelector(".gallery-row");
  const slides = [...gallery.querySelectorAll(".gallery-slide")];
  const thumbs = [...gallery.querySelectorAll(".gallery-thumb")];
  const dialog = gallery.querySelector(".gallery-zoom");
  let current = 0;
  let heading = null; // the picture to which the row is being turned; what comes by on the way is not marked

  function mark(index) {
    current = index;
    thumbs.forEach((thumb, position) => {
      if (position === index) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
  }

  function show(index) {
    const slide = slides[(index + slides.length) % slides.length];
    if ("onscrollend" in window) heading = slide;
    turnTo(slide, reducedMotion() ? "instant" : "smooth");
    mark(slides.indexOf(slide));
    return slide;
  }

  function turnTo(slide, behavior) {
    row.scrollTo({ left: slide.offsetLeft - row.offsetLeft, behavior });
  }

  function distance(slide) {
    return Math.abs(slide.getBoundingClientRect().left - row.getBoundingClientRect().left);
  }

  // A picture that comes in late can stop a smooth turn half way: the row then goes the rest at once.
  row.addEventListener("scrollend", () => {
    const nearest = slides.reduce((best, slide) => (distance(slide) < distance(best) ? slide : best), slides[0]);
    const meant = heading ?? nearest;
    heading = null;
    if (meant !== nearest) turnTo(meant, "instant");
    mark(slides.indexOf(meant));
  });
  // A hand on the row goes before: it stays where it is put.
  for (const kind of ["pointerdown", "wheel", "touchstart"]) {
    row.addEventListener(kind, () => { heading = null; }, { passive: true });
  }

  function step(event) {
    const forward = getComputedStyle(gallery).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    return { [forward]: 1, [back]: -1 }[event.key] ?? 0;
  }

  thumbs.forEach((thumb, index) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      show(index);
    }),
  );

  gallery.addEventListener("keydown", (event) => {
    const by = step(event);
    if (!by || slides.length < 2) return;
    event.preventDefault();
    const slide = show(current + by);
    if (dialog.open) enlarge(slide);
    else if (event.target.closest(".gallery-thumb")) thumbs[current].focus();
    else slide.focus({ preventScroll: true });
  });

  if (slides.length > 1) {
    const watcher = new IntersectionObserver(
      (entries) => {
        const seen = entries.find((entry) => entry.isIntersecting);
        if (seen && !heading) mark(slides.indexOf(seen.target));
      },
      { root: row, threshold: 0.6 },
    );
    slides.forEach((slide) => watcher.observe(slide));
  }

  function enlarge(slide) {
    const large = dialog.querySelector("img");
    large.src = slide.href;
    large.alt = slide.querySelector("img").alt;
  }

  slides.forEach((slide) =>
    slide.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      enlarge(slide);
      dialog.showModal();
    }),
  );
  // A click beside the picture closes it; Escape and the button do so by themselves.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  mark(0);
}

// Another choice brings other pictures (htmx).
function wake() {
  for (const gallery of document.querySelectorAll("[data-gallery]:not([data-awake])")) {
    gallery.dataset.awake = "";
    setUp(gallery);
  }
}
document.addEventListener("htmx:oobAfterSwap", wake);
wake();
