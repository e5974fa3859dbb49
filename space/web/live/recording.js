// Downloads of a recording: a video of the head, a table of its motion, and the animated head.

import { filmKind, save } from "../takeaway.js";
import { Glb } from "./glb.js";

const FPS = 30;
const LONGEST_S = 600; // the film and its samples are held in memory
const POSE = ["yaw_deg", "pitch_deg", "roll_deg"];

export class Recording {
  /** Starts; records the head's `canvas` as a video if the browser can. */
  constructor(canvas, names) {
    Object.assign(this, { names, samples: [], parts: [], kind: filmKind() });
    if (!this.kind) return;
    this.recorder = new MediaRecorder(canvas.captureStream(FPS), { mimeType: this.kind[0], videoBitsPerSecond: 4_000_000 });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.parts.push(data));
    this.recorder.start(1000);
  }

  get length_s() {
    return this.samples.length ? this.samples.at(-1).time_s - this.samples[0].time_s : 0;
  }

  get isFull() { return this.length_s >= LONGEST_S; }

  add(sample) {
    if (this.samples.length && sample.time_s <= this.samples.at(-1).time_s) return; // a clip began anew
    this.samples.push(sample);
  }

  /** Stops; returns the files to offer, [name, Blob]; none if no face was seen. */
  async files(headBytes) {
    if (this.recorder) {
      const isDone = new Promise((done) => { this.recorder.addEventListener("stop", done); });
      this.recorder.stop();
      await isDone;
    }
    if (!this.samples.length) return [];
    const glb = new Glb(headBytes);
    const order = glb.names.map((name) => this.names.indexOf(name));
    glb.animate(this.samples.map((sample) => (
      { ...sample, weights: order.map((at) => sample.weights[at] ?? 0) })));
    const film = this.recorder ? [[`live.${this.kind[1]}`, new Blob(this.parts, { type: this.kind[0] })]] : [];
    return [...film, ["live.csv", this.table()], ["live.glb", glb.bytes()]];
  }

  table() {
    const start_s = this.samples[0].time_s;
    const rows = this.samples.map(({ time_s, angles, confidence, weights }) => [
      (time_s - start_s).toFixed(4), confidence.toFixed(4), ...POSE.map((name) => angles[name].toFixed(3)),
      ...Array.from(weights, (weight) => weight.toFixed(4)),
    ].join(","));
    const head = ["time_s", "confidence", ...POSE, ...this.names].join(",");
    return new Blob([`${[head, ...rows].join("\n")}\n`], { type: "text/csv" });
  }
}

/** Puts a button for each file, [name, Blob], into an element. */
export function offer(place, files) {
  place.replaceChildren(...files.map(([name, blob]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: `Save ${name}` });
    button.addEventListener("click", () => save(blob, name));
    return button;
  }));
}
