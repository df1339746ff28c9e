// The pin on the map of the location page. The fields below it are the form; this only fills them, so
// without this script, the map's tiles or a network the page works the same.
import { GeoJSON, Map as LeafletMap, Marker } from "leaflet/dist/leaflet-src.esm.js";
import { feature } from "topojson-client";
import { followDoors } from "../map/doors.js";
import { followAddress } from "../map/finding.js";
import { addTiles, addZoomButtons, pinIcon } from "../map/parts.js";

const WORLD = [
  [-85, -180],
  [85, 180],
];
const DEGREES = /^[+-]?\d{1,3}([.,]\d+)?$/;
// As shop/forms/account.py: "52,5" is a decimal comma, "52.5,13.4" and "52, 13" are two numbers.
const PAIR = /^(?=geo:|.*[.;]|.*,\s)(?:geo:)?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,;]\s*([+-]?\d{1,3}(?:\.\d+)?)/;

const box = document.getElementById("map");
const tools = document.getElementById("map-tools");
const status = document.getElementById("map-status");
const latField = document.getElementById("id_location_lat");
const lngField = document.getElementById("id_location_lng");
const text = box.dataset;

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
box.hidden = tools.hidden = false;
const map = new LeafletMap(box, {
  maxBounds: WORLD,
  maxBoundsViscosity: 1,
  minZoom: 1,
  zoomSnap: 0.5,
  zoomControl: false,
  inertia: !still,
  zoomAnimation: !still,
});
map.attributionControl.setPrefix(false);

const pin = new Marker([0, 0], {
  alt: text.textPin,
  title: text.textPin,
  draggable: true,
  autoPan: true,
  icon: pinIcon(),
});

// Rings that cross the date line jump from 180° to -180°, which a flat map draws as a line across the
// world: they go on past 180° instead, and one that goes all the way round closes at the pole.
function unwrapRing(ring) {
  let turn = 0;
  const whole = ring.map(([lng, lat], i) => {
    if (i) {
      const step = lng - ring[i - 1][0];
      if (Math.abs(step) > 180) turn -= 360 * Math.sign(step);
    }
    return [lng + turn, lat];
  });
  if (turn) whole.push([whole.at(-1)[0], -90], [whole[0][0], -90], whole[0]);
  return whole;
}

const shift = (by) => (ring) => ring.map(([lng, lat]) => [lng + by, lat]);
const reaches = (polygon, lng) => polygon[0].some((point) => (lng > 0 ? point[0] > lng : point[0] < lng));

function unwrap(land) {
  const { geometry } = land;
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const flat = polygons.map((polygon) => polygon.map(unwrapRing));
  // What sticks out on one side of the map comes in again on the other.
  const again = (edge) => flat.filter((polygon) => reaches(polygon, edge)).map((polygon) => polygon.map(shift(-2 * edge)));
  return { ...land, geometry: { type: "MultiPolygon", coordinates: [...flat, ...again(180), ...again(-180)] } };
}

const clamp = (number, limit) => Math.max(-limit, Math.min(limit, number));
const say = (words) => {
  status.textContent = words;
};

// --- what lies under the pin: tiles where the store names some, else the world that comes with it ---

async function drawWorld() {
  map.setMaxZoom(11);
  say(text.textEmpty);
  try {
    const world = await (await fetch(text.world)).json();
    new GeoJSON(feature(world, world.objects.countries).features.map(unwrap), {
      interactive: false,
      style: { className: "map-land", weight: 1 },
      attribution: "Natural Earth",
    }).addTo(map);
  } catch {
    // A sea without land still takes a pin, and the fields are there.
  }
}

// --- the pin and the two fields follow each other ---

let byHand = false; // somebody has set it: then the address moves it no more, and is compared with it

function put(lat, lng, { fill = true, hand = true } = {}) {
  pin.setLatLng([clamp(lat, 90), clamp(lng, 180)]).addTo(map);
  if (hand) {
    byHand = true;
    compare();
  }
  if (!fill) return;
  latField.value = clamp(lat, 90).toFixed(6);
  lngField.value = clamp(lng, 180).toFixed(6);
  say(text.textSet);
  box.dispatchEvent(new Event("placed", { bubbles: true })); // the checkout asks for the price of the way
}

function typed() {
  const [lat, lng] = [latField, lngField].map((field) => {
    const value = field.value.trim();
    return DEGREES.test(value) ? Number(value.replace(",", ".")) : Number.NaN;
  });
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? [lat, lng] : null;
}

function follow() {
  const place = typed();
  if (!place) return;
  put(...place, { fill: false });
  map.setView(place, Math.max(map.getZoom(), CLOSE), { animate: false });
}

// A pair is taken apart once it is whole: pasted, or when its field is left.
function split({ target }) {
  const pair = PAIR.exec(target.value.trim());
  if (pair) [latField.value, lngField.value] = pair.slice(1);
  follow();
}

for (const field of [latField, lngField]) {
  field.addEventListener("input", (event) => (event.inputType === "insertFromPaste" ? split(event) : follow()));
  field.addEventListener("change", split);
}

const compare = followAddress({
  field: document.getElementById("id_location_address"),
  box,
  list: document.getElementById("map-found"),
  doubts: document.getElementById("map-doubts"),
  pin: {
    get byHand() {
      return byHand;
    },
    place: () => pin.getLatLng(),
  },
  put({ lat, lng, exactness }) {
    put(lat, lng, { hand: false });
    map.setView([lat, lng], exactness === "town" ? Math.min(CLOSE, 12) : CLOSE, { animate: !still });
  },
  say,
});

addTiles(map, text, drawWorld);
const CLOSE = text.tiles ? 16 : 8;

const start = typed();
if (start) {
  byHand = true;
  put(...start, { fill: false, hand: false });
  map.setView(start, CLOSE);
} else {
  map.setView([Number(text.lat), Number(text.lng)], text.tiles ? 11 : 6);
}
// The checkout hides the map until another address is chosen.
new ResizeObserver(() => map.invalidateSize()).observe(box);
followDoors();

map.on("click", ({ latlng }) => put(latlng.lat, latlng.lng));
pin.on("dragend", () => put(pin.getLatLng().lat, pin.getLatLng().lng));

const middle = () => put(map.getCenter().lat, map.getCenter().lng);
document.getElementById("map-middle").addEventListener("click", middle);
box.addEventListener("keydown", (event) => {
  if (event.target !== box || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  middle();
});

document.getElementById("map-here").addEventListener("click", () => {
  if (!navigator.geolocation) {
    say(text.textDenied);
    return;
  }
  say(text.textSearching);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      put(coords.latitude, coords.longitude);
      map.setView([coords.latitude, coords.longitude], CLOSE, { animate: !still });
    },
    () => say(text.textDenied),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
});

addZoomButtons(map, tools, text);
