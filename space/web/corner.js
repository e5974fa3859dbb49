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

/** Quick Look needs a USDZ, which the server makes on a click; Scene Viewer reads the GLB. */
function showInRoom(viewer) {
  if (roomViewer() === "quick-look") {
    const buttons = [...document.querySelectorAll("#downloads button")];
    buttons.find((button) => button.textContent.trim() === "USDZ")?.click();
    return;
  }
  const { href } = new URL(viewer.shown.glb.url, document.baseURI);
  const asked = new URLSearchParams({ file: href, mode: "ar_preferred", title: viewer.shown.title });
  const back = `S.browser_fallback_url=${encodeURIComponent(location.href)}`;
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
  viewer.find("[data-do=ar]").hidden = !roomViewer();
}
