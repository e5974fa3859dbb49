// Detects faces with RetinaFace, as in `dasl.photo.detector`, on one reduced copy of the picture.

import { resized } from "./pixels.js";

const STRIDES = [8, 16, 32];
const ANCHOR_SIZES = [[16, 32], [64, 128], [256, 512]];
const MEAN_BGR = [104, 117, 127];
const MIN_SCORE = 0.9;
const PADDED_MIN_SCORE = 0.7;
const MAX_OVERLAP = 0.4;

export class Detector {
  /**
   * @param {Function} run picture's planes and size -> [boxes, scores, points], raw.
   * @param {number} longSide of what the network sees, pixels.
   */
  constructor(run, longSide) { Object.assign(this, { run, longSide }); }

  /** Boxes [x0, y0, x1, y1] of a picture's faces, the largest first; a face may fill the picture. */
  async find(picture) {
    const found = await this.look(picture, 0, MIN_SCORE);
    return found.length ? found : this.look(picture, 0.25, PADDED_MIN_SCORE);
  }

  async look(picture, margin, minScore) {
    const longest = Math.max(picture.width, picture.height);
    const border = margin * longest;
    const zoom = Math.min(1, this.longSide / (longest + 2 * border));
    const columns = Math.max(1, Math.round((picture.width + 2 * border) * zoom));
    const rows = Math.max(1, Math.round((picture.height + 2 * border) * zoom));
    const part = { x: -border, y: -border, width: picture.width + 2 * border, height: picture.height + 2 * border };
    const rgb = resized(picture, part, columns, rows);
    const area = columns * rows;
    const planes = new Float32Array(3 * area);
    for (let at = 0; at < area; at += 1) {
      for (let colour = 0; colour < 3; colour += 1) {
        planes[colour * area + at] = rgb[at * 3 + 2 - colour] - MEAN_BGR[colour];
      }
    }
    const [offsets, scores] = await this.run(planes, rows, columns);
    const boxes = decoded(offsets, scores, rows, columns, minScore);
    const [across, down] = [part.width / columns, part.height / rows];
    return withoutOverlaps(boxes)
      .map(([x0, y0, x1, y1]) => [x0 * across - border, y0 * down - border, x1 * across - border, y1 * down - border])
      .sort((one, other) => areaOf(other) - areaOf(one));
  }
}

const areaOf = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);

/** Boxes with their scores, best first. */
function decoded(offsets, scores, rows, columns, minScore) {
  const found = [];
  let anchor = 0;
  STRIDES.forEach((stride, level) => {
    for (let row = 0; row < Math.ceil(rows / stride); row += 1) {
      for (let column = 0; column < Math.ceil(columns / stride); column += 1) {
        for (const size of ANCHOR_SIZES[level]) {
          const score = scores[2 * anchor + 1];
          if (score > minScore) {
            const [dx, dy, dw, dh] = offsets.subarray(4 * anchor, 4 * anchor + 4);
            const x = (column + 0.5) * stride + 0.1 * size * dx;
            const y = (row + 0.5) * stride + 0.1 * size * dy;
            const [w, h] = [size * Math.exp(0.2 * dw) / 2, size * Math.exp(0.2 * dh) / 2];
            found.push([x - w, y - h, x + w, y + h, score]);
          }
          anchor += 1;
        }
      }
    }
  });
  return found.sort((one, other) => other[4] - one[4]);
}

function withoutOverlaps(boxes) {
  const kept = [];
  for (const box of boxes) {
    const overlaps = kept.some((other) => {
      const width = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
      const height = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
      const shared = Math.max(0, width) * Math.max(0, height);
      return shared / (areaOf(box) + areaOf(other) - shared) > MAX_OVERLAP;
    });
    if (!overlaps) kept.push(box);
  }
  return kept;
}
