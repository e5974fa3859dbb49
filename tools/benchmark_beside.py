"""Compares the speed of this project with two others, on the same pictures in one run on the CPU.

    python -m tools.benchmark_beside                       # all systems, two minutes
    python -m tools.benchmark_beside --runs 10 --skip mediapipe
    python -m tools.benchmark_beside --photo me.jpg --clip me.mp4 --json times.json

Systems:
    dasl          this project
    dasl float32  the same with `precision="float32"`
    3ddfa size    a network of 3DDFA_V2's size (MobileNet v1 at 120x120, 62 outputs) with random
                  weights in ONNX Runtime, one pass per face, with our detector and crop
    mediapipe     FaceMesh of MediaPipe 0.10.14, which gives 468 points without a 3D face model

Tasks, medians in milliseconds:
    photo         a 450x450 photo of one face to its landmarks, detection included
    face of 32    one of 32 faces. Boxes are known for dasl and 3ddfa size, which take them in one
                  batch. MediaPipe has no batches: it takes 32 photos one after the other.
    frame         a frame of a clip in memory, tracked; no decoding, no drawing

MediaPipe is not a dependency. It is installed once (0.6 GB) into its own environment in the cache
folder (`~/.cache/dasl`, or XDG_CACHE_HOME). Without a network, only the other systems are timed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.geometry.crop import cut_crop, square_crop_from_box
from dasl.network.onnx import Precision
from dasl.photo.detector import RetinaFaceDetector
from dasl.photo.load import load_photo
from dasl.video import Clip
from dasl.video.clip import Frame
from dasl.video.track import Tracker
from tools.random_mobilenet import INPUT, mobilenet_v1

ROOT = Path(__file__).parents[1]
PHOTO, CLIP = (ROOT / "space/examples" / name for name in ("astronaut.jpg", "moving_head.mp4"))
SIDE, FACES, MAX_FRAMES = 450, 32, 90
MEDIAPIPE = "mediapipe==0.10.14"
NAMES: dict[Precision, str] = {"int8": "dasl", "float32": "dasl float32"}
THEIRS, SIZED = "mediapipe", "3ddfa size"
TASKS = {"photo": "photo", "faces": "face of 32", "frame": "frame"}
WARM_UP_RUNS = 3
THREADS = 2
Times = dict[str, list[float]]


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--clip", type=Path, default=CLIP)
    parser.add_argument("--runs", type=int, default=30, help="timed runs of a photo")
    parser.add_argument(
        "--skip", nargs="*", default=[], choices=[*NAMES.values(), SIZED, THEIRS], metavar="SYSTEM"
    )
    parser.add_argument("--json", type=Path, help="also write all times, in seconds")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error(f"--runs must be at least 1, got {options.runs}")
    photo, frames = _squared(load_photo(options.photo)), _frames(options.clip)
    measured: dict[str, Times] = {}
    for precision, name in NAMES.items():
        if name not in options.skip:
            reconstructor = FaceReconstructor.from_pretrained(device="cpu", precision=precision)
            measured[name] = our_times(reconstructor, photo, frames, options.runs)
    if SIZED not in options.skip:
        measured[SIZED] = sized_times(photo, frames, options.runs)
    if THEIRS not in options.skip:
        python = mediapipe_python()
        if python is not None:
            times = mediapipe_times(python, photo, frames, options.runs)
            measured |= {} if times is None else {THEIRS: times}
    print(table(measured))
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n")
    return 0


def table(measured: dict[str, Times]) -> str:
    """Medians in milliseconds; in brackets, multiples of MediaPipe's or of the first row's."""
    unit = THEIRS if THEIRS in measured else next(iter(measured), "")
    lines = [
        f"{'ms (multiple of ' + unit + ')':30s}" + "".join(f"{n:>18s}" for n in TASKS.values())
    ]
    for name, times in measured.items():
        cells = []
        for task in TASKS:
            middle = 1000 * statistics.median(times[task])
            ratio = middle / (1000 * statistics.median(measured[unit][task]))
            cells.append(f"{middle:9.2f} ({ratio:5.2f})".rjust(18))
        lines.append(f"{name:30s}" + "".join(cells))
    return "\n".join(lines)


def our_times(
    reconstructor: FaceReconstructor, photo: RgbImage, frames: list[Frame], runs: int
) -> Times:
    """Seconds of each run, by task.

    Args:
        reconstructor: on the CPU.
        photo: (H, W, 3) uint8 RGB, with a face.
        frames: of a clip.
        runs: of the photo.
    """
    boxes = [reconstructor(photo, strict=True)[0].box] * FACES
    tracker = Tracker(reconstructor)
    tracked = [_seconds(lambda frame=frame: tracker.update(frame)) for frame in frames]
    batch = timed(lambda: reconstructor.regress(photo, boxes=boxes), max(1, runs // 3))
    return {
        "photo": timed(lambda: reconstructor(photo)[0].landmarks, runs),
        "faces": [each / FACES for each in batch],
        "frame": tracked,
    }


def sized_times(photo: RgbImage, frames: list[Frame], runs: int) -> Times:
    """The same for a network of 3DDFA_V2's size; all frames use the box of the first."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        mobilenet_v1(), options, providers=["CPUExecutionProvider"]
    )
    detector = RetinaFaceDetector()

    def passed(pixels: RgbImage, boxes: list[Any]) -> None:
        crops = [cut_crop(pixels, square_crop_from_box(box)) for box in boxes]
        images = np.stack(crops).transpose(0, 3, 1, 2).astype(np.float32)
        session.run(None, {INPUT: (images - 127.5) / 128})

    box = detector(photo)[0].box
    in_clip = detector(frames[0].pixels)[0].box
    batch = timed(lambda: passed(photo, [box] * FACES), max(1, runs // 3))
    return {
        "photo": timed(lambda: passed(photo, [detector(photo)[0].box]), runs),
        "faces": [each / FACES for each in batch],
        "frame": [_seconds(lambda f=frame: passed(f.pixels, [in_clip])) for frame in frames],
    }


def mediapipe_times(python: Path, photo: RgbImage, frames: list[Frame], runs: int) -> Times | None:
    """The same for MediaPipe, in another process; None, with a message, if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shown.npz"
        pixels = np.stack([frame.pixels for frame in frames])
        np.savez(path, photo=photo, photos=np.stack([photo] * FACES), frames=pixels)
        words = [str(python), str(ROOT / "tools/mediapipe_times.py"), str(path), str(runs)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        print(f"MediaPipe failed ({last[0]}); delete {python.parents[1]} to install it again")
        return None
    times: Times = json.loads(done.stdout.strip().splitlines()[-1])
    return times | {"faces": [each / FACES for each in times["faces"]]}


def mediapipe_python() -> Path | None:
    """Python of MediaPipe's environment, created at the first call; None if that fails."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dasl"
    folder = root / MEDIAPIPE.replace("==", "-")
    python, done = folder / "bin/python", folder / "installed"
    if done.exists():
        return python
    print(f"installing {MEDIAPIPE} into {folder}, once; this takes a minute", file=sys.stderr)
    try:
        venv.create(folder, with_pip=True, clear=True)
        words = [str(python), "-m", "pip", "install", "-q", "--no-input", MEDIAPIPE]
        subprocess.run(words, check=True, capture_output=True, text=True)
        done.touch()
    except (OSError, subprocess.CalledProcessError) as error:
        output = getattr(error, "stderr", None) or str(error)
        print(
            f"MediaPipe is left out: it cannot be installed ({output.strip().splitlines()[-1]}). "
            "It needs the network, or pip's settings of a mirror, and Python 3.8 to 3.12.",
            file=sys.stderr,
        )
        return None
    return python


def timed(step: Callable[[], Any], runs: int) -> list[float]:
    """Seconds of each run, after a few warm-up runs."""
    for _ in range(min(WARM_UP_RUNS, runs)):
        step()
    return [_seconds(step) for _ in range(runs)]


def _seconds(step: Callable[[], Any]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _squared(photo: RgbImage) -> RgbImage:
    """The photo with its longer side at `SIDE` pixels."""
    image = Image.fromarray(photo)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _frames(clip: Path) -> list[Frame]:
    return list(islice(Clip.open(clip).frames(), MAX_FRAMES))


if __name__ == "__main__":
    raise SystemExit(main())
