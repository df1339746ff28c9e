// Builds what the browser loads: one stylesheet, one script, one icon sprite, one font.
//   node static/src/build.mjs           writes static/{css,js,img,fonts}
//   node static/src/build.mjs --check   fails when what is committed differs from a fresh build
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import * as sass from "sass";
import { courierIcon, pixels } from "./courier-icon.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const OUT = join(HERE, "..");
const BUDGET = { "css/store.css": 15_000, "js/app.js": 20_500 }; // bytes gzipped

async function stylesheet(entry) {
  const { css } = sass.compile(join(HERE, "scss", entry), {
    loadPaths: [join(ROOT, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const target = ["chrome111", "firefox113", "safari16.4"];
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target });
  // Bootstrap's physical sides become logical ones, so that a right-to-left language needs no second sheet.
  return code
    .replace(/(?<=[{;])(margin|padding|border)-left(?=[:-])/g, "$1-inline-start")
    .replace(/(?<=[{;])(margin|padding|border)-right(?=[:-])/g, "$1-inline-end")
    .replace(/(?<=[{;])text-align:left/g, "text-align:start")
    .replace(/(?<=[{;])text-align:right/g, "text-align:end")
    .replace(/(?<=[{;])float:(left|right)/g, (_, side) => `float:inline-${side === "left" ? "start" : "end"}`);
}

async function script(entry, legalComments = "none", format = "esm") {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(HERE, "js", entry)],
    bundle: true,
    format,
    legalComments,
    minify: true,
    target: "es2020",
    write: false,
  });
  return outputFiles[0].text;
}

// Leaflet's stylesheet and ours for the map; we use none of its pictures.
async function mapStylesheet() {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(HERE, "map.css")],
    bundle: true,
    loader: { ".png": "empty" },
    minify: true,
    target: ["chrome111", "firefox113", "safari16.4"],
    write: false,
  });
  return outputFiles[0].text;
}

// The icons we use, out of Lucide (ISC); a name in icons.json may stand for a file of another name.
function sprite(list) {
  const names = JSON.parse(readFileSync(join(HERE, list), "utf8"));
  const symbols = Object.entries(names)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, file]) => {
      const source = file.startsWith("./")
        ? readFileSync(join(HERE, file), "utf8")
        : readFileSync(join(ROOT, "node_modules/lucide-static/icons", `${file}.svg`), "utf8");
      const inner = source
        .replace(/^[\s\S]*?<svg[^>]*>/, "")
        .replace(/<\/svg>\s*$/, "")
        .replace(/\s*\n\s*/g, "")
        .replaceAll(" />", "/>");
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC licence, https://lucide.dev -->${symbols.join("")}</svg>\n`;
}

// ZXing's binary must be of the version that barcode-detector's script was made for: the one that it brings.
const detector = createRequire(import.meta.url).resolve("barcode-detector/ponyfill");
const zxing = createRequire(detector).resolve("zxing-wasm/reader/zxing_reader.wasm");

const files = {
  "css/store.css": await stylesheet("store.scss"),
  "css/map.css": await mapStylesheet(),
  "js/app.js": await script("app.js"),
  "img/icons.svg": sprite("icons.json"),
  // Only pages that show categories as tiles load these.
  "img/category-icons.svg": sprite("category-icons.json"),
  // The world that maps show where the store names no tiles: Natural Earth's countries, 1:50 million.
  "vendor/world/countries-50m.json": readFileSync(join(ROOT, "node_modules/world-atlas/countries-50m.json"), "utf8"),
  // Reads QR codes where the browser cannot.
  "vendor/zxing/zxing_reader.wasm": readFileSync(zxing),
  "vendor/zxing/LICENSE-zxing-wasm.txt": readFileSync(join(zxing, "../../../LICENSE"), "utf8"),
  // The service worker is a classic script: courier/views/app.py imports it.
  "js/courier-worker.js": await script("worker/courier-worker.js", "none", "iife"),
  "img/courier-192.png": courierIcon(192),
  "img/courier-512.png": courierIcon(512),
  "img/courier-512-maskable.png": courierIcon(512, { fullBleed: true }),
};
// What only some pages need, one file each: src/scss/pages/orders.scss becomes css/orders.css, and
// src/js/pages/map.js js/map.js, with the licences of its libraries at the end.
for (const name of readdirSync(join(HERE, "scss", "pages"))) {
  files[`css/${name.replace(/\.scss$/, ".css")}`] = await stylesheet(join("pages", name));
}
for (const name of readdirSync(join(HERE, "js", "pages"), { withFileTypes: true })) {
  if (name.isFile() && name.name.endsWith(".js")) files[`js/${name.name}`] = await script(join("pages", name.name), "eof");
}

const sum = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
// Pictures are the same if their pixels are: another zlib may pack them in another way.
function same(name, committed, built) {
  if (name.endsWith(".png") && committed.length) return pixels(committed).equals(pixels(built));
  return committed.equals(built);
}
const check = process.argv.includes("--check");
let failed = false;
for (const [name, text] of Object.entries(files)) {
  const path = join(OUT, name);
  const packed = gzipSync(text, { level: 6 }).length;
  console.log(`${name.padEnd(32)} ${String(text.length).padStart(7)} bytes, ${String(packed).padStart(6)} gzipped`);
  if (BUDGET[name] && packed > BUDGET[name]) {
    console.error(`${name} is over its budget of ${BUDGET[name]} bytes gzipped.`);
    failed = true;
  }
  if (check) {
    let committed = Buffer.alloc(0);
    try {
      committed = readFileSync(path);
    } catch {
      // told below: it differs
    }
    if (!same(name, committed, Buffer.from(text))) {
      console.error(`static/${name} (${sum(committed)}) is not what its source builds (${sum(text)}): run "make assets".`);
      failed = true;
    }
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
process.exit(failed ? 1 : 0);
