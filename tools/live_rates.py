"""Accuracy of the page's tracker at chosen frame rates, whatever the speed of the machine.

    python -m tools.live_rates FOLDER        # the folder of `python -m tools.measure_live`

The tracker gets every frame, every second or every fourth one, with the film's own times. It looks
twice at each, or once, as the page does on slow machines. This tells what a low rate costs and what
smoothing costs.
"""

import argparse
import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from space.deploy.live import stage_live
from space.settings import ROOT
from tools.demo_browser import chromium
from tools.live_accuracy import FILM, compared, prepare
from tools.live_film import film_files
from tools.live_server import served
from tools.moving_head import RATE

CASES = ((1, 2), (1, 1), (2, 1), (4, 1))
"""Every how many frames, and how many looks at each."""
_BATCH = 20
_START = """
async (looks) => {
  const { fetchUnzipped, unpacked } = await import("/web/live/files.js");
  const { prepareRuntime, Network, detectorSession } = await import("/web/live/network.js");
  const { Detector } = await import("/web/live/detector.js");
  const { Tracker } = await import("/web/live/tracker.js");
  if (!globalThis.network) {
    const files = unpacked(await fetchUnzipped("/model/tracker.bin.gz"));
    prepareRuntime(await fetchUnzipped("/vendor/onnxruntime/ort.wasm.gz"));
    globalThis.network = await Network.create(files);
    const side = files.meta.settings.detector_side;
    globalThis.detector = new Detector(await detectorSession(files), side);
  }
  globalThis.tracker = new Tracker(network, detector);
  tracker.isHurried = looks === 1;
}
"""
_TRACK = """
async (frames) => {
  const found = [];
  for (const [number, time_s, text] of frames) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const pencil = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    pencil.drawImage(bitmap, 0, 0);
    const picture = pencil.getImageData(0, 0, bitmap.width, bitmap.height);
    const face = await tracker.update(picture, time_s);
    found.push({ number, raw: face && [...face.raw.landmarks], points: face && [...face.landmarks],
      raw_weights: face && [...face.raw.expression] });
  }
  return found;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of tools.measure_live; made if missing")
    folder = parser.parse_args().folder
    prepare(folder)
    with tempfile.TemporaryDirectory() as temporary:
        stage_live(ROOT, Path(temporary))
        with served(Path(temporary)) as server, chromium() as browser:
            page = browser.new_page()
            page.goto(server.url)
            for every, looks in CASES:
                seen = list(followed(page, folder / FILM, every, looks))
                print(f"\n{RATE / every:g} frames a second, {looks} looks at each")
                print(compared(folder, seen).summary(), flush=True)


def followed(page: Any, film: Path, every: int, looks: int) -> Iterator[dict[str, Any]]:
    """What the tracker finds, as `tools.live_accuracy.compared` wants it.

    Args:
        page: of a browser, at the static page.
        film: the camera's.
        every: a frame in so many is shown to the tracker.
        looks: 1 or 2, at each.
    """
    page.evaluate(_START, looks)
    numbered = [
        [number, number / RATE, base64.b64encode(content).decode()]
        for number, content in enumerate(film_files(film))
        if number % every == 0
    ]
    for start in range(0, len(numbered), _BATCH):
        yield from page.evaluate(_TRACK, numbered[start : start + _BATCH])


if __name__ == "__main__":
    main()
