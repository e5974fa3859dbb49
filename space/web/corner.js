// The buttons over the head: picture, video, sharing, and augmented reality.

import { filmKind, savePicture, saveTurntable } from "./takeaway.js";
import { shareCard } from "./share.js";

const SCENE_VIEWER = "com.google.android.googlequicksearchbox";

/** This device's augmented-reality viewer: "quick-look", "scene-viewer" or null. */
function roomViewer() {
  const link = document.createElement("a");
  if (link.relList?.supports?.("ar")) return "quick-look";
  return /android/i.test(navigator.userAgent) ? "scene-viewer" : null;
}

/** The button of the download that each viewer reads. */
const MAKES = { "quick-look": ".makes-usdz", "scene-viewer": ".makes-glb" };

/** The server makes the file, with the expression as edited; then it is opened, not saved. */
function showInRoom(viewer) {
  const room = roomViewer();
  const button = viewer.closest("[role=tabpanel]")?.querySelector(MAKES[room]);
  if (!button) return;
  document.addEventListener("made-file", (event) => {
    event.preventDefault();
    if (!event.detail) return; // the server told why there is none
    const { href } = new URL(event.detail.url, document.baseURI);
    if (room === "quick-look") openQuickLook(href);
    else openSceneViewer(href, viewer.shown.title);
  }, { once: true });
  button.click();
}

function openQuickLook(href) {
  const link = document.createElement("a");
  Object.assign(link, { rel: "ar", href });
  link.append(document.createElement("img")); // Safari asks for one
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

function openSceneViewer(href, title) {
  const asked = new URLSearchParams({ file: href, mode: "ar_preferred", title });
  const back = `S.browser_fallback_url=${encodeURIComponent(location.href)}`;
  window.daslStays = true; // behind the other program; see `space/page/served.py`
  setTimeout(() => { window.daslStays = false; }, 1000);
  location.href = `intent://arvr.google.com/scene-viewer/1.0?${asked}#Intent;scheme=https;`
    + `package=${SCENE_VIEWER};action=android.intent.action.VIEW;${back};end;`;
}

async function film360(viewer, button) {
  viewer.stopMoving();
  viewer.overlay.lay(false);
  await saveTurntable(viewer, button);
}

function toggleFullscreen(viewer) {
  if (document.fullscreenElement) document.exitFullscreen();
  else viewer.requestFullscreen?.();
}

/** The action of each button, by its `data-do`. */
export const CORNER = {
  picture: savePicture,
  turntable: film360,
  fullscreen: toggleFullscreen,
  share: shareCard,
  ar: showInRoom,
};

/** Hides buttons that this device does not support. */
export function prepareCorner(viewer) {
  viewer.find("[data-do=turntable]").hidden = !filmKind();
  viewer.dataset.room = roomViewer() ?? ""; // the style sheet hides a button that has no file
}
