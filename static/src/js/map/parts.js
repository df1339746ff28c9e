// What the store's maps have in common: tiles where the store names some, the pin, zoom buttons in words.
import { DivIcon, TileLayer } from "leaflet/dist/leaflet-src.esm.js";

// Without tiles, or where they do not come, `instead` draws what is under the pins.
export function addTiles(map, text, instead) {
  if (!text.tiles) {
    instead();
    return;
  }
  let settled = false;
  const tiles = new TileLayer(text.tiles, {
    attribution: text.attribution,
    maxZoom: 19,
    // Tile servers want to know which site asks; the store's own policy would not say.
    referrerPolicy: "strict-origin",
  });
  tiles.once("tileload", () => {
    settled = true;
  });
  tiles.on("tileerror", () => {
    if (settled) return;
    settled = true;
    tiles.remove();
    instead();
  });
  tiles.addTo(map);
}

// A pin; `sign` is what is written on it, `kind` a colour of map.css.
export function pinIcon(sign = "", kind = "") {
  const inner = sign ? `<text x="16" y="21.5">${sign}</text>` : '<circle cx="16" cy="16" r="6"/>';
  return new DivIcon({
    className: kind ? `map-pin map-pin-${kind}` : "map-pin",
    html: `<svg viewBox="0 0 32 44" aria-hidden="true"><path d="M16 1C7.7 1 1 7.6 1 15.8 1 27 16 43 16 43s15-16 15-27.2C31 7.6 24.3 1 16 1Z"/>${inner}</svg>`,
    iconSize: [32, 44],
    iconAnchor: [16, 43],
  });
}

// Zoom buttons that say what they do in the person's language.
export function addZoomButtons(map, into, text) {
  for (const [words, step, sign] of [
    [text.textIn, 1, "+"],
    [text.textOut, -1, "−"],
  ]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-secondary btn-icon", textContent: sign });
    button.setAttribute("aria-label", words);
    button.addEventListener("click", () => map.setZoom(map.getZoom() + step));
    into.append(button);
  }
}
