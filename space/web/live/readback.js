// The pixels of what a camera or clip gives: an ImageBitmap or a VideoFrame. It is closed afterwards.

const LONGEST_SIDE = 960; // of a picture, pixels; faces are cut to 120

let canvas = null;
let kept = new Uint8ClampedArray(0); // used again: a new megabyte for every frame costs time

/** {data: RGBA bytes, width, height} of a frame, reduced if it is large; valid until the next call. */
export async function framePixels(frame) {
  try {
    if (isCopied(frame)) return await copied(frame);
  } catch {} // it lies where only drawing reaches it
  return pixelsOf(frame);
}

async function copied(frame) {
  const { width, height } = frame.visibleRect;
  if (kept.length !== 4 * width * height) kept = new Uint8ClampedArray(4 * width * height);
  await frame.copyTo(kept, { format: "RGBA" });
  frame.close();
  return { data: kept, width, height };
}

/** The same as an ImageData of its own. */
export function pixelsOf(bitmap) {
  const sides = [bitmap.displayWidth ?? bitmap.width, bitmap.displayHeight ?? bitmap.height];
  const zoom = Math.min(1, LONGEST_SIDE / Math.max(...sides));
  const [width, height] = sides.map((side) => Math.max(1, Math.round(side * zoom)));
  if (!canvas || canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  pencil.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return pencil.getImageData(0, 0, width, height);
}

/**
 * Whether a frame is copied as it is, which takes a tenth of the time that a canvas does. Browsers
 * that do not convert ignore the format: then the sizes do not differ.
 */
function isCopied(frame) {
  const { visibleRect: seen, displayWidth, displayHeight, rotation, flip } = frame;
  if (!seen || !frame.format || rotation || flip) return false;
  if (seen.width !== displayWidth || seen.height !== displayHeight) return false;
  const size = 4 * seen.width * seen.height;
  return Math.max(seen.width, seen.height) <= LONGEST_SIDE
    && frame.allocationSize() < size && frame.allocationSize({ format: "RGBA" }) === size;
}
