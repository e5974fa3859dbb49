// Applies the face's motion to the head: mirrored, calibrated, or only in part.

const WRITE_EVERY_MS = 100;
const SIGNS = [1, -1, -1, -1, 1, 1, -1, 1, 1];
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** The expression unit on the mirrored side. */
export const mirroredName = (name) => (name.endsWith("Left") ? `${name.slice(0, -4)}Right`
  : name.endsWith("Right") ? `${name.slice(0, -5)}Left` : name);

export class Shown {
  constructor(viewer) { Object.assign(this, { viewer, base: null, collecting: null, written_ms: 0 }); }

  /** ARKit names in the order of the tracker's weights. */
  use(names) {
    this.names = names;
    this.partner = names.map((name) => names.indexOf(mirroredName(name)));
  }

  /** Calibrates: the mean of the next frames becomes the neutral face. */
  calibrate(frames) { this.collecting = { left: frames, frames, weights: null, rotation: null }; }

  show(face, { isMirrored, moves, turns }) {
    this.collect(face);
    const weights = Array.from(face.weights, (weight, at) => (this.base ? over(weight, this.base.weights[at]) : weight));
    const rotation = this.base ? timesTransposed(face.rotation, this.base.rotation) : [...face.rotation];
    this.weights = (isMirrored ? this.partner.map((at) => weights[at]) : weights).map((weight) => (moves ? weight : 0));
    this.rotation = !turns ? IDENTITY : isMirrored ? rotation.map((value, at) => value * SIGNS[at]) : rotation;
    this.draw();
  }

  /** The values shown last, for a recording. */
  sample({ angles, confidence }) {
    return { angles, confidence, weights: this.weights, rotation: this.rotation };
  }

  collect({ weights, rotation }) {
    const { collecting } = this;
    if (!collecting) return;
    const add = (sum, values) => Array.from(values, (value, at) => (sum?.[at] ?? 0) + value / collecting.frames);
    collecting.weights = add(collecting.weights, weights);
    collecting.rotation = rotation; // of the last: heads are held still for it
    collecting.left -= 1;
    if (collecting.left) return;
    this.base = collecting;
    this.collecting = null;
  }

  draw() {
    const { viewer } = this;
    if (!viewer.stage || !viewer.weights) return;
    viewer.motion = null;
    viewer.names.forEach((name, at) => { viewer.weights[at] = this.weights[this.names.indexOf(name)] ?? 0; });
    const [a, b, c, d, e, f, g, h, i] = this.rotation;
    const { root } = viewer.stage.head;
    root.matrixAutoUpdate = false;
    root.matrix.set(a, b, c, 0, d, e, f, 0, g, h, i, 0, 0, 0, 0, 1);
    root.matrixWorldNeedsUpdate = true;
    const now_ms = performance.now();
    if (now_ms - this.written_ms > WRITE_EVERY_MS) {
      this.written_ms = now_ms;
      viewer.writeSliders();
    }
    viewer.stage.wantsFrame();
  }
}

const over = (weight, rest) => Math.min(1, Math.max(0, (weight - rest) / Math.max(1 - rest, 0.1)));

function timesTransposed(one, other) {
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => (
    one[3 * row] * other[3 * column] + one[3 * row + 1] * other[3 * column + 1] + one[3 * row + 2] * other[3 * column + 2])));
}
