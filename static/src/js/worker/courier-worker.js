// The courier's service worker. It keeps the store's files and one page without anything of anybody's on
// it ("no network"); every other page comes from the store or not at all. `self.STORE` is set before
// (courier/views/app.py): which files, where that page is, where files live.
import { flush, REFUSED, waiting } from "../scanning/queue.js";

const { version, files, offline, base } = self.STORE;
const CACHE = `courier-${version}`;
// A name with its content's hash in it means the same for ever; where names have none, the net is asked first.
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // Without cookies: what is kept is what anybody may see.
      await cache.addAll([...files, offline].map((url) => new Request(url, { credentials: "omit", cache: "reload" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("courier-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(offline)) || Response.error();
  }
}

async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept && HASHED.test(new URL(request.url).pathname)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.status === 200 && answer.type === "basic") await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith(base)) event.respondWith(file(request));
});

// Background sync, where there is one: the network is back and the page may be closed.
self.addEventListener("sync", (event) => {
  if (event.tag !== "courier-confirms") return;
  event.waitUntil(
    (async () => {
      await flush();
      if ((await waiting()).some((item) => item.state !== REFUSED)) throw new Error("not sent yet"); // the browser asks again later
    })(),
  );
});
