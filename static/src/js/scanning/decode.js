// Reads a QR code out of a video or a picture: with the browser's own detector where there is one that
// knows QR codes, else with ZXing (WebAssembly, fetched once it is needed).
import { BarcodeDetector as ZXingDetector, prepareZXingModule, purgeZXingModule } from "barcode-detector/ponyfill";

const FORMATS = ["qr_code"];
const LARGEST = 1600; // pixels along the longer side of a photo: more makes it slower, not better

let made = null;

async function native() {
  try {
    const known = await window.BarcodeDetector.getSupportedFormats();
    return known.includes("qr_code") ? new window.BarcodeDetector({ formats: FORMATS }) : null;
  } catch {
    return null;
  }
}

async function make(wasm) {
  const own = await native();
  if (own) return own;
  prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new ZXingDetector({ formats: FORMATS });
}

// A detector; `wasm` is the address of ZXing's binary.
function detector(wasm) {
  made ||= make(wasm);
  return made;
}

// The hosts whose addresses are ours: this one, and the one that the store writes into its codes.
const hosts = new Set([location.host]);

function hostOf(address) {
  try {
    return new URL(address).host;
  } catch {
    return "";
  }
}

export function trust(address) {
  hosts.add(hostOf(address) || location.host);
}

// What follows "#" in the buyer's code, or the bare code. Anything else is not one of ours: it is never sent.
export function tokenIn(text) {
  const found = /^(?:(https?:\/\/[^\s#]+\/courier\/scan\/)#)?([A-Za-z0-9_-]{22})$/.exec(text.trim());
  if (!found) return "";
  const [, address, token] = found;
  return !address || hosts.has(hostOf(address)) ? token : "";
}

// What is seen in a frame: the tokens of our codes, and whether there was a code of somebody else's. Throws
// where nothing can be read at all; the next call tries to fetch the reader again.
export async function lookAt(source, wasm) {
  try {
    const codes = await (await detector(wasm)).detect(source);
    const tokens = codes.map((code) => tokenIn(code.rawValue)).filter(Boolean);
    return { tokens, isForeign: codes.length > 0 && !tokens.length };
  } catch (error) {
    made = null;
    purgeZXingModule();
    throw error;
  }
}

// The same for a photo from the phone, which never leaves it.
export async function lookAtPhoto(file, wasm) {
  const whole = await createImageBitmap(file);
  for (const most of [LARGEST, LARGEST / 2]) {
    const scale = Math.min(1, most / Math.max(whole.width, whole.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(whole.width * scale);
    canvas.height = Math.round(whole.height * scale);
    canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
    const seen = await lookAt(canvas, wasm);
    if (seen.tokens.length || seen.isForeign || scale === 1) return seen;
  }
  return { tokens: [], isForeign: false };
}
