// Downloads made by the viewer: a picture, and a video of one rotation.

const TURN_S = 4;
const FPS = 30;
const LONGEST_WAIT_MS = 20_000;
const LEAST_BYTES = 1000; // a film without pictures has some hundred
const KINDS = [["video/mp4;codecs=avc1.42E01E", "mp4"], ["video/webm;codecs=vp9", "webm"],
  ["video/webm", "webm"]];
const BACKDROP = "#e3eaf1";

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** File stem for the head shown, from its file: "ann_face1.glb" -> "ann_face1". */
export function stem(viewer) {
  return (viewer.shown?.glb.orig_name ?? "head.glb").replace(/\.glb$/, "");
}

export async function savePicture(viewer) {
  save(await viewer.stage.picture(), `${stem(viewer)}.png`);
}

/** A video type that this browser can record, and its suffix; undefined if there is none. */
export function filmKind() {
  return KINDS.find(([kind]) => globalThis.MediaRecorder?.isTypeSupported(kind));
}

/** Rotates the head once with its current expression, and saves that as a video. */
export async function saveTurntable(viewer, button) {
  button.disabled = true;
  const [kind, suffix] = filmKind();
  const { canvas, turntable } = viewer.stage;
  const film = Object.assign(document.createElement("canvas"), {
    width: canvas.width - (canvas.width % 2), height: canvas.height - (canvas.height % 2),
  });
  const pencil = film.getContext("2d");
  const recorder = new MediaRecorder(film.captureStream(FPS), {
    mimeType: kind, videoBitsPerSecond: 6_000_000,
  });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const isDone = new Promise((done) => { recorder.addEventListener("stop", done); });
  let start_ms = null; // the turn waits for the encoder, which takes seconds on a busy machine
  recorder.addEventListener("start", () => { start_ms = performance.now(); });
  const from_rad = turntable.rotation.y;
  const asked_ms = performance.now();
  recorder.start();
  for (let share = 0; share < 1;) {
    const now_ms = performance.now();
    if (start_ms === null && now_ms - asked_ms > LONGEST_WAIT_MS) break;
    share = start_ms === null ? 0 : Math.min(1, (now_ms - start_ms) / (1000 * TURN_S));
    turntable.rotation.y = from_rad + 2 * Math.PI * share;
    viewer.stage.render();
    pencil.fillStyle = BACKDROP; // films have no transparency
    pencil.fillRect(0, 0, film.width, film.height);
    pencil.drawImage(canvas, 0, 0);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await isDone;
  turntable.rotation.y = from_rad;
  viewer.stage.wantsFrame();
  button.disabled = false;
  const blob = new Blob(parts, { type: kind });
  if (blob.size > LEAST_BYTES) save(blob, `${stem(viewer)}_turn.${suffix}`);
  else {
    viewer.say("This browser recorded no film. Close other programs and try again.");
    setTimeout(() => viewer.say(""), 6000);
  }
}
