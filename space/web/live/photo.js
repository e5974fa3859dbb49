// A head from one picture, made in this browser: its shape from the identity, its texture from the
// visible skin. Simpler than on the server: the texture is not corrected or completed.

import { fetchUnzipped, unpacked } from "./files.js";
import { projected } from "./geometry.js";
import { Glb } from "./glb.js";

const LEAST_FACING = 0.15;

/**
 * The GLB file of the head on a picture, bytes.
 * @param {Uint8Array} neutral GLB of the neutral head.
 * @param {{pose: object, identity: Float32Array, expression: Float32Array}} face on the picture.
 * @param {ImageData} picture the pixels.
 * @param {{url: string, headId: string}} wanted `shape.bin.gz`, and the head it must be of.
 */
export async function headOf(neutral, face, picture, { url, headId }) {
  const { meta, arrays } = unpacked(await fetchUnzipped(url));
  const glb = new Glb(neutral);
  const rest = glb.read("POSITION");
  if (meta.head_id !== headId || arrays.identity.length !== rest.length * face.identity.length) {
    throw new Error("The page was updated since you opened it; reload it"); // of another version
  }
  const triangles = glb.read("indices");
  const shape = Float32Array.from(rest);
  add(shape, arrays.identity, face.identity);
  const welded = weld(rest);
  glb.write("POSITION", shape);
  glb.write("NORMAL", normals(shape, triangles, welded));
  const posed = Float32Array.from(shape);
  add(posed, arrays.expression, face.expression);
  const texture = await bake(glb, picture, {
    places: projected(posed, face.pose),
    facing: rotatedZ(normals(posed, triangles, welded), face.pose.rotation),
    trust: arrays["exact.trust"],
    triangles,
  });
  glb.setTexture(new Uint8Array(await texture.arrayBuffer()), "image/jpeg");
  return new Uint8Array(await glb.bytes().arrayBuffer());
}

function add(sum, basis, weights) {
  weights.forEach((weight, row) => {
    const start = row * sum.length;
    for (let at = 0; at < sum.length; at += 1) sum[at] += weight * basis[start + at];
  });
}

/** For each vertex, the first vertex at the same position; joins both sides of a seam. */
function weld(points) {
  const first = new Map();
  return Uint32Array.from({ length: points.length / 3 }, (_, at) => {
    const key = points.subarray(3 * at, 3 * at + 3).join(",");
    if (!first.has(key)) first.set(key, at);
    return first.get(key);
  });
}

function normals(points, triangles, welded) {
  const sums = new Float32Array(points.length);
  for (let at = 0; at < triangles.length; at += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * triangles[at + corner]);
    const u = [0, 1, 2].map((axis) => points[b + axis] - points[a + axis]);
    const v = [0, 1, 2].map((axis) => points[c + axis] - points[a + axis]);
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const corner of [a, b, c]) {
      const vertex = 3 * welded[corner / 3];
      for (let axis = 0; axis < 3; axis += 1) sums[vertex + axis] += normal[axis];
    }
  }
  const result = new Float32Array(points.length);
  for (let at = 0; at < welded.length; at += 1) {
    const [x, y, z] = sums.subarray(3 * welded[at], 3 * welded[at] + 3);
    const length = Math.hypot(x, y, z) || 1;
    result.set([x / length, y / length, z / length], 3 * at);
  }
  return result;
}

const rotatedZ = (vectors, rotation) => Float32Array.from({ length: vectors.length / 3 }, (_, at) => (
  rotation[6] * vectors[3 * at] + rotation[7] * vectors[3 * at + 1] + rotation[8] * vectors[3 * at + 2]));

/** The painted texture with the picture drawn over it, triangle by triangle. */
async function bake(glb, picture, { places, facing, trust, triangles }) {
  const painted = await createImageBitmap(new Blob([glb.texture()], { type: "image/jpeg" }));
  const size = painted.width;
  const canvas = new OffscreenCanvas(size, size);
  const pencil = canvas.getContext("2d");
  const photo = new OffscreenCanvas(picture.width, picture.height);
  photo.getContext("2d").putImageData(picture, 0, 0);
  pencil.drawImage(painted, 0, 0);
  tint(pencil, size, skinOf(picture, places, facing, trust));
  const uv = glb.read("TEXCOORD_0");
  for (let at = 0; at < triangles.length; at += 3) {
    const corners = [triangles[at], triangles[at + 1], triangles[at + 2]];
    const share = Math.min(...corners.map((corner) => (
      (trust[corner] / 255) * Math.min(1, Math.max(0, (facing[corner] - LEAST_FACING) / 0.35)))));
    if (share <= 0.02) continue;
    const target = corners.map((corner) => [uv[2 * corner] * size, uv[2 * corner + 1] * size]);
    const source = corners.map((corner) => [places[3 * corner] + 0.5, places[3 * corner + 1] + 0.5]);
    drawTriangle(pencil, photo, source, target, share);
  }
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
}

function drawTriangle(pencil, photo, [p, q, r], [a, b, c], share) {
  const det = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1]);
  if (Math.abs(det) < 1e-6) return;
  const solve = (axis) => {
    const [u, v] = [b[axis] - a[axis], c[axis] - a[axis]];
    const x = (u * (r[1] - p[1]) - v * (q[1] - p[1])) / det;
    const y = (v * (q[0] - p[0]) - u * (r[0] - p[0])) / det;
    return [x, y, a[axis] - x * p[0] - y * p[1]];
  };
  const [[xx, xy, x0], [yx, yy, y0]] = [solve(0), solve(1)];
  const middle = [(a[0] + b[0] + c[0]) / 3, (a[1] + b[1] + c[1]) / 3];
  pencil.save();
  pencil.globalAlpha = share;
  pencil.beginPath();
  for (const [x, y] of [a, b, c]) { // a little wider: neighbours leave no gap
    const away = Math.hypot(x - middle[0], y - middle[1]) || 1;
    pencil.lineTo(x + (0.6 * (x - middle[0])) / away, y + (0.6 * (y - middle[1])) / away);
  }
  pencil.clip();
  pencil.setTransform(xx, yx, xy, yy, x0, y0);
  pencil.drawImage(photo, 0, 0);
  pencil.restore();
}

/** Mean colour of the visible skin. */
function skinOf({ data, width, height }, places, facing, trust) {
  const sum = [0, 0, 0, 0];
  for (let vertex = 0; vertex < facing.length; vertex += 1) {
    const [x, y] = [Math.round(places[3 * vertex]), Math.round(places[3 * vertex + 1])];
    if (trust[vertex] < 250 || facing[vertex] < 0.6 || x < 0 || y < 0 || x >= width || y >= height) continue;
    for (let colour = 0; colour < 3; colour += 1) sum[colour] += data[4 * (y * width + x) + colour];
    sum[3] += 1;
  }
  return sum[3] ? sum.slice(0, 3).map((total) => total / sum[3]) : null;
}

/** The painted skin, shifted to the picture's skin colour. */
function tint(pencil, size, skin) {
  if (!skin) return;
  const painted = pencil.getImageData(0, 0, size, size);
  const ground = [205, 168, 148]; // `SKIN` of `dasl.video.browser.neutral_head`
  for (let at = 0; at < painted.data.length; at += 1) {
    const colour = at % 4;
    if (colour < 3) painted.data[at] = Math.min(255, (painted.data[at] * skin[colour]) / ground[colour]);
  }
  pencil.putImageData(painted, 0, 0);
}
