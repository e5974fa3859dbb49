// Tracks one face: found by the detector first, then from its last position.

import {
  anglesDeg, bounds, poseAhead, poseInCrop, poseInImage, rotationFrom6d, squareFromBox, squareFromLandmarks,
} from "./geometry.js";
import { OneEuro } from "./one_euro.js";
import { cutCrop } from "./pixels.js";

const LONGEST_GAP_S = 0.5;
const LONGEST_AHEAD = 1.5; // in times between the last two frames
const [SLOW_MS, QUICK_MS] = [38, 16]; // one look takes half as long as two

export class Tracker {
  constructor(network, detector) {
    Object.assign(this, { network, detector, settings: network.settings });
    this.forget();
    this.isHurried = false; // one look a frame, a little less exact, where two take too long
  }

  /** Resets the tracker; the next face counts as new. */
  forget() {
    this.last = null;
    this.earlier = null; // {pose, time_s} before the last
    this.filters = null;
    this.seen_s = null;
    this.searched = Infinity; // frames since the detector ran: it looks at the next one
  }

  /**
   * The face on the next frame, or null.
   * @param {{data: Uint8ClampedArray, width: number, height: number}} picture of the camera.
   * @param {number} time_s of the frame.
   */
  async update(picture, time_s) {
    const gap_s = this.seen_s === null ? 0 : time_s - this.seen_s;
    if (gap_s > LONGEST_GAP_S || gap_s < 0) this.forget(); // below 0 a clip began anew
    const before = this.last && { pose: this.last.pose, time_s: this.seen_s };
    const followed = this.last && await this.follow(picture, time_s);
    const found = followed ?? await this.search(picture);
    if (!found) return null;
    this.earlier = followed ? before : null;
    this.seen_s = time_s;
    return this.smoothed(found, time_s);
  }

  /** Both passes on the largest face; `faces` counts them. */
  async search(picture) {
    this.searched += 1;
    if (this.searched < this.settings.search_every) return null;
    this.searched = 0;
    const boxes = await this.detector.find(picture);
    return boxes.length ? this.meet(picture, boxes) : null;
  }

  async meet(picture, boxes) {
    const { network, settings } = this;
    const rough = squareFromBox(boxes[0], settings);
    const first = await network.look(cutCrop(picture, rough), []);
    const pose = poseInImage(first.pose, rough);
    const square = squareFromLandmarks(network.landmarks({ ...first, pose }), settings.landmark_margin);
    const { result, confidence } = await network.twoPasses(cutCrop(picture, square));
    const found = { ...result, pose: poseInImage(result.pose, square) };
    this.faces = boxes.length;
    return this.accepted(picture, found, confidence);
  }

  /** Where the face is looked for: one look cannot correct itself, so it starts from where a move leads. */
  expected(time_s) {
    const { last, earlier, seen_s } = this;
    if (!this.isHurried || !earlier || earlier.time_s >= seen_s) return last;
    const share = Math.min(LONGEST_AHEAD, Math.max(0, (time_s - seen_s) / (seen_s - earlier.time_s)));
    return { ...last, pose: poseAhead(earlier.pose, last.pose, share) };
  }

  async follow(picture, time_s) {
    const { network, settings } = this;
    const last = this.expected(time_s);
    this.frames += 1;
    const isChecked = this.frames % settings.check_every === 0;
    const before = network.landmarks(this.last);
    const square = squareFromLandmarks(network.landmarks(last), settings.landmark_margin);
    const inCrop = { ...last, pose: poseInCrop(last.pose, square) };
    const crop = cutCrop(picture, square);
    const { result, confidence } = await network.follow(crop, inCrop, isChecked, this.isHurried);
    const found = { ...result, pose: poseInImage(result.pose, square) };
    if (!continues(before, network.landmarks(found), settings)) return this.lose();
    return this.accepted(picture, found, confidence ?? this.confidence);
  }

  /** Reports a frame's processing time, so that the tracker keeps up with the camera. */
  tookMs(took_ms) {
    this.mean_ms = 0.9 * (this.mean_ms ?? took_ms) + 0.1 * took_ms;
    if (this.mean_ms > SLOW_MS) this.isHurried = true;
    if (this.mean_ms < QUICK_MS) this.isHurried = false;
  }

  accepted({ width, height }, found, confidence) {
    if (!isPlausible(this.network.landmarks(found), width, height, confidence, this.settings)) return this.lose();
    if (!this.last) this.frames = 0;
    this.last = found;
    this.confidence = confidence;
    return found;
  }

  lose() {
    this.last = this.earlier = null;
    this.searched = Infinity; // look at the next frame
    return null;
  }

  /** Pose, weights and landmarks, smoothed and raw. */
  smoothed(found, time_s) {
    const { pose, expression } = found;
    const landmarks = this.network.landmarks(found);
    if (!this.filters) {
      const settings = this.settings.filter;
      this.face_px = 0.1 * pose.scale;
      this.filters = { pose: new OneEuro(settings), weights: new OneEuro(settings), points: new OneEuro(settings) };
    }
    const { face_px, filters } = this;
    const columns = [...pose.rotation.slice(0, 6), Math.log(pose.scale), pose.x / face_px, pose.y / face_px];
    const still = filters.pose.update(columns, time_s);
    const rotation = rotationFrom6d(Array.from(still.subarray(0, 6)));
    const points = filters.points.update(landmarks.map((value) => value / face_px), time_s);
    return {
      rotation,
      angles: anglesDeg(rotation),
      scale: Math.exp(still[6]),
      place: [still[7] * face_px, still[8] * face_px],
      weights: filters.weights.update(expression, time_s).map((weight) => Math.min(1, Math.max(0, weight))),
      landmarks: points.map((value) => value * face_px),
      confidence: this.confidence,
      faces: this.faces,
      raw: { ...found, landmarks },
    };
  }
}

const longest = ([x0, y0, x1, y1]) => Math.max(x1 - x0, y1 - y0);

/** Whether it is a face, large enough, and at least half inside the picture. */
function isPlausible(landmarks, width, height, confidence, settings) {
  let inside = 0;
  for (let at = 0; at < landmarks.length; at += 3) {
    const [x, y] = [landmarks[at], landmarks[at + 1]];
    if (!Number.isFinite(x + y)) return false;
    if (x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5) inside += 1;
  }
  return confidence >= settings.keep_confidence && longest(bounds(landmarks)) >= settings.min_side_px
    && inside / (landmarks.length / 3) >= settings.min_inside;
}

/** Whether a head can move this far in one frame. */
function continues(before, after, { max_step, max_growth }) {
  const side = longest(bounds(before));
  const mean = (points, axis) => {
    let sum = 0;
    for (let at = axis; at < points.length; at += 3) sum += points[at];
    return sum / (points.length / 3);
  };
  const step = Math.hypot(mean(after, 0) - mean(before, 0), mean(after, 1) - mean(before, 1));
  const growth = longest(bounds(after)) / side;
  return step <= max_step * side && growth >= 1 / max_growth && growth <= max_growth;
}
