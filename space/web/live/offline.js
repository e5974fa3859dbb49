// The static page alone: a service worker keeps its files, so that it works without a network. The
// worker is registered when the tracker is ready, so that it does not compete for the line.

const container = isSecureContext ? navigator.serviceWorker : null;

async function keep() {
  await container.register(new URL("sw.js", document.baseURI), { updateViaCache: "none" });
  await container.ready;
  document.documentElement.dataset.offline = "ready";
}

if (container) {
  const quietly = (error) => console.info("works online only:", error.message); // a private window
  const live = document.querySelector("live-face");
  if (live.classList.contains("is-ready")) keep().catch(quietly);
  else live.addEventListener("ready", () => keep().catch(quietly), { once: true });
}
