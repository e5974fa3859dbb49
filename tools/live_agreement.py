"""Compares the tracker in the browser with the one in Python, frame by frame.

Each tracker starts from its own previous frame, so small differences would accumulate. Here the
browser starts each frame from Python's state after the previous frame.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.video.live.tracker import LiveFace, LiveTracker
from dasl.video.samples import Sample
from dasl.weights.folder import EMBEDDED_FOLDER, load_stored
from tools.demo_browser import chromium
from tools.live_film import film_pictures
from tools.live_server import served

STEP_S = 0.05
FRAMES = 24

TRACK = """
async ([texts, befores, width, height, step_s]) => {
  const { fetchUnzipped, unpacked } = await import("/web/live/files.js");
  const { prepareRuntime, Network, detectorSession } = await import("/web/live/network.js");
  const { Detector } = await import("/web/live/detector.js");
  const { Tracker } = await import("/web/live/tracker.js");
  const files = unpacked(await fetchUnzipped("/model/tracker.bin.gz"));
  prepareRuntime(await fetchUnzipped("/vendor/onnxruntime/ort.wasm.gz"));
  const network = await Network.create(files);
  const detector = new Detector(await detectorSession(files), files.meta.settings.detector_side);
  const tracker = new Tracker(network, detector);
  const found = [];
  for (const [at, text] of texts.entries()) {
    const data = Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
    if (befores[at]) Object.assign(tracker, befores[at]);
    const face = await tracker.update({ data, width, height }, at * step_s);
    found.push(face && {
      landmarks: [...face.raw.landmarks],
      numbers: [...face.raw.identity, ...face.raw.expression],
      weights: [...face.weights], yaw: face.angles.yaw_deg, confidence: face.confidence,
    });
  }
  return found;
}
"""


@dataclass(frozen=True, eq=False)
class Frame:
    """Results of both trackers on one frame.

    Attributes:
        browser: landmarks (204), numbers (identity and expression), weights, yaw, confidence.
        sample: result of the tracker in Python, unsmoothed.
        face: the same, smoothed.
        apart: (202,) differences of identity and expression, in the training's standard
            deviations.
    """

    browser: dict[str, Any]
    sample: Sample
    face: LiveFace
    apart: np.ndarray


def compared_frames(
    page: Any, url: str, pictures: Iterable[RgbImage], reconstructor: FaceReconstructor
) -> list[Frame]:
    """Run both trackers on the same pictures.

    Args:
        page: an empty page of a browser.
        url: address of the static page, whose files are used.
        pictures: (H, W, 3) uint8 RGB, all of one size, a face on each.
        reconstructor: used by the tracker in Python.

    Returns:
        All frames but the first. That one starts from each tracker's own detection, and Python may
        detect on a smaller copy of the picture (`RetinaFaceDetector.only_face`).
    """
    pictures = list(pictures)
    tracker, samples, faces = LiveTracker(reconstructor), [], []
    for at, pixels in enumerate(pictures):
        faces.append(tracker.update(pixels, at * STEP_S))
        samples.append(tracker.last)
    assert all(faces)
    befores = [None, *(_state(sample) for sample in samples[:-1])]
    height, width = pictures[0].shape[:2]
    page.goto(url)
    texts = [_rgba_text(pixels) for pixels in pictures]
    found = page.evaluate(TRACK, [texts, befores, width, height, STEP_S])
    network, _ = load_stored(EMBEDDED_FOLDER)
    spread = np.asarray(network.whitening.std)[9:]
    frames = []
    for mine, sample, face in zip(found, samples, faces, strict=True):
        numbers = np.concatenate([sample.identity, sample.coefficients.expression[0]])
        frames.append(Frame(mine, sample, face, (np.array(mine["numbers"]) - numbers) / spread))
    return frames[1:]


def distances_sd(frames: Sequence[Frame]) -> np.ndarray:
    """Root mean square difference of identity and expression, per frame: (N,)."""
    return np.array([float(np.sqrt(np.square(frame.apart).mean())) for frame in frames])


def agreement_text(site: Path, film: Path, precision: str) -> str:
    """Summary for the report, on the film's first frames."""
    reconstructor = FaceReconstructor.from_pretrained(device="cpu", precision="float32")
    pictures = list(islice(film_pictures(film), FRAMES))
    with served(site) as server, chromium() as browser:
        frames = compared_frames(browser.new_page(), server.url, pictures, reconstructor)
    distances = distances_sd(frames)
    most = max(float(np.abs(frame.apart).max()) for frame in frames)
    shift = max(
        np.abs(np.reshape(frame.browser["landmarks"], (68, 3)) - frame.sample.landmarks)[
            :, :2
        ].max()
        for frame in frames
    )
    return (
        f"browser against Python, {precision}, {len(frames)} frames: coefficients "
        f"{distances.mean():.4f} SD apart (rms of a frame, mean), {distances.max():.4f} on the "
        f"worst frame, {most:.3f} for the worst coefficient; landmarks at most {shift:.3f} px"
    )


def _state(sample: Sample) -> dict[str, Any]:
    """State that the browser's tracker keeps after a frame."""
    pose = sample.coefficients.pose
    x, y = pose.translation[0].tolist()
    last = {
        "pose": {
            "rotation": pose.rotation[0].ravel().tolist(),
            "scale": float(pose.scale[0]),
            "x": x,
            "y": y,
        },
        "identity": sample.identity.tolist(),
        "expression": sample.coefficients.expression[0].tolist(),
    }
    return {"last": last, "confidence": sample.confidence}


def _rgba_text(pixels: np.ndarray) -> str:
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return base64.b64encode(np.concatenate([pixels, alpha], axis=2).tobytes()).decode()
