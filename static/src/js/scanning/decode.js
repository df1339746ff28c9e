// Reads a QR code out of a video or a picture: with the browser's own detector where there is one that
// knows QR codes, else with ZXing (WebAssembly, fetched once it is needed).
import { BarcodeDetector as ZXingDetector, prepareZXingModule } from "barcode-detector/ponyfill";

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
export function detector(wasm) {
  made ||= make(wasm);
  return made;
}

// What follows "#" in the buyer's code, or the bare code. Anything else is not one of ours: it is never sent.
export function tokenIn(text) {
  const found = /^(?:https?:\/\/[^\s#]+\/courier\/scan\/#)?([A-Za-z0-9_-]{22})$/.exec(text.trim());
  return found ? found[1] : "";
}

async function textIn(source, wasm) {
  const codes = await (await detector(wasm)).detect(source);
  return codes.map((code) => code.rawValue);
}

// The token of a code in the video's present frame: "", or null for a code that is not ours.
export async function lookAt(source, wasm) {
  const texts = await textIn(source, wasm);
  if (!texts.length) return "";
  return texts.map(tokenIn).find(Boolean) || null;
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
    const found = await lookAt(canvas, wasm);
    if (found !== "" || scale === 1) return found;
  }
  return "";
}
