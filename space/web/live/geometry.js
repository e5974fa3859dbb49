// Coefficients, poses and similarities: `dasl.geometry` for one face. Rotations are nine numbers, row
// by row; a pose is {rotation, scale, x, y}; coefficients are {pose, identity, expression}.

export const SIDE = 120; // of a crop, pixels
const CENTRE = (SIDE - 1) / 2;
const POSE_COUNT = 9;
const DEG = Math.PI / 180;

const clamped = (value, low, high) => Math.min(high, Math.max(low, value));

function normalized([x, y, z]) {
  const length = Math.max(Math.hypot(x, y, z), 1e-12);
  return [x / length, y / length, z / length];
}

/** Gram-Schmidt on two rows. */
export function rotationFrom6d(six) {
  const a = normalized(six.slice(0, 3));
  const along = a[0] * six[3] + a[1] * six[4] + a[2] * six[5];
  const b = normalized([six[3] - along * a[0], six[4] - along * a[1], six[5] - along * a[2]]);
  const c = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return [...a, ...b, ...c];
}

export function pack({ pose, identity, expression }) {
  const packed = new Float64Array(POSE_COUNT + identity.length + expression.length);
  packed.set(pose.rotation.slice(0, 6));
  packed.set([Math.log(pose.scale), pose.x, pose.y], 6);
  packed.set(identity, POSE_COUNT);
  packed.set(expression, POSE_COUNT + identity.length);
  return packed;
}

export function unpack(packed, identityCount) {
  const start = POSE_COUNT + identityCount;
  return {
    pose: {
      rotation: rotationFrom6d(Array.from(packed.subarray(0, 6))),
      scale: Math.exp(clamped(packed[6], -20, 20)),
      x: packed[7],
      y: packed[8],
    },
    identity: Float32Array.from(packed.subarray(POSE_COUNT, start)),
    expression: Float32Array.from(packed.subarray(start), (weight) => clamped(weight, 0, 1)),
  };
}

/** Mean of two predictions for one face. */
export function meanOf(one, other) {
  const [a, b] = [pack(one), pack(other)];
  return unpack(a.map((value, at) => (value + b[at]) / 2), one.identity.length);
}

/** Where a pose gets to that goes on as from one to the other: 1 for as long a way again. */
export function poseAhead(from, to, share) {
  const nothing = { identity: [], expression: [] };
  const [a, b] = [pack({ pose: from, ...nothing }), pack({ pose: to, ...nothing })];
  return unpack(b.map((value, at) => value + share * (value - a[at])), 0).pose;
}

export function decode(raw, whitening, identityCount) {
  const packed = Float64Array.from(raw, (value, at) => value * whitening.std[at] + whitening.mean[at]);
  return unpack(packed, identityCount);
}

/** Distance of a pose from the training's mean pose, in standard deviations. */
export function unusualPose(coefficients, whitening) {
  const packed = pack(coefficients);
  let sum = 0;
  for (let at = 0; at < POSE_COUNT; at += 1) {
    sum += ((packed[at] - whitening.mean[at]) / whitening.std[at]) ** 2;
  }
  return Math.sqrt(sum);
}

/** Yaw, pitch and roll in degrees; signs as in `dasl.geometry.rotation`. */
export function anglesDeg(rotation) {
  return {
    yaw_deg: Math.atan2(rotation[6], rotation[8]) / DEG,
    pitch_deg: Math.asin(clamped(-rotation[7], -1, 1)) / DEG,
    roll_deg: Math.atan2(-rotation[1], rotation[4]) / DEG,
  };
}

/** Roll of a head, clockwise in the picture. */
export const rollRad = ({ rotation }) => Math.atan2(rotation[1], rotation[4]);

/** Head model points (N * 3 metres) on the picture: N * 3 pixels, y down. */
export function projected(points, { rotation, scale, x, y }) {
  const placed = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += 3) {
    const [p, q, r] = [points[at], points[at + 1], points[at + 2]];
    placed[at] = x + scale * (rotation[0] * p + rotation[1] * q + rotation[2] * r);
    placed[at + 1] = y - scale * (rotation[3] * p + rotation[4] * q + rotation[5] * r);
    placed[at + 2] = scale * (rotation[6] * p + rotation[7] * q + rotation[8] * r);
  }
  return placed;
}

/** x, y, and highest x, y of N * 3 points. */
export function bounds(points) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 3) {
    box[0] = Math.min(box[0], points[at]);
    box[1] = Math.min(box[1], points[at + 1]);
    box[2] = Math.max(box[2], points[at]);
    box[3] = Math.max(box[3], points[at + 1]);
  }
  return box;
}

/** Square around landmarks, at pixel edges: {x, y, side}. */
export function squareFromLandmarks(points, margin) {
  const [left, top, right, bottom] = bounds(points);
  const side = margin * Math.max(right - left, bottom - top);
  return { x: (left + right + 1 - side) / 2, y: (top + bottom + 1 - side) / 2, side };
}

/** The crop square for a detector's box. */
export function squareFromBox([left, top, right, bottom], { box_to_crop_side, box_to_crop_down }) {
  const longest = Math.max(right - left, bottom - top);
  const side = box_to_crop_side * longest;
  const down = box_to_crop_down * longest;
  return { x: (left + right - side) / 2, y: (top + bottom - side) / 2 + down, side };
}

export function poseInCrop(pose, square) {
  const pixel = square.side / SIDE;
  return {
    rotation: pose.rotation,
    scale: pose.scale / pixel,
    x: (pose.x - square.x + 0.5) / pixel - 0.5,
    y: (pose.y - square.y + 0.5) / pixel - 0.5,
  };
}

export function poseInImage(pose, square) {
  const pixel = square.side / SIDE;
  return {
    rotation: pose.rotation,
    scale: pose.scale * pixel,
    x: square.x + (pose.x + 0.5) * pixel - 0.5,
    y: square.y + (pose.y + 0.5) * pixel - 0.5,
  };
}

/** A clockwise rotation about the crop's centre; see `dasl.geometry.similarity`. */
export const turned = (turn, scale = 1, shift = [0, 0]) => ({ turn, scale, shift });

export function inverse({ turn, scale, shift: [x, y] }) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const shift = [-(cos * x + sin * y) / scale, -(cos * y - sin * x) / scale];
  return { turn: -turn, scale: 1 / scale, shift };
}

export function moved([x, y], { turn, scale, shift }) {
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const [u, v] = [x - CENTRE, y - CENTRE];
  return [cos * u - sin * v + CENTRE + shift[0], sin * u + cos * v + CENTRE + shift[1]];
}

export function movedPose(pose, similarity) {
  const [cos, sin] = [Math.cos(similarity.turn), Math.sin(similarity.turn)];
  const r = pose.rotation;
  const [x, y] = moved([pose.x, pose.y], similarity);
  return {
    rotation: [
      cos * r[0] + sin * r[3], cos * r[1] + sin * r[4], cos * r[2] + sin * r[5],
      cos * r[3] - sin * r[0], cos * r[4] - sin * r[1], cos * r[5] - sin * r[2],
      r[6], r[7], r[8],
    ],
    scale: pose.scale * similarity.scale,
    x,
    y,
  };
}

/** The similarity that makes a face fill its crop, upright except for the tilt. */
export function closer(landmarks, lean, settings) {
  const upright = turned(-lean);
  const seen = new Float64Array(landmarks.length);
  for (let at = 0; at < landmarks.length; at += 3) {
    seen.set(moved([landmarks[at], landmarks[at + 1]], upright), at);
  }
  const [left, top, right, bottom] = bounds(seen);
  const longest = Math.max(right - left, bottom - top, 1);
  const [least, most] = settings.closer_scales;
  const scale = clamped(SIDE / (settings.closer_margin * longest), least, most);
  const middle = moved([(left + right) / 2, (top + bottom) / 2], inverse(upright));
  const tilted = turned(settings.tilt_rad - lean, scale);
  const [x, y] = moved(middle, tilted);
  return { ...tilted, shift: [CENTRE - x, CENTRE - y] };
}

/** The mirrored face. */
export function mirrored({ pose, identity, expression }, model) {
  const signs = [1, -1, -1, -1, 1, 1, -1, 1, 1];
  return {
    pose: { ...pose, rotation: pose.rotation.map((it, at) => it * signs[at]), x: SIDE - 1 - pose.x },
    identity: identity.map((value, at) => value * model.identitySign[at]),
    expression: expression.map((_, at) => expression[model.mirrorExpression[at]]),
  };
}
