// The tracker in a worker: takes pictures, returns faces. Pictures stay in this thread's memory.
//
//   {do: "load", model, wasm}           -> {is: "loading", share} ..., {is: "ready", head_id, names} or {is: "broken", words}
//   {do: "frame", bitmap, time_s}       -> {is: "face", face or null, took_ms}; an ImageBitmap or VideoFrame
//   {do: "pixels", picture, time_s}     the same for RGBA bytes
//   {do: "photo", bitmap}               -> {is: "photo", face or null}: both passes, nothing smoothed
//   {do: "forget"}                      the next frame is from another clip

import { Detector } from "./detector.js";
import { fetchUnzipped, unpacked } from "./files.js";
import { detectorSession, Network, prepareRuntime } from "./network.js";
import { Tracker } from "./tracker.js";

const LONGEST_SIDE = 960; // of a frame, pixels; faces are cut to 120

let tracker = null;
let canvas = null;
let chain = Promise.resolve();

async function load({ model, wasm }) {
  const index = JSON.parse(new TextDecoder().decode(await fetchUnzipped(`${model}files.json`)));
  const total = index.bytes["tracker.bin.gz"] + wasm.bytes;
  let got = 0;
  const onBytes = (count) => {
    got += count;
    postMessage({ is: "loading", share: Math.min(1, got / total) });
  };
  const [runtime, packedTracker] = await Promise.all([
    fetchUnzipped(wasm.url, onBytes),
    fetchUnzipped(`${model}tracker.bin.gz?${index.content}`, onBytes),
  ]);
  prepareRuntime(runtime);
  const files = unpacked(packedTracker);
  let network;
  let run;
  try {
    network = await Network.create(files);
    run = await detectorSession(files);
  } catch (error) {
    throw new Error(whyNoRuntime(error), { cause: error });
  }
  tracker = new Tracker(network, new Detector(run, files.meta.settings.detector_side));
  postMessage({ is: "ready", head_id: files.meta.head_id, names: files.meta.expression_names });
}

function whyNoRuntime(error) {
  const words = String(error?.message ?? error);
  if (!globalThis.WebAssembly || /unsafe-eval|Content Security Policy|WebAssembly is not defined/i.test(words)) {
    return "This page may not run WebAssembly here: a content policy of the site or the browser blocks it. Open the page by itself, or in another browser";
  }
  if (/simd|memory/i.test(words)) return `This browser cannot run the tracker (${words}); use a newer one`;
  return `The tracker could not start: ${words}`;
}

function pixelsOf(bitmap) {
  const sides = [bitmap.displayWidth ?? bitmap.width, bitmap.displayHeight ?? bitmap.height];
  const zoom = Math.min(1, LONGEST_SIDE / Math.max(...sides));
  const [width, height] = sides.map((side) => Math.max(1, Math.round(side * zoom)));
  if (!canvas || canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  pencil.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return pencil.getImageData(0, 0, width, height);
}

const tasks = {
  load,
  async frame({ bitmap, time_s }) {
    const start_ms = performance.now();
    const picture = pixelsOf(bitmap);
    await answer(picture, time_s, start_ms);
    tracker.tookMs(performance.now() - start_ms);
  },
  async pixels({ picture, time_s }) { await answer(picture, time_s, performance.now()); },
  async photo({ bitmap }) {
    const picture = pixelsOf(bitmap);
    const kept = tracker.last;
    tracker.last = null;
    const boxes = await tracker.detector.find(picture);
    const found = boxes.length ? await tracker.meet(picture, boxes) : null;
    tracker.last = kept;
    const face = found && { ...found, landmarks: tracker.network.landmarks(found), confidence: tracker.confidence, faces: boxes.length };
    postMessage({ is: "photo", face, picture }, [picture.data.buffer]);
  },
  async forget() { tracker?.forget(); },
};

async function answer(picture, time_s, start_ms) {
  const face = await tracker.update(picture, time_s);
  const { width, height } = picture;
  postMessage({ is: "face", face, width, height, time_s, took_ms: performance.now() - start_ms });
}

addEventListener("message", ({ data }) => { // one after the other
  chain = chain.then(() => tasks[data.do](data)).catch((error) => {
    console.warn("live worker:", error);
    postMessage({ is: data.do === "load" ? "broken" : "failed", words: error.message });
  });
});
