// Draws the courier app's icon: a parcel with its tape and a tick, on the store's green. No library: a few
// shapes on a 28 × 28 grid, sampled 4 × 4 times a pixel, packed as a PNG.
import { crc32, deflateSync, inflateSync } from "node:zlib";

const GRID = 28;
const SAMPLES = 4;
const GREEN = [0x0b, 0x5d, 0x51];
const WHITE = [0xff, 0xff, 0xff];
const MARIGOLD = [0xe8, 0xa3, 0x17];

// Distance to the edge of a rectangle with round corners, negative inside.
function roundRect(x, y, [left, top, right, bottom], radius) {
  const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + radius;
  const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
}

function stroke(x, y, points, width) {
  let nearest = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
    const t = Math.max(0, Math.min(1, along));
    nearest = Math.min(nearest, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
  }
  return nearest - width / 2;
}

// What is seen at a point of the grid: a colour, or null outside of the tile.
function colourAt(x, y, fullBleed) {
  if (!fullBleed && roundRect(x, y, [0, 0, GRID, GRID], 8) > 0) return null;
  if (stroke(x, y, [[10.2, 16.4], [13, 19.1], [18, 13.9]], 2.1) <= 0) return GREEN;
  if (roundRect(x, y, [12.2, 7.2, 15.8, 11.2], 0.4) <= 0) return MARIGOLD;
  return roundRect(x, y, [7, 7.2, 21, 21.6], 2) <= 0 ? WHITE : GREEN;
}

function draw(size, fullBleed) {
  const rows = Buffer.alloc(size * (1 + size * 4)); // each row begins with its filter: 0, none
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const sum = [0, 0, 0, 0];
      for (let sample = 0; sample < SAMPLES ** 2; sample += 1) {
        const x = ((column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size) * GRID;
        const y = ((row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size) * GRID;
        const colour = colourAt(x, y, fullBleed);
        if (colour) [...colour, 1].forEach((part, i) => (sum[i] += part));
      }
      const at = row * (1 + size * 4) + 1 + column * 4;
      for (let i = 0; i < 3; i += 1) rows[at + i] = sum[3] ? Math.round(sum[i] / sum[3]) : 0;
      rows[at + 3] = Math.round((sum[3] * 255) / SAMPLES ** 2);
    }
  }
  return rows;
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

// The icon as a PNG; `fullBleed` fills the corners, for phones that cut the tile themselves ("maskable").
export function courierIcon(size, { fullBleed = false } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(draw(size, fullBleed), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

// The unpacked pixels of a PNG that we drew, to compare two by what they show.
export function pixels(png) {
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return inflateSync(Buffer.concat(parts));
}
