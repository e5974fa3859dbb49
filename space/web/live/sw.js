// Keeps the static page working without a network after its first load. The model's files are kept by
// their content, so that new weights are fetched once; everything else is asked for first.

const CACHE = "dasl-live-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) { // offline
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}
