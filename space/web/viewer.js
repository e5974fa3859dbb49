// <head-viewer>: an interactive head. `show({glb: {url}, title})` puts one there, with `photo` and
// `view` on its photo too, with `beside` another face's; `show(null)` takes it away. `data-film`
// names what holds its film. Everything is given back when the element leaves the page.

import { GLTFLoader } from "../vendor/three/three.bundle.js";
import { addPresets, addStyle, BODY } from "./body.js";
import { editedWeights, ExpressionPanel, PRESETS } from "./expressions.js";
import { Film } from "./film.js";
import { Ease, isCalm, Recording, Sway } from "./motion.js";
import { PhotoOverlay } from "./overlay.js";
import { LOOKS } from "./looks.js";
import { Stage } from "./stage.js";
import { CORNER, prepareCorner } from "./corner.js";
import { isReplaced } from "./first_screen.js";
import { Pair } from "./pair.js";

const KEYS_HELP = "Drag or use the arrow keys to turn it, + and − to zoom, Home to reset.";
const WRITE_EVERY_S = 0.1;
let viewers = 0;

class HeadViewer extends HTMLElement {
  connectedCallback() {
    if (this.stage || isReplaced(this)) return; // with a stage it was moved
    this.innerHTML = BODY;
    this.find = (name) => this.querySelector(name);
    try {
      this.stage = new Stage(this.find("canvas"));
    } catch (error) { // no WebGL here
      this.dataset.broken = error.message;
      return;
    }
    this.stage.beforeFrame = (passed_s) => this.move(passed_s);
    const sliders = this.find(".hv-sliders");
    this.panel = new ExpressionPanel(sliders, (name, weight) => this.set(name, weight));
    this.overlay = new PhotoOverlay(this);
    this.film = this.dataset.film ? new Film(this, this.dataset.film) : null;
    this.loads = 0;
    this.number = viewers += 1; // radio buttons of two viewers are two groups
    this.addLooks();
    addPresets(this.find(".hv-presets"), PRESETS.map(([title]) => title));
    prepareCorner(this);
    this.pair = new Pair(this);
    this.addEventListener("click", (event) => this.onClick(event));
    this.find(".hv-light").addEventListener("input", () => this.onLight());
    const time = this.find(".hv-timeline input");
    time.addEventListener("input", () => this.seek(time.valueAsNumber));
    this.say(this.dataset.empty ?? "");
    if (this.shown) this.show(this.shown);
  }

  disconnectedCallback() {
    queueMicrotask(() => this.stage && !this.isConnected && this.dispose()); // it may be moved
  }

  dispose() {
    this.loads += 1;
    this.forget();
    this.film?.dispose();
    this.stage.dispose();
    this.stage = null;
  }

  addLooks() {
    for (const look of LOOKS) {
      const label = document.createElement("label");
      const radio = document.createElement("input");
      Object.assign(radio, { type: "radio", name: `look-${this.number}`, value: look });
      radio.checked = look === this.stage.look;
      radio.addEventListener("change", () => this.stage.setLook(look));
      label.append(radio, look);
      this.find(".hv-looks").append(label);
    }
  }

  /** Shows a head; a later call wins over one that is still loading. */
  async show(head) {
    const isAgain = head && head.glb.orig_name === this.shown?.glb.orig_name; // with other options
    const left = isAgain && !this.motion ? this.edited() : null;
    this.shown = head;
    const load = (this.loads += 1);
    if (!head) {
      this.forget();
      this.say(this.dataset.empty ?? "");
      return;
    }
    this.say("Loading the head …");
    try {
      const gltf = await new GLTFLoader().loadAsync(head.glb.url);
      if (load === this.loads) this.place(gltf, head, left);
    } catch (error) {
      if (load !== this.loads) return;
      console.error("head-viewer:", error);
      this.forget();
      this.say("The head could not be loaded; its file can still be downloaded.");
    }
  }

  place(gltf, head, left) {
    this.forget();
    const mesh = this.stage.show(gltf);
    this.names = Object.keys(mesh.morphTargetDictionary);
    this.weights = mesh.morphTargetInfluences;
    this.own = [...this.weights];
    if (left) this.names.forEach((name, at) => { this.weights[at] = left[name]; });
    this.stage.canvas.setAttribute("aria-label", `${head.title}. ${KEYS_HELP}`);
    if (gltf.animations.length) this.playRecording(gltf);
    this.find(".hv-timeline").hidden = !this.recording;
    this.find(".hv-presets").hidden = Boolean(this.recording);
    this.classList.add("has-head");
    this.overlay.show(head);
    this.find(".hv-panel").hidden = false;
    this.panel.fill(this.names);
    this.say("");
    this.stage.resize();
    this.stage.resetView();
    this.writeSliders();
    this.pair.show(gltf, head.beside);
  }

  playRecording(gltf) {
    this.recording = new Recording(gltf);
    this.stage.box = this.recording.frame(this.stage.box);
    this.stage.setLight(this.stage.light.azimuth_deg, this.stage.light.elevation_deg);
    this.find(".hv-timeline input").max = this.recording.length_s;
    this.seek(0);
    this.run(!isCalm());
  }

  forget() {
    this.motion = null;
    this.recording?.dispose();
    this.recording = null;
    this.stage.clear();
    this.overlay.show(null);
    this.names = this.weights = this.own = null;
    this.classList.remove("has-head");
    this.find(".hv-panel").hidden = true;
    this.find(".hv-timeline").hidden = true;
    this.press(null);
  }

  say(text) {
    this.find(".hv-note").textContent = text;
    this.find(".hv-note").hidden = !text;
  }

  /** Sets one expression by hand; stops any motion. */
  set(name, weight) {
    this.stopMoving();
    this.press(null);
    this.weights[this.names.indexOf(name)] = weight;
    this.stage.wantsFrame();
  }

  /** The weights by name if the visitor changed them, else null. */
  edited() {
    if (!this.own || this.recording) return null;
    return editedWeights(this.names, this.own, this.weights);
  }

  vector(weights) {
    return weights ? this.names.map((name) => weights[name] ?? 0) : this.own;
  }

  preset(at) {
    this.stopMoving();
    this.motion = new Ease([...this.weights], this.vector(PRESETS[at][1]));
    this.press(at);
    this.stage.wantsFrame();
  }

  sway() {
    if (this.motion instanceof Sway) {
      this.stopMoving();
      return;
    }
    const stops = PRESETS.map(([, weights]) => this.vector(weights));
    this.motion = new Sway([[...this.weights], ...stops.slice(1)]);
    this.press("sway");
    this.stage.wantsFrame();
  }

  /** The idle motion frozen at a time in seconds, for recordings of it. */
  swayAt(time_s) {
    const stops = PRESETS.map(([, weights]) => this.vector(weights));
    const sway = new Sway(stops);
    this.motion = null;
    this.apply(sway.at(time_s));
    this.writeSliders();
    this.stage.wantsFrame();
    return sway.length_s;
  }

  stopMoving() {
    if (this.motion instanceof Sway) this.press(null);
    this.motion = null;
    if (this.recording) this.run(false);
  }

  press(pressed) {
    const [isSway, button] = [pressed === "sway", this.find("[data-do=sway]")];
    button.setAttribute("aria-pressed", isSway);
    button.textContent = isSway ? "❚❚ Pause" : "▶ Play";
    this.querySelectorAll("[data-preset]").forEach((preset) => {
      preset.setAttribute("aria-pressed", preset.dataset.preset === String(pressed));
    });
  }

  run(isRunning) {
    this.isRunning = isRunning;
    this.find("[data-do=run]").textContent = isRunning ? "❚❚ Pause" : "▶ Play";
    this.film?.run(isRunning);
    if (isRunning) this.stage.wantsFrame();
  }

  seek(time_s) {
    this.run(false);
    this.film?.seek(time_s);
    this.moveTo(time_s);
  }

  moveTo(time_s) {
    this.recording.seek(time_s);
    this.writeTime();
    this.writeSliders();
    this.stage.wantsFrame();
  }

  /** Applies the current motion before each frame; returns whether it continues. */
  move(passed_s) {
    if (!this.weights) return false;
    this.unwritten_s = (this.unwritten_s ?? 0) + passed_s;
    const isRecording = this.recording && this.isRunning;
    if (isRecording) {
      const film_s = this.film?.time_s ?? null;
      if (film_s === null) this.recording.advance(passed_s);
      else this.recording.seek(film_s);
      this.writeTime();
    } else if (this.motion) {
      this.apply(this.motion.advance(passed_s));
    } else return false;
    const isDone = this.motion?.isDone;
    if (isDone) this.motion = null;
    if (isDone || this.unwritten_s >= WRITE_EVERY_S) this.writeSliders();
    return !isDone;
  }

  apply({ weights, turn_rad }) {
    weights.forEach((weight, at) => { this.weights[at] = weight; });
    if (turn_rad !== null && !this.overlay.isLaid) this.stage.turntable.rotation.y = turn_rad;
  }

  writeSliders() {
    this.unwritten_s = 0;
    this.names.forEach((name, at) => this.panel.write(name, this.weights[at]));
  }

  writeTime() {
    const { time_s, length_s } = this.recording;
    this.find(".hv-timeline input").value = time_s;
    const words = `${time_s.toFixed(1)} / ${length_s.toFixed(1)} s`;
    this.find(".hv-timeline output").textContent = words;
  }

  onLight() {
    const [azimuth, elevation] = this.querySelectorAll(".hv-light input");
    this.stage.setLight(azimuth.valueAsNumber, elevation.valueAsNumber);
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || !this.contains(button)) return;
    if (button.dataset.preset) this.preset(Number(button.dataset.preset));
    const actions = {
      reset: () => this.reset(),
      run: () => this.run(!this.isRunning),
      sway: () => this.sway(),
      overlay: () => this.overlay.lay(!this.overlay.isLaid),
    };
    (actions[button.dataset.do] ?? CORNER[button.dataset.do])?.(this, button);
  }

  reset() {
    this.stopMoving();
    this.querySelector(".hv-light input[name=azimuth_deg]").value = 25;
    this.querySelector(".hv-light input[name=elevation_deg]").value = 25;
    this.onLight();
    this.overlay.lay(false);
    this.stage.resetView();
    if (this.recording) this.seek(0);
    else if (this.own) this.preset(0);
  }
}

addStyle();
customElements.define("head-viewer", HeadViewer);
