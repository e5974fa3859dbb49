// The tracker in a worker: takes pictures, returns faces. Pictures stay in this thread's memory.
//
//   {do: "load", model, index, wasm}    -> {is: "loading", share} ..., {is: "ready", head_id, names} or {is: "broken", words}
//   {do: "frame", bitmap, time_s, ...}  -> {is: "face", face or null, took_ms, time_s, ...}; an ImageBitmap or
//                                          VideoFrame. Of several that wait the newest is taken, and
//                                          {is: "passed", ...} told of each other one
//   {do: "photo", bitmap}               -> {is: "photo", face or null}: both passes, nothing smoothed
//   {do: "forget"}                      the next frame is from another clip

import { Detector } from "./detector.js";
import { fetchUnzipped, unpacked } from "./files.js";
import { detectorSession, Network, prepareRuntime } from "./network.js";
import { framePixels, pixelsOf } from "./readback.js";
import { Tracker } from "./tracker.js";

let tracker = null;
let waiting = []; // messages of frames that nobody has looked at yet
let chain = Promise.resolve();

async function load({ model, index, wasm }) {
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

const tasks = {
  load,
  async frame() {
    await othersArrived();
    const { bitmap, ...told } = newest();
    const start_ms = performance.now();
    await answer(await framePixels(bitmap), told, start_ms);
    tracker.tookMs(performance.now() - start_ms);
  },
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

async function answer(picture, told, start_ms) {
  const face = await tracker.update(picture, told.time_s);
  const { width, height } = picture;
  postMessage({ ...told, is: "face", face, width, height, took_ms: performance.now() - start_ms });
}

const turn = new MessageChannel();

/** Lets the messages in that arrived while this thread computed. */
function othersArrived() {
  return new Promise((done) => {
    turn.port1.onmessage = done;
    turn.port2.postMessage(null);
  });
}

/** The newest frame that waits; the others are let go. */
function newest() {
  const last = waiting.pop();
  for (const { bitmap, ...told } of waiting) {
    bitmap.close();
    postMessage({ ...told, is: "passed" });
  }
  waiting = [];
  return last;
}

addEventListener("message", ({ data }) => { // one after the other
  if (data.do === "frame" && waiting.push(data) > 1) return; // somebody comes for them already
  chain = chain.then(() => tasks[data.do](data)).catch((error) => {
    console.warn("live worker:", error);
    postMessage({ is: data.do === "load" ? "broken" : "failed", words: error.message });
  });
});
