// The morph targets in our GLB files contain positions only. For correct lighting, the normals' change
// for each morph target is computed once after loading, to first order.

import { BufferAttribute } from "../vendor/three/three.bundle.js";

export function addMorphNormals(geometry) {
  const targets = geometry.morphAttributes.position;
  if (!targets || geometry.morphAttributes.normal || !geometry.index) return;
  const rest = geometry.attributes.position.array;
  const welded = weld(rest);
  const corners = geometry.index.array;
  const atRest = normals(rest, corners, welded);
  geometry.morphAttributes.normal = targets.map((target) => {
    const moved = target.array.map((offset, at) => offset + rest[at]);
    const turned = normals(moved, corners, welded);
    return new BufferAttribute(turned.map((value, at) => value - atRest[at]), 3);
  });
}

/** For each vertex, the first one at the same position, so that texture seams show no edges. */
function weld(positions) {
  const first = new Map();
  const welded = new Uint32Array(positions.length / 3);
  for (let vertex = 0; vertex < welded.length; vertex += 1) {
    const place = positions.subarray(3 * vertex, 3 * vertex + 3).join();
    if (!first.has(place)) first.set(place, vertex);
    welded[vertex] = first.get(place);
  }
  return welded;
}

/** Unit normals: area-weighted means of the triangles around each vertex. */
function normals(positions, corners, welded) {
  const sums = new Float32Array(positions.length);
  for (let at = 0; at < corners.length; at += 3) {
    const [a, b, c] = [3 * corners[at], 3 * corners[at + 1], 3 * corners[at + 2]];
    const [ux, uy, uz] = [0, 1, 2].map((axis) => positions[b + axis] - positions[a + axis]);
    const [vx, vy, vz] = [0, 1, 2].map((axis) => positions[c + axis] - positions[a + axis]);
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (let corner = 0; corner < 3; corner += 1) {
      const vertex = 3 * welded[corners[at + corner]];
      for (let axis = 0; axis < 3; axis += 1) sums[vertex + axis] += normal[axis];
    }
  }
  const result = new Float32Array(positions.length);
  for (let vertex = 0; vertex < welded.length; vertex += 1) {
    const [x, y, z] = sums.subarray(3 * welded[vertex], 3 * welded[vertex] + 3);
    const length = Math.hypot(x, y, z) || 1;
    result.set([x / length, y / length, z / length], 3 * vertex);
  }
  return result;
}
