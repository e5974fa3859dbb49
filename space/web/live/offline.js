// The static page alone: a service worker keeps its files, so that it works without a network. The
// worker is registered when the tracker is ready, so that it does not compete for the line.

const container = isSecureContext ? navigator.serviceWorker : null;
// The page shown before this one counts as another tab until the browser has let it go.
const ASK_AFTER_MS = [0, 500, 1500];

/** Lets a newer version, kept during the last visit, take over before anything runs. */
async function takeOver() {
  const registration = await container.getRegistration(document.baseURI);
  if (!registration?.waiting) return;
  container.addEventListener("controllerchange", () => location.reload(), { once: true });
  for (const wait_ms of ASK_AFTER_MS) {
    await new Promise((done) => setTimeout(done, wait_ms));
    registration.waiting?.postMessage("take over");
  }
}

async function keep() {
  await container.register(new URL("sw.js", document.baseURI), { updateViaCache: "none" });
  await container.ready;
  document.documentElement.dataset.offline = "ready";
}

if (container) {
  const quietly = (error) => console.info("works online only:", error.message); // a private window
  takeOver().catch(quietly);
  const live = document.querySelector("live-face");
  if (live.classList.contains("is-ready")) keep().catch(quietly);
  else live.addEventListener("ready", () => keep().catch(quietly), { once: true });
}
