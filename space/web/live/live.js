// <live-face>: a camera or clip beside the head that it animates. `data-model` is the address of the
// folder with the tracker's files. Pictures stay in this browser; nothing is sent.

import "../viewer.js";
import { Source, Superseded, whyNotOpened } from "./camera.js";
import { addStyle, BODY, WORDS } from "./body.js";
import { fetchJson, fetchUnzipped } from "./files.js";
import { newestOf } from "./frames.js";
import { drawLandmarks } from "./overlay.js";
import { headOf } from "./photo.js";
import { Rate } from "./rate.js";
import { offer, Recording } from "./recording.js";
import { Shown } from "./shown.js";
import { Watchdog } from "./watchdog.js";

const WASM = { url: new URL("../../vendor/onnxruntime/ort.wasm.gz", import.meta.url).href, bytes: 3_650_000 };
const NEUTRAL_FRAMES = 15;
const NEEDED = ["OffscreenCanvas", "DecompressionStream", "Worker", "createImageBitmap"];

class LiveFace extends HTMLElement {
  connectedCallback() {
    if (this.worker) return;
    this.innerHTML = BODY;
    this.said = null;
    this.run = 0; // of a camera or clip; answers to frames of earlier ones may still come
    this.find = (name) => this.querySelector(name);
    this.viewer = this.find("head-viewer");
    this.video = this.find("video");
    this.shown = new Shown(this.viewer);
    this.source = new Source(this.video, (words) => this.onTrouble(words));
    this.source.onDevices = () => this.listCameras();
    this.watchdog = new Watchdog({
      onNoPicture: () => this.say(WORDS.noPictures), onNoAnswer: () => this.say(WORDS.noAnswer),
    });
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("change", (event) => this.onChange(event));
    if (NEEDED.some((name) => !globalThis[name])) {
      this.say(WORDS.old);
      return;
    }
    this.start();
  }

  disconnectedCallback() {
    queueMicrotask(() => { // moved within the page it is back already
      if (this.isConnected) return;
      this.halt();
      this.worker?.terminate();
      this.worker = null;
    });
  }

  async start() {
    const model = new URL(this.dataset.model, document.baseURI).href;
    this.say(WORDS.loading(0));
    const worker = (this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" }));
    worker.addEventListener("message", ({ data }) => this.on[data.is]?.call(this, data));
    worker.addEventListener("error", () => this.say(WORDS.noWorker));
    try {
      const index = await fetchJson(`${model}files.json`);
      this.headId = index.head_id;
      this.file = (name) => `${model}${name}?${index.content}`; // else a browser may take an older one
      worker.postMessage({ do: "load", model, index, wasm: WASM });
      this.neutral = await fetchUnzipped(this.file("head.glb.gz"));
      await this.showHead(this.neutral, "The neutral head");
    } catch (error) {
      this.say(error.message);
    }
    if (!this.viewer.stage) this.say(WORDS.noWebgl);
  }

  async showHead(bytes, title) {
    this.head = bytes;
    if (!this.viewer.stage) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "model/gltf-binary" }));
    await this.viewer.show({ glb: { url, orig_name: "live.glb" }, title });
    URL.revokeObjectURL(url);
    this.viewer.stage.pace.leaveRoom();
  }

  on = {
    loading({ share }) { this.say(WORDS.loading(share)); },
    ready({ names }) {
      this.names = names;
      this.shown.use(names);
      this.isReady = true;
      this.classList.add("is-ready");
      this.querySelectorAll("[data-wants=ready]").forEach((button) => { button.disabled = false; });
      this.say(this.viewer.stage ? WORDS.ready : WORDS.noWebgl);
      this.dispatchEvent(new Event("ready"));
    },
    broken({ words }) { this.say(words); },
    failed({ words }) {
      this.frames?.free();
      this.watchdog.answered();
      this.say(words);
    },
    face(answer) { this.onFace(answer); },
    passed({ run }) { if (run === this.run) this.frames?.free(); },
    photo(answer) { this.onPhoto(answer); },
  };

  say(words) {
    if (words === this.said) return; // writing it again would lay the page out again
    this.said = words;
    this.find(".lf-note").textContent = words;
    this.find(".lf-note").hidden = !words;
  }

  // ---- sources of pictures

  onTrouble(words) {
    if (!this.source.isRunning) this.halt();
    this.say(words);
    this.showRunning();
  }

  /** Stops camera or clip, and what follows it. */
  halt() {
    this.frames?.stop();
    this.watchdog.stop();
    this.source.stop();
  }

  async open(how) {
    this.frames?.stop();
    this.watchdog.stop();
    const run = (this.run += 1);
    this.say(WORDS.opening);
    const opening = how();
    this.showRunning();
    try {
      await opening;
    } catch (error) {
      if (error instanceof Superseded) return;
      this.halt();
      this.say(whyNotOpened(error));
      this.showRunning();
      return;
    }
    this.say("");
    this.worker.postMessage({ do: "forget" });
    this.rate = new Rate();
    this.frames = newestOf(this.source, () => this.watchdog.sawPicture(), (frame) => this.send(frame, run));
    this.watchdog.start();
    this.showRunning();
    this.listCameras();
  }

  async listCameras() {
    const list = this.find("select");
    const cameras = await this.source.cameras();
    list.replaceChildren(...cameras.map(({ id, name }) => new Option(name, id)));
    list.hidden = cameras.length < 2;
    const used = this.source.stream?.getVideoTracks()[0].getSettings().deviceId;
    if (used) list.value = used;
  }

  showRunning() {
    const { isRunning, start } = this.source;
    this.find("[data-do=start]").textContent = isRunning || start ? "Stop" : "Start camera";
    this.classList.toggle("is-running", isRunning);
    if (!isRunning) drawLandmarks(this.find(".lf-points"), null, this.video);
  }

  /** Gives a frame to the tracker; false if there is none any more. */
  async send({ time_s, picture }, run) {
    try {
      const bitmap = await picture();
      const told = { time_s, run, sent_ms: performance.now() };
      this.worker.postMessage({ do: "frame", bitmap, ...told }, [bitmap]);
    } catch { // the film ended between the two
      return false;
    }
    this.watchdog.asked();
    return true;
  }

  // ---- messages from the tracker

  onFace({ face, width, height, time_s, took_ms, run, sent_ms }) {
    this.watchdog.answered();
    if (run !== this.run || !this.source.isRunning) return;
    this.frames.free();
    const rate = this.rate.count(performance.now(), sent_ms);
    if (rate) this.find(".lf-rate").textContent = rate;
    const points = this.isOn("landmarks") ? face?.landmarks : null;
    drawLandmarks(this.find(".lf-points"), points, { width, height });
    this.say(this.source.trouble ? this.source.trouble : !face ? WORDS.noFace : face.faces > 1 ? WORDS.faces(face.faces) : "");
    if (face) this.shown.show(face, this.choices());
    const sample = face && { time_s, ...this.shown.sample(face) };
    if (sample) this.recording?.add(sample);
    if (this.recording?.isFull) this.record();
    this.dispatchEvent(new CustomEvent("face", { detail: { face, sample, time_s, took_ms } }));
  }

  choices() {
    return { isMirrored: this.isOn("mirror"), moves: this.isOn("expression"), turns: this.isOn("pose") };
  }

  isOn(name) { return this.find(`input[name=${name}]`).checked; }

  async takePhoto(bitmap) {
    this.say(WORDS.making);
    this.worker.postMessage({ do: "photo", bitmap }, [bitmap]);
  }

  async onPhoto({ face, picture }) {
    if (!face) {
      this.say(WORDS.noFaceOnPhoto);
      return;
    }
    try {
      const head = await headOf(this.neutral, face, picture, { url: this.file("shape.bin.gz"), headId: this.headId });
      await this.showHead(head, "Your head, from one picture");
      const still = { ...face, rotation: face.pose.rotation, weights: face.expression };
      if (!this.source.isRunning) {
        this.showPicture(picture, face);
        this.shown.show(still, { ...this.choices(), isMirrored: false });
      }
      this.say("");
      offer(this.find(".lf-files"), [["head.glb", new Blob([head], { type: "model/gltf-binary" })]]);
      this.dispatchEvent(new CustomEvent("photo", { detail: { face } }));
    } catch (error) {
      this.say(error.message);
    }
  }

  showPicture(picture, face) {
    const canvas = this.find(".lf-photo");
    Object.assign(canvas, { width: picture.width, height: picture.height, hidden: false });
    canvas.getContext("2d").putImageData(picture, 0, 0);
    drawLandmarks(this.find(".lf-points"), face.landmarks, picture);
  }

  // ---- events from the visitor

  onClick(event) {
    const button = event.target.closest("button[data-do]");
    if (!button || !this.contains(button) || button.closest("head-viewer")) return;
    const actions = {
      start: () => this.toggle(),
      neutral: () => this.shown.calibrate(NEUTRAL_FRAMES),
      me: async () => this.takePhoto(await createImageBitmap(this.video)),
      anyone: () => this.showHead(this.neutral, "The neutral head"),
      record: () => this.record(),
    };
    actions[button.dataset.do]?.();
  }

  onChange({ target }) {
    if (target.matches("select")) this.open(() => this.source.openCamera(target.value));
    if (target.matches("input[type=file]") && target.files.length) this.openFile(target.files[0]);
    if (target.name === "mirror") this.classList.toggle("is-mirrored", target.checked);
  }

  async openFile(file) {
    this.find(".lf-photo").hidden = true;
    if (!file.type.startsWith("image/")) {
      await this.open(() => this.source.openClip(file));
      return;
    }
    this.halt();
    this.showRunning();
    try {
      await this.takePhoto(await createImageBitmap(file));
    } catch {
      this.say(WORDS.noPicture);
    }
  }

  toggle() {
    this.find(".lf-photo").hidden = true;
    if (!this.source.isRunning && !this.source.start) {
      this.open(() => this.source.openCamera(this.find("select").value || null));
      return;
    }
    this.halt();
    this.say(WORDS.ready);
    this.showRunning();
  }

  async record() {
    const button = this.find("[data-do=record]");
    if (!this.recording) {
      this.recording = new Recording(this.viewer.stage?.canvas, this.names);
      button.textContent = "■ Stop recording";
      return;
    }
    const { recording } = this;
    this.recording = null;
    button.textContent = "● Record";
    const files = await recording.files(this.head);
    if (!files.length) this.say(WORDS.nothingRecorded);
    offer(this.find(".lf-files"), files);
  }
}

addStyle();
customElements.define("live-face", LiveFace);
