// The page's first screen shows a head before Gradio has drawn the page, and then hands it over.

const early = () => document.querySelector("#first-screen head-viewer");

/** Whether this viewer is Gradio's, and the first screen's is going to take its place. */
export function isReplaced(viewer) {
  return viewer.dataset.greets !== undefined && Boolean(early()) && viewer !== early();
}

/** Moves the first screen's viewer into the page, which is ready now, and takes the screen away. */
export function handOver() {
  const screen = document.getElementById("first-screen");
  if (!screen) return;
  const viewer = early();
  const focused = screen.contains(document.activeElement) ? document.activeElement : null;
  const status = screen.querySelector(".status");
  screen.remove();
  document.querySelector("head-viewer[data-greets]").replaceWith(viewer);
  focused?.focus({ preventScroll: true });
  if (viewer.stage) document.querySelector("#status .status.hint")?.replaceWith(status);
}
