// The markup, texts and style sheet of <live-face>.

export const WORDS = {
  old: "This browser is too old for Live. Safari 16.4, Firefox 113, Chrome 97 or newer works.",
  loading: (share) => `Loading the tracker … ${Math.round(100 * share)} %`,
  ready: "Start the camera, or open a clip or a photo. Nothing leaves this browser.",
  opening: "Opening … If the browser asks for the camera, allow it.",
  noPictures: "No pictures arrive. Is the camera covered, switched off or used by another program? Press Stop and Start, or choose another one.",
  noAnswer: "The tracker does not answer; this device may be too slow or out of memory. Reload the page.",
  noWorker: "The tracker's script could not be loaded. Reload the page; if that does not help, a blocker keeps it out.",
  noWebgl: "This browser has no WebGL 2, so that the head cannot be drawn. Landmarks, weights and tables work.",
  noFace: "No face. Look into the camera, with light from the front.",
  faces: (count) => `${count} faces; the largest is followed.`,
  making: "Making a head from this picture …",
  noFaceOnPhoto: "No face found on this picture.",
  noPicture: "This picture cannot be read. Save it as JPEG or PNG.",
  nothingRecorded: "No face was seen while recording; there is nothing to save.",
};

export const BODY = `<div class="lf">
<div class="lf-see">
  <div class="lf-film">
    <video muted playsinline></video>
    <canvas class="lf-photo" hidden></canvas>
    <canvas class="lf-points" role="img" aria-label="Landmarks"></canvas>
    <p class="lf-note" role="status"></p>
    <p class="lf-rate"></p>
  </div>
  <div class="lf-row">
    <button type="button" class="lf-main" data-do="start" data-wants="ready" disabled>Start camera</button>
    <select aria-label="Camera" hidden></select>
    <label class="lf-open">Open a clip or photo<input type="file" accept="video/*,image/*" /></label>
  </div>
  <div class="lf-row">
    <label><input type="checkbox" name="mirror" checked /> Mirror</label>
    <label><input type="checkbox" name="expression" checked /> Expression</label>
    <label><input type="checkbox" name="pose" checked /> Pose</label>
    <label><input type="checkbox" name="landmarks" checked /> Landmarks</label>
  </div>
  <div class="lf-row">
    <button type="button" data-do="neutral" data-wants="ready" disabled title="Keep your face at rest for half a second">Set neutral face</button>
    <button type="button" data-do="me" data-wants="ready" disabled title="From the picture shown now; it stays in this browser">Make it me</button>
    <button type="button" data-do="anyone">Neutral head</button>
    <button type="button" data-do="record" data-wants="ready" disabled title="Film, table and animated GLB">● Record</button>
  </div>
  <div class="lf-row lf-files"></div>
  <p class="lf-small">The camera's pictures stay in this browser; no server sees them. The weights are for research only.</p>
</div>
<head-viewer data-empty="Loading the head …"></head-viewer>
</div>`;

export function addStyle() {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL("live.css", import.meta.url).href });
  document.head.append(link);
}
