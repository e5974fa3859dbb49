// The static page alone: a service worker keeps its files, so that it works without a network. The
// worker is registered when the tracker is ready, so that it does not compete for the line.

const container = isSecureContext ? navigator.serviceWorker : null;

/** Lets a newer version, kept during the last visit, take over before anything runs. */
async function takeOver() {
  const registration = await container.getRegistration(document.baseURI);
  if (!registration?.waiting) return;
  container.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage("take over");
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
