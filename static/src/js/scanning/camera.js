// The phone's camera: opened at once, looked through ten times a second, its light where it has one.
import { lookAt } from "./decode.js";

const EVERY = 100; // ms between two looks
const AFTER_TROUBLE = 2000;

// Why there is no picture, as the keys of the sentences in the page (data-text-…).
export function trouble(error) {
  if (!window.isSecureContext) return "textInsecure";
  if (!navigator.mediaDevices?.getUserMedia) return "textNoCamera";
  if (error?.name === "NotAllowedError" || error?.name === "SecurityError") return "textRefused";
  if (error?.name === "NotReadableError" || error?.name === "AbortError") return "textBusyCamera";
  return "textNoCamera";
}

export class Camera {
  // `found(tokens)` hears of what is seen, `foreign()` of codes that are not ours, and `blind()` where the
  // codes' reader could not be had.
  constructor(video, wasm, { found, foreign, blind }) {
    Object.assign(this, { video, wasm, found, foreign, blind, stream: null, paused: false, timer: 0 });
  }

  // Opens the back camera; throws what the browser says if it may not or cannot.
  async open() {
    if (trouble() !== "textNoCamera" || !navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotFoundError");
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look();
  }

  close() {
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() || []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  async look() {
    clearTimeout(this.timer);
    if (!this.stream) return;
    let pause = EVERY;
    if (!this.paused && this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      try {
        const { tokens, isForeign } = await lookAt(this.video, this.wasm);
        if (tokens.length) this.found(tokens);
        else if (isForeign) this.foreign();
      } catch {
        this.blind();
        pause = AFTER_TROUBLE;
      }
    }
    this.timer = setTimeout(() => this.look(), pause);
  }

  get light() {
    return this.stream?.getVideoTracks()[0] || null;
  }

  hasLight() {
    return Boolean(this.light?.getCapabilities?.().torch);
  }

  async shine(on) {
    await this.light.applyConstraints({ advanced: [{ torch: on }] });
  }
}
