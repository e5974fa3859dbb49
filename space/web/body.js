// The markup of <head-viewer>, and its style sheet.

export const BODY = `<div class="hv">
<div class="hv-stage">
  <img class="hv-behind" alt="" hidden />
  <canvas tabindex="0" role="img" aria-label="3D head"></canvas>
  <p class="hv-note" role="status"></p>
  <div class="hv-corner">
    <button type="button" data-do="reset" title="Back to the start">Reset</button>
    <button type="button" data-do="picture" title="Save this view as a PNG">Picture</button>
    <button type="button" data-do="turntable" title="Save one turn of the head as a film">Film</button>
    <button type="button" data-do="share" title="Share a card with the photo and its head">Share</button>
    <button type="button" data-do="ar" title="See the head in your room">In your room</button>
    <button type="button" data-do="fullscreen" title="Fill the screen">Full screen</button>
  </div>
  <button type="button" class="hv-photo" data-do="overlay" aria-pressed="false" hidden>
    <img alt="The photo it came from" /><span>Lay it on the photo</span></button>
  <label class="hv-wipe" hidden><span>Head</span>
    <input type="range" min="0" max="100" value="50" aria-label="From the head to the photo" />
    <span>Photo</span></label>
</div>
<div class="hv-timeline" hidden>
  <button type="button" data-do="run" class="hv-main">Pause</button>
  <input type="range" min="0" max="1" step="0.01" value="0" aria-label="Time in the clip" />
  <output></output>
</div>
<div class="hv-panel" hidden>
  <fieldset class="hv-pair" hidden><legend>Two faces</legend>
    <button type="button" data-pair="beside">Side by side</button>
    <button type="button" data-pair="morph">Morph</button>
    <label class="slider"><span>first / other</span>
      <input type="range" min="0" max="1" step="0.01" value="0.5" /></label>
  </fieldset>
  <fieldset class="hv-looks"><legend>Look</legend></fieldset>
  <fieldset class="hv-light"><legend>Light</legend>
    <label class="slider"><span>left / right</span>
      <input type="range" name="azimuth_deg" min="-90" max="90" step="1" value="25" /></label>
    <label class="slider"><span>down / up</span>
      <input type="range" name="elevation_deg" min="-60" max="80" step="1" value="25" /></label>
  </fieldset>
  <fieldset class="hv-presets"><legend>Expression</legend>
    <button type="button" data-do="sway" class="hv-main" aria-pressed="false">▶ Play</button>
  </fieldset>
  <div class="hv-sliders" role="group" aria-label="52 expression sliders"></div>
</div></div>`;

/** A button for each expression, by its title. */
export function addPresets(box, titles) {
  titles.forEach((textContent, preset) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent });
    button.dataset.preset = preset;
    box.append(button);
  });
}

/** Loads its own style sheet, because Gradio drops container queries from those it is given. */
export function addStyle() {
  if (document.getElementById("viewer-style")) return; // came with the page
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL("viewer.css", import.meta.url).href });
  document.head.append(link);
}
