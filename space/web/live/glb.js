// Edits one of our GLB files as bytes: adds an animation, replaces shape or texture.

const [MAGIC, JSON_CHUNK, BINARY_CHUNK] = [0x46546c67, 0x4e4f534a, 0x004e4942];
const FLOAT = 5126;

export class Glb {
  constructor(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== MAGIC) throw new Error("The head's file is damaged");
    const length = view.getUint32(12, true);
    this.json = JSON.parse(new TextDecoder().decode(bytes.subarray(20, 20 + length)));
    const start = 20 + length + 8;
    this.parts = [bytes.slice(start, start + view.getUint32(20 + length, true))];
    this.length = this.parts[0].length;
  }

  get mesh() { return this.json.meshes[0]; }

  get names() { return this.mesh.extras.targetNames; }

  /** A copy of an attribute of the head's mesh, such as POSITION; of its triangles, "indices". */
  read(name) {
    const [primitive] = this.mesh.primitives;
    const accessor = this.json.accessors[name === "indices" ? primitive.indices : primitive.attributes[name]];
    const view = this.json.bufferViews[accessor.bufferView];
    const bytes = this.parts[0].slice(view.byteOffset, view.byteOffset + view.byteLength);
    const Kind = { 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array }[accessor.componentType];
    return new Kind(bytes.buffer);
  }

  /** Replaces positions or normals by others of the same length. */
  write(name, values) {
    const accessor = this.json.accessors[this.mesh.primitives[0].attributes[name]];
    const { byteOffset } = this.json.bufferViews[accessor.bufferView];
    this.parts[0].set(new Uint8Array(values.buffer), byteOffset);
    if (accessor.min) Object.assign(accessor, bounds(values, accessor.min.length));
  }

  /** Encoded bytes of the texture. */
  texture() {
    const { byteOffset, byteLength } = this.json.bufferViews[this.json.images[0].bufferView];
    return this.parts[0].slice(byteOffset, byteOffset + byteLength);
  }

  setTexture(bytes, mimeType) {
    this.json.images[0] = { bufferView: this.addView(bytes), mimeType };
  }

  addView(bytes) {
    const gap = (4 - (this.length % 4)) % 4;
    this.parts.push(new Uint8Array(gap), bytes);
    this.json.bufferViews.push({ buffer: 0, byteOffset: this.length + gap, byteLength: bytes.length });
    this.length += gap + bytes.length;
    return this.json.bufferViews.length - 1;
  }

  addAccessor(values, width, type) {
    const bufferView = this.addView(new Uint8Array(values.buffer));
    const count = values.length / width;
    this.json.accessors.push({ bufferView, componentType: FLOAT, count, type, ...bounds(values, width) });
    return this.json.accessors.length - 1;
  }

  /**
   * How the head moves.
   * @param {{time_s: number, rotation: number[], weights: number[]}[]} samples rising in time, at least one.
   */
  animate(samples) {
    const start_s = samples[0].time_s;
    const floats = (width, read) => {
      const values = new Float32Array(samples.length * width);
      samples.forEach((sample, at) => values.set(read(sample), at * width));
      return values;
    };
    let before = [0, 0, 0, 1];
    const turns = floats(4, ({ rotation }) => { before = quaternion(rotation, before); return before; });
    const input = this.addAccessor(floats(1, ({ time_s }) => [time_s - start_s]), 1, "SCALAR");
    const outputs = [
      ["rotation", this.addAccessor(turns, 4, "VEC4")],
      ["weights", this.addAccessor(floats(this.names.length, ({ weights }) => weights), 1, "SCALAR")],
    ];
    this.json.animations = [{
      name: "live",
      samplers: outputs.map(([, output]) => ({ input, output })),
      channels: outputs.map(([path], sampler) => ({ sampler, target: { node: 0, path } })),
    }];
  }

  bytes() {
    this.json.buffers = [{ byteLength: this.length }];
    const text = new TextEncoder().encode(JSON.stringify(this.json));
    const padded = new Uint8Array(text.length + ((4 - (text.length % 4)) % 4)).fill(0x20);
    padded.set(text);
    const rest = (4 - (this.length % 4)) % 4;
    const header = new Uint32Array([MAGIC, 2, 28 + padded.length + this.length + rest, padded.length, JSON_CHUNK]);
    const second = new Uint32Array([this.length + rest, BINARY_CHUNK]);
    return new Blob([header, padded, second, ...this.parts, new Uint8Array(rest)], { type: "model/gltf-binary" });
  }
}

function bounds(values, width) {
  const [min, max] = [Array(width).fill(Infinity), Array(width).fill(-Infinity)];
  for (let at = 0; at < values.length; at += 1) {
    min[at % width] = Math.min(min[at % width], values[at]);
    max[at % width] = Math.max(max[at % width], values[at]);
  }
  return { min, max };
}

/** x, y, z, w of nine numbers row by row, in the same half of the sphere as the one before. */
export function quaternion([a, b, c, d, e, f, g, h, i], before) {
  const w = Math.sqrt(Math.max(0, 1 + a + e + i)) / 2;
  const x = Math.sqrt(Math.max(0, 1 + a - e - i)) / 2 * (h < f ? -1 : 1);
  const y = Math.sqrt(Math.max(0, 1 - a + e - i)) / 2 * (c < g ? -1 : 1);
  const z = Math.sqrt(Math.max(0, 1 - a - e + i)) / 2 * (d < b ? -1 : 1);
  const same = x * before[0] + y * before[1] + z * before[2] + w * before[3];
  return same < 0 ? [-x, -y, -z, -w] : [x, y, z, w];
}
