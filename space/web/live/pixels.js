// Pictures cut, resized and warped as `dasl.geometry.crop` and `dasl.geometry.similarity` do it. A
// picture is {data: RGBA bytes, width, height}; planes are float32, red, green, blue one after the other.

import { SIDE } from "./geometry.js";

const BITS = 22; // fixed point of Pillow's resampling

/** Which source pixels make each of `count` pixels, and their shares: Pillow's triangle filter. */
function shares(from, length, count, size) {
  const scale = length / count;
  const wide = Math.max(scale, 1);
  const width = Math.ceil(wide) * 2 + 1;
  const first = new Int32Array(count);
  const weights = new Int32Array(count * width);
  for (let pixel = 0; pixel < count; pixel += 1) {
    const centre = from + (pixel + 0.5) * scale;
    const low = Math.floor(centre - wide + 0.5);
    const high = Math.floor(centre + wide + 0.5);
    const row = [];
    for (let at = low; at < high; at += 1) row.push(Math.max(0, 1 - Math.abs((at - centre + 0.5) / wide)));
    const sum = row.reduce((total, share) => total + share, 0);
    row.forEach((share, at) => { weights[pixel * width + at] = Math.round((share / sum) * 2 ** BITS); });
    first[pixel] = low;
  }
  const last = size - 1; // beyond the border its pixels are repeated
  const source = Int32Array.from({ length: count * width }, (_, at) => (
    Math.min(last, Math.max(0, first[Math.floor(at / width)] + (at % width)))));
  return { width, weights, source };
}

const clip8 = (sum) => { const value = sum >> BITS; return value < 0 ? 0 : value > 255 ? 255 : value; };

/** Part {x, y, width, height} (pixel edges) of a picture, as columns x rows x RGB bytes. */
export function resized(picture, part, columns, rows) {
  const across = shares(part.x, part.width, columns, picture.width);
  const down = shares(part.y, part.height, rows, picture.height);
  const used = new Map(); // picture row -> its resampled pixels
  const line = (row) => {
    let made = used.get(row);
    if (!made) used.set(row, made = resampledRow(picture, row, across, columns));
    return made;
  };
  const result = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row += 1) {
    const sums = new Int32Array(columns * 3).fill(1 << (BITS - 1));
    for (let tap = 0; tap < down.width; tap += 1) {
      const weight = down.weights[row * down.width + tap];
      if (!weight) continue;
      const values = line(down.source[row * down.width + tap]);
      for (let at = 0; at < sums.length; at += 1) sums[at] += weight * values[at];
    }
    for (let at = 0; at < sums.length; at += 1) result[row * columns * 3 + at] = clip8(sums[at]);
  }
  return result;
}

function resampledRow({ data, width }, row, across, columns) {
  const made = new Uint8Array(columns * 3);
  const start = row * width * 4;
  for (let column = 0; column < columns; column += 1) {
    let red = 1 << (BITS - 1);
    let green = red;
    let blue = red;
    for (let tap = 0; tap < across.width; tap += 1) {
      const weight = across.weights[column * across.width + tap];
      if (!weight) continue;
      const at = start + across.source[column * across.width + tap] * 4;
      red += weight * data[at];
      green += weight * data[at + 1];
      blue += weight * data[at + 2];
    }
    made[column * 3] = clip8(red);
    made[column * 3 + 1] = clip8(green);
    made[column * 3 + 2] = clip8(blue);
  }
  return made;
}

/** A square {x, y, side} of a picture as 3 x 120 x 120 planes, 0..255. */
export function cutCrop(picture, { x, y, side }) {
  return planes(resized(picture, { x, y, width: side, height: side }, SIDE, SIDE));
}

export function planes(rgb) {
  const count = rgb.length / 3;
  const result = new Float32Array(rgb.length);
  for (let at = 0; at < count; at += 1) {
    for (let colour = 0; colour < 3; colour += 1) result[colour * count + at] = rgb[at * 3 + colour];
  }
  return result;
}

/** A crop's planes after a similarity, bilinear, its border pixels repeated; mirrored if wanted. */
export function warped(crop, { turn, scale, shift }, isMirrored) {
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const [centre, area, last] = [(SIDE - 1) / 2, SIDE * SIDE, SIDE - 1];
  const result = new Float32Array(crop.length);
  for (let row = 0; row < SIDE; row += 1) {
    const v = row - centre - shift[1];
    for (let column = 0; column < SIDE; column += 1) {
      const u = column - centre - shift[0];
      const x = Math.min(last, Math.max(0, cos * u + sin * v + centre));
      const y = Math.min(last, Math.max(0, cos * v - sin * u + centre));
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [p, q] = [x - left, y - top];
      const right = left < last ? 1 : 0;
      const below = top < last ? SIDE : 0;
      const target = row * SIDE + (isMirrored ? last - column : column);
      for (let start = 0; start < crop.length; start += area) {
        const at = start + top * SIDE + left;
        const upper = crop[at] + p * (crop[at + right] - crop[at]);
        const lower = crop[at + below] + p * (crop[at + below + right] - crop[at + below]);
        result[start + target] = upper + q * (lower - upper);
      }
    }
  }
  return result;
}
