// A card with the photo and its head: shared if the device supports it, else saved.

import { save, stem } from "./takeaway.js";

const [WIDTH, HEIGHT, EDGE] = [1200, 630, 40];
const [PAPER, INK, SOFT] = ["#e2e9f1", "#0f172a", "#475569"];

async function card(viewer) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const pencil = canvas.getContext("2d");
  pencil.fillStyle = PAPER;
  pencil.fillRect(0, 0, WIDTH, HEIGHT);
  const head = await createImageBitmap(await viewer.stage.picture());
  const scale = (HEIGHT - 110) / head.height;
  const [width, height] = [scale * head.width, scale * head.height];
  pencil.save();
  pencil.beginPath();
  pencil.rect(WIDTH / 2, 0, WIDTH / 2, HEIGHT - 110);
  pencil.clip();
  pencil.drawImage(head, 0.75 * WIDTH - width / 2, (HEIGHT - 110 - height) / 2, width, height);
  pencil.restore();
  const photo = viewer.find(".hv-photo img");
  const side = HEIGHT - 110 - 2 * EDGE;
  if (viewer.shown.photo && photo.complete) {
    pencil.drawImage(photo, WIDTH / 2 - side - EDGE, EDGE, side, side);
  }
  pencil.fillStyle = INK;
  pencil.font = "700 44px 'IBM Plex Sans', system-ui, sans-serif";
  pencil.fillText("One photo in, a 3D head out", EDGE, HEIGHT - 58);
  pencil.fillStyle = SOFT;
  pencil.font = "26px 'IBM Plex Sans', system-ui, sans-serif";
  pencil.fillText(location.host, EDGE, HEIGHT - 20);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

/** Shares the card and the page's address; photo and head are not available by link. */
export async function shareCard(viewer) {
  const blob = await card(viewer);
  const name = `${stem(viewer)}_card.png`;
  const shared = { files: [new File([blob], name, { type: blob.type })], url: location.origin };
  if (!navigator.canShare?.(shared)) {
    save(blob, name);
    return;
  }
  try {
    await navigator.share(shared);
  } catch (error) {
    if (error.name !== "AbortError") save(blob, name); // else the visitor thought better of it
  }
}
