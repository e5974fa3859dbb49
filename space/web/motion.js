// Motions of a head: eased change of expression, idle motion through expressions, recorded clip.

import { AnimationMixer, Box3, Vector3 } from "../vendor/three/three.bundle.js";

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const EASE_S = 0.3;
const HOLD_S = 0.9;
const STEP_S = 1.7; // of a sway: from one expression to the next, and a while there
const CALM_STEP_S = 2.5;
const NOD_RAD = 0.3;

const clamped = (share) => Math.min(1, Math.max(0, share));
const smooth = (share) => clamped(share) ** 2 * (3 - 2 * clamped(share));
const mixed = (from, to, share) => from.map((weight, at) => weight + share * (to[at] - weight));

/** From one expression to another; immediate if the visitor prefers reduced motion. */
export class Ease {
  constructor(from, to) { Object.assign(this, { from, to, passed_s: isCalm() ? EASE_S : 0 }); }

  advance(passed_s) {
    this.passed_s += passed_s;
    this.isDone = this.passed_s >= EASE_S;
    return { weights: mixed(this.from, this.to, smooth(this.passed_s / EASE_S)), turn_rad: null };
  }
}

/** Loops through a list of expressions, with slight turns of the head. */
export class Sway {
  constructor(stops) { Object.assign(this, { stops, passed_s: 0, isDone: false }); }

  get length_s() { return STEP_S * this.stops.length; }

  advance(passed_s) {
    this.passed_s += passed_s;
    return this.at(this.passed_s);
  }

  at(time_s) {
    const step_s = isCalm() ? CALM_STEP_S : STEP_S;
    const step = Math.floor(time_s / step_s) % this.stops.length;
    const within_s = time_s % step_s;
    const [from, to] = [this.stops[step], this.stops[(step + 1) % this.stops.length]];
    if (isCalm()) return { weights: from, turn_rad: 0 };
    const turn_rad = NOD_RAD * Math.sin((2 * Math.PI * time_s) / this.length_s);
    return { weights: mixed(from, to, smooth(within_s / (STEP_S - HOLD_S))), turn_rad };
  }
}

/** The animation of a glTF file, with a clock that can be set. */
export class Recording {
  constructor(gltf) {
    this.mixer = new AnimationMixer(gltf.scene);
    this.clip = gltf.animations[0];
    this.mixer.clipAction(this.clip).play();
    this.length_s = this.clip.duration;
    this.seek(0);
  }

  seek(time_s) {
    this.time_s = Math.min(Math.max(0, time_s), this.length_s);
    this.mixer.setTime(Math.min(this.time_s, this.length_s - 1e-4)); // the end is the start again
  }

  advance(passed_s) {
    const next_s = this.time_s + passed_s;
    this.seek(next_s >= this.length_s ? 0 : next_s);
  }

  /** Bounds of the head's (neutral) bounding box over the whole clip. */
  frame(rest) {
    const values = (end) => this.clip.tracks.find((track) => track.name.endsWith(end))?.values;
    const places = values(".position") ?? [0, 0, 0];
    const scales = values(".scale") ?? [1, 1, 1];
    const largest = Math.max(...scales);
    const box = new Box3();
    for (let at = 0; at < places.length; at += 3) {
      const moved = rest.clone();
      moved.min.multiplyScalar(largest);
      moved.max.multiplyScalar(largest);
      box.union(moved.translate(new Vector3(...places.slice(at, at + 3))));
    }
    return box;
  }

  dispose() { this.mixer.stopAllAction(); this.mixer.uncacheClip(this.clip); }
}
