// The courier's map: pins in their order and the straight way between them. It only shows; addresses, and
// links to a map program, stand beside it in words, so the page works the same without it.
import { Control, Map as LeafletMap, Marker, Polyline } from "leaflet/dist/leaflet-src.esm.js";
import { addTiles, addZoomButtons, pinIcon } from "../map/parts.js";

const box = document.getElementById("route-map");
const text = box.dataset;
const pins = JSON.parse(text.pins);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

box.hidden = false;
const map = new LeafletMap(box, {
  attributionControl: Boolean(text.tiles),
  // A thumb that scrolls the page must not get stuck in the map; two fingers move it.
  dragging: matchMedia("(pointer: fine)").matches,
  inertia: !still,
  maxZoom: 18,
  scrollWheelZoom: false,
  zoomAnimation: !still,
  zoomControl: false,
  zoomSnap: 0.25,
});
if (text.tiles) map.attributionControl.setPrefix(false);
new Control.Scale({ imperial: false }).addTo(map);

const places = pins.map(({ lat, lng }) => [lat, lng]);
new Polyline(places, { className: "map-way", interactive: false }).addTo(map);
for (const { lat, lng, sign, kind } of pins) {
  new Marker([lat, lng], { icon: pinIcon(sign, kind), interactive: false, keyboard: false }).addTo(map);
}
map.fitBounds(places, { paddingTopLeft: [32, 56], paddingBottomRight: [64, 36], maxZoom: 15, animate: false });
// Without tiles it is a sketch on plain paper: where the stops lie to each other, and how far.
addTiles(map, text, () => box.classList.add("is-sketch"));

const tools = document.createElement("div");
tools.className = "map-zoom";
box.append(tools);
addZoomButtons(map, tools, text);
