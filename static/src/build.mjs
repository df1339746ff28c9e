// Builds what the browser loads: one stylesheet, one script, one icon sprite, one font.
//   node static/src/build.mjs           writes static/{css,js,img,fonts}
//   node static/src/build.mjs --check   fails when what is committed differs from a fresh build
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import * as sass from "sass";

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

async function script(entry, legalComments = "none") {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(HERE, "js", entry)],
    bundle: true,
    format: "esm",
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

const files = {
  "css/store.css": await stylesheet("store.scss"),
  "css/map.css": await mapStylesheet(),
  "js/app.js": await script("app.js"),
  "img/icons.svg": sprite("icons.json"),
  // Only pages that show categories as tiles load these.
  "img/category-icons.svg": sprite("category-icons.json"),
  // The world that maps show where the store names no tiles: Natural Earth's countries, 1:50 million.
  "vendor/world/countries-50m.json": readFileSync(join(ROOT, "node_modules/world-atlas/countries-50m.json"), "utf8"),
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
    let committed = "";
    try {
      committed = readFileSync(path, "utf8");
    } catch {
      // told below: it differs
    }
    if (committed !== text) {
      console.error(`static/${name} (${sum(committed)}) is not what its source builds (${sum(text)}): run "make assets".`);
      failed = true;
    }
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
process.exit(failed ? 1 : 0);
