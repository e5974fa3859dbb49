// Moves a head's vertices by the weights of its morph targets, on the CPU. The graphics card would sum
// all 52 targets for every vertex of every picture; most weights and most offsets are zero.

export class Morph {
  /**
   * Takes the morph targets (positions only) out of a geometry. Its positions and normals become
   * those of the moved head.
   */
  constructor(geometry) {
    const { position, normal } = geometry.attributes;
    this.moved = { position, normal };
    this.rest = { points: position.array.slice(), normals: normal.array.slice() };
    this.targets = (geometry.morphAttributes.position ?? []).map(({ array }) => sparse(array));
    this.corners = geometry.index?.array ?? null;
    this.welded = weld(this.rest.points);
    geometry.morphAttributes = {};
    this.restChanged();
  }

  /** To be called after `rest` was written to. */
  restChanged() {
    this.weights = null; // of the positions now in the geometry
    this.atRest = this.corners && normalsOf(this.rest.points, this.corners, this.welded);
  }

  /** Writes the head with these weights, one for each target, into the geometry. */
  apply(weights) {
    if (this.weights && this.targets.every((_, at) => this.weights[at] === weights[at])) return;
    this.weights = Float64Array.from(this.targets, (_, at) => weights[at]);
    const { position, normal } = this.moved;
    const { points, normals } = this.rest;
    position.array.set(points);
    this.targets.forEach(({ places, offsets }, at) => addTo(position.array, places, offsets, weights[at]));
    position.needsUpdate = true;
    if (!this.corners) return;
    const turned = normalsOf(position.array, this.corners, this.welded);
    for (let at = 0; at < turned.length; at += 1) normal.array[at] = normals[at] + turned[at] - this.atRest[at];
    normal.needsUpdate = true;
  }
}

/** A target's offsets that are not zero, and where they are. */
function sparse(array) {
  const places = Uint32Array.from(array.keys()).filter((at) => array[at] !== 0);
  return { places, offsets: Float32Array.from(places, (at) => array[at]) };
}

function addTo(points, places, offsets, weight) {
  if (!weight) return;
  for (let at = 0; at < places.length; at += 1) points[places[at]] += weight * offsets[at];
}

/** For each vertex, the first one at the same position, so that texture seams show no edges. */
function weld(points) {
  const first = new Map();
  const welded = new Uint32Array(points.length / 3);
  for (let vertex = 0; vertex < welded.length; vertex += 1) {
    const place = `${points[3 * vertex]},${points[3 * vertex + 1]},${points[3 * vertex + 2]}`;
    if (!first.has(place)) first.set(place, vertex);
    welded[vertex] = first.get(place);
  }
  return welded;
}

/** Unit normals: area-weighted means of the triangles around each vertex. */
function normalsOf(points, corners, welded) {
  const normals = new Float32Array(points.length);
  const add = (vertex, x, y, z) => {
    const at = 3 * welded[vertex];
    normals[at] += x;
    normals[at + 1] += y;
    normals[at + 2] += z;
  };
  for (let at = 0; at < corners.length; at += 3) {
    const [p, q, r] = [corners[at], corners[at + 1], corners[at + 2]];
    const [a, b, c] = [3 * p, 3 * q, 3 * r];
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]];
    const [vx, vy, vz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]];
    const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    add(p, x, y, z);
    add(q, x, y, z);
    add(r, x, y, z);
  }
  for (let vertex = 0; vertex < welded.length; vertex += 1) {
    const [at, from] = [3 * vertex, 3 * welded[vertex]]; // the first one of a place comes first
    if (at === from) {
      const length = Math.hypot(normals[at], normals[at + 1], normals[at + 2]) || 1;
      for (let axis = 0; axis < 3; axis += 1) normals[at + axis] /= length;
    } else normals.copyWithin(at, from, from + 3);
  }
  return normals;
}
