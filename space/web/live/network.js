// The network on ONNX Runtime: a crop in, coefficients out, in the two passes of `dasl.network.passes`.

import * as ort from "../../vendor/onnxruntime/ort.bundle.js";
import {
  closer, decode, inverse, meanOf, mirrored, movedPose, moved, projected, rollRad, SIDE, unusualPose,
} from "./geometry.js";
import { warped } from "./pixels.js";

const AREA = SIDE * SIDE;
const DEG = Math.PI / 180;

/** Starts ONNX Runtime with its WebAssembly, bytes. */
export function prepareRuntime(wasm) {
  const cores = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency - 1) : 1;
  ort.env.wasm.numThreads = Math.max(1, cores);
  ort.env.wasm.wasmBinary = wasm;
  ort.env.logLevel = "error";
}

/** Raw outputs of the detector's graph for planes of rows x columns. */
export async function detectorSession({ meta, arrays }) {
  const skeleton = arrays["exact.detector_graph"];
  const cuts = meta.detector_cuts.map(({ name, at }) => ({ at, bytes: bytesOf(arrays[name]) }));
  const whole = new Uint8Array(skeleton.length + cuts.reduce((sum, cut) => sum + cut.bytes.length, 0));
  let [read, written] = [0, 0];
  for (const { at, bytes } of cuts) {
    const part = skeleton.subarray(read, read + at - written);
    whole.set(part, written);
    whole.set(bytes, at);
    read += part.length;
    written = at + bytes.length;
  }
  whole.set(skeleton.subarray(read), written);
  const session = await ort.InferenceSession.create(whole);
  return async (planes, rows, columns) => {
    const input = new ort.Tensor("float32", planes, [1, 3, rows, columns]);
    const answer = await session.run({ [session.inputNames[0]]: input });
    return session.outputNames.map((name) => answer[name].data);
  };
}

const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export class Network {
  static async create({ meta, arrays }) {
    const externalData = Object.entries(meta.network_files).map(([name, path]) => (
      { path, data: bytesOf(arrays[`network.${name}`]) }));
    const session = await ort.InferenceSession.create(arrays["exact.network_graph"], { externalData });
    return new Network(session, meta, arrays);
  }

  constructor(session, meta, arrays) {
    Object.assign(this, { session, settings: meta.settings, identityCount: meta.identity_count });
    this.whitening = { mean: arrays["exact.whitening_mean"], std: arrays["exact.whitening_std"] };
    this.mirror = {
      identitySign: arrays["exact.identity_mirror_sign"], mirrorExpression: meta.mirror_expression,
    };
    this.points = ["mean", "identity", "expression"].map((name) => arrays[`exact.landmarks_${name}`]);
    this.input = new Float32Array(4 * AREA);
  }

  /** The 68 landmarks, 3 numbers each, in the frame of the pose. */
  landmarks({ pose, identity, expression }) {
    const [mean, ofIdentity, ofExpression] = this.points;
    const placed = Float64Array.from(mean);
    add(placed, ofIdentity, identity);
    add(placed, ofExpression, expression);
    return projected(placed, pose);
  }

  /** One pass over a crop's planes with a landmark map of points [x, y]; without points it is blank. */
  async look(crop, points) {
    for (let at = 0; at < 3 * AREA; at += 1) this.input[at] = (crop[at] - 127.5) / 128;
    drawMap(this.input.subarray(3 * AREA), points, this.settings.dot_sigma_px);
    const images = new ort.Tensor("float32", this.input, [1, 4, SIDE, SIDE]);
    const { raw } = await this.session.run({ images });
    const found = decode(raw.data, this.whitening, this.identityCount);
    raw.dispose();
    return found;
  }

  /** A pass over a closer crop, upright except for the tilt, with the landmarks so far in its map. */
  async lookCloser(crop, soFar, tilt_deg, isMirrored) {
    const landmarks = this.landmarks(soFar);
    const settings = { ...this.settings, tilt_rad: tilt_deg * DEG };
    const change = closer(landmarks, rollRad(soFar.pose), settings);
    const points = this.mapPoints(landmarks).map((point) => moved(point, change));
    const seen = isMirrored ? points.map(([x, y]) => [SIDE - 1 - x, y]) : points;
    let found = await this.look(warped(crop, change, isMirrored), seen);
    if (isMirrored) found = mirrored(found, this.mirror);
    return { ...found, pose: movedPose(found.pose, inverse(change)) };
  }

  mapPoints(landmarks) {
    return this.settings.map_points.map((indices) => {
      const [one, other] = [indices[0], indices.at(-1)].map((index) => 3 * index);
      return [(landmarks[one] + landmarks[other]) / 2, (landmarks[one + 1] + landmarks[other + 1]) / 2];
    });
  }

  /** Both passes: {result, confidence}, pose in crop pixels. */
  async twoPasses(crop) {
    const first = await this.look(crop, []);
    const inMirror = await this.lookCloser(crop, first, -this.settings.tilt_deg, true);
    const straight = await this.lookCloser(crop, inMirror, this.settings.tilt_deg, false);
    const result = meanOf(inMirror, straight);
    return { result, confidence: this.confidence(first, inMirror, straight, result) };
  }

  /**
   * The second pass alone, from where the face was last: {result, confidence}.
   * @param {boolean} isChecked a look without landmarks more, for the confidence; null without.
   * @param {boolean} isHurried one look instead of two.
   */
  async follow(crop, last, isChecked, isHurried) {
    const { tilt_deg } = this.settings;
    const inMirror = isHurried ? null : await this.lookCloser(crop, last, -tilt_deg, true);
    const straight = await this.lookCloser(crop, inMirror ?? last, inMirror ? tilt_deg : 0, false);
    const result = inMirror ? meanOf(inMirror, straight) : straight;
    if (!isChecked) return { result, confidence: null };
    const first = await this.look(crop, []);
    return { result, confidence: this.confidence(first, inMirror ?? straight, straight, result) };
  }

  /** See `dasl.network.confidence`. */
  confidence(first, inMirror, straight, result) {
    const points = this.landmarks(straight);
    const others = [first, inMirror].map((other) => disagreement(this.landmarks(other), points));
    const apart = first.identity.map((value, at) => value - inMirror.identity[at]);
    const { constant, landmarks, pose, identity } = this.settings.calibration;
    const nme = constant + landmarks * (others[0] + others[1]) / 2
      + pose * unusualPose(result, this.whitening) + identity * Math.hypot(...apart);
    return 1 / (1 + (nme / this.settings.half_confidence_nme) ** 2);
  }
}

function add(sum, basis, weights) {
  for (let row = 0; row < weights.length; row += 1) {
    const weight = weights[row];
    if (!weight) continue;
    const start = row * sum.length;
    for (let at = 0; at < sum.length; at += 1) sum[at] += weight * basis[start + at];
  }
}

/** Mean distance of landmarks, divided by the size of the second set's box. */
function disagreement(points, others) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let sum = 0;
  for (let at = 0; at < others.length; at += 3) {
    sum += Math.hypot(points[at] - others[at], points[at + 1] - others[at + 1]);
    for (const axis of [0, 1]) {
      box[axis] = Math.min(box[axis], others[at + axis]);
      box[axis + 2] = Math.max(box[axis + 2], others[at + axis]);
    }
  }
  const size = Math.sqrt((box[2] - box[0]) * (box[3] - box[1]));
  return sum / (others.length / 3) / Math.max(size, 1e-6);
}

/** Dots on a background of -1; overlapping dots add up to at most +1. */
function drawMap(map, points, sigma) {
  map.fill(0);
  const reach = Math.ceil(6 * sigma);
  for (const [x, y] of points) {
    if (!Number.isFinite(x + y)) continue;
    for (let row = Math.max(0, Math.ceil(y - reach)); row <= Math.min(SIDE - 1, y + reach); row += 1) {
      for (let column = Math.max(0, Math.ceil(x - reach)); column <= Math.min(SIDE - 1, x + reach); column += 1) {
        map[row * SIDE + column] += Math.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * sigma * sigma));
      }
    }
  }
  for (let at = 0; at < map.length; at += 1) map[at] = 2 * Math.min(1, map[at]) - 1;
}
