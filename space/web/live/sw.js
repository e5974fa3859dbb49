// Service worker of the static page: keeps it working without a network. `space.deploy.live` writes
// VERSION and FILES, the content's SHA-256 by address. A version's files stay together: they are all
// kept before it takes over, when no tab shows the older one, and served from what was kept. A tab that
// was loaded without it goes on without it: what the server has may be another version already.

const VERSION = "";
const FILES = {};
const PAGE = "./";
const CACHE = `dasl-live ${VERSION}`;
const PATIENCE_MS = 3000; // for a server that does not answer

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("dasl-live") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
})()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { scope } = self.registration;
  if (method !== "GET" || !url.startsWith(scope)) return;
  const address = url.slice(scope.length).replace(/#.*$/, "");
  const name = address in FILES ? address : address.replace(/\?.*$/, "");
  if (mode === "navigate") {
    if (name === "" || name === "index.html") event.respondWith(page(event.request));
  } else if (name in FILES) event.respondWith(kept(name, event.request));
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  for (const [name, digest] of Object.entries(FILES)) {
    if (await cache.match(name)) continue; // of an install that was cut off
    await cache.put(name, await ofThisVersion(name, digest));
  }
}

/** The file from an older version, from what the browser has just loaded, or from the server. */
async function ofThisVersion(name, digest) {
  const answers = [() => caches.match(name), () => fetch(name, { cache: "force-cache" }), () => fetch(name, { cache: "reload" })];
  if (name === PAGE) answers.splice(0, 2); // hosts add lines of their own, so that it has no digest
  for (const ask of answers) {
    const answer = await ask();
    if (answer?.ok && (name === PAGE || await digestOf(answer.clone()) === digest)) return answer;
  }
  throw new Error(`${name} is not that of version ${VERSION}; it is tried again on the next visit`);
}

async function digestOf(answer) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function kept(name, request) {
  return await (await caches.open(CACHE)).match(name) ?? fetch(request);
}

/** The kept page, unless another one now stands at its address: then this worker steps aside. */
async function page(request) {
  const stored = await (await caches.open(CACHE)).match(PAGE);
  if (!stored) return fetch(request);
  const ours = new Response(stored.body, { headers: stored.headers }); // it may have been redirected
  try {
    const fresh = await fetch(request.url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.status >= 500 || (await fresh.clone().text()).includes("<live-face")) return ours;
    await self.registration.unregister();
    return fresh;
  } catch { // no network
    return ours;
  }
}
