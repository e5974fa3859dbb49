// Files of `dasl.video.browser`: fetched, unzipped, and their arrays read.

const MAGIC = "dasl-web";
const ARRAYS = { uint8: Uint8Array, int8: Int8Array, float32: Float32Array, uint16: Uint16Array };

/** Bytes of a file, gzipped or not; `onBytes(count)` reports the progress. */
export async function fetchUnzipped(url, onBytes = () => {}) {
  let answer;
  try {
    answer = await fetch(url);
  } catch (error) {
    throw new Error(`${url} cannot be loaded; check the connection and reload the page`, { cause: error });
  }
  if (!answer.ok) throw new Error(`${url} cannot be loaded (status ${answer.status}); reload the page`);
  const parts = [];
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    onBytes(value.length);
  }
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return whole[0] === 0x1f && whole[1] === 0x8b ? unzipped(whole) : whole;
}

export async function fetchJson(url) { return JSON.parse(new TextDecoder().decode(await fetchUnzipped(url))); }

async function unzipped(bytes) {
  if (!globalThis.DecompressionStream) {
    throw new Error("This browser is too old to unpack the model; use one from 2023 or newer");
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** `{meta, arrays}` of a packed file (`dasl.video.browser.container`); floats as float32. */
export function unpacked(bytes) {
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  if (text(0, MAGIC.length) !== MAGIC) throw new Error("The model's file is damaged; reload the page");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = MAGIC.length + 4 + view.getUint32(MAGIC.length, true);
  const header = JSON.parse(text(MAGIC.length + 4, start));
  const arrays = {};
  for (const [name, entry] of Object.entries(header.arrays)) {
    const count = entry.shape.reduce((product, side) => product * side, 1);
    arrays[name] = values(bytes, start, entry, count);
  }
  return { meta: header.meta, arrays };
}

function values(bytes, start, { dtype, offset, scales, shape }, count) {
  const at = bytes.byteOffset + start + offset;
  if (dtype === "float16") return fromHalves(new Uint16Array(bytes.buffer, at, count));
  const stored = new ARRAYS[dtype](bytes.buffer, at, count);
  if (scales === undefined) return stored;
  const rows = new Float32Array(bytes.buffer, bytes.byteOffset + start + scales, shape[0]);
  const width = count / shape[0];
  const result = new Float32Array(count);
  for (let row = 0, index = 0; row < rows.length; row += 1) {
    for (let column = 0; column < width; column += 1, index += 1) {
      result[index] = stored[index] * rows[row];
    }
  }
  return result;
}

let halves = null;

function fromHalves(bits) {
  halves ??= Float32Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return Float32Array.from(bits, (half) => halves[half]);
}
