"""Times the steps of a clip and measures its accuracy; part of `tools.benchmark`."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.network.onnx import Precision
from dasl.pictures import PICTURES
from dasl.video import Clip, Track, smoothed_track, track_clip
from dasl.video.animation import animated_glb
from dasl.video.overlay import drawn_frames, write_film
from dasl.video.steadiness import mean_bend, shift_frames
from eval.scoring.metrics import box_sizes, nme
from tools.moving_head import RATE, moving_head, write_clip

ROOT = Path(__file__).parents[1]
SIZE = 1280, 720
NOISE = 3.0
"""Noise, of 255, as in a phone's camera; the clip then has 4 Mbit/s."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class ClipFigures:
    """The results of the clip benchmark.

    Attributes:
        frames: number of frames.
        seconds: of each step, by name.
        nme_percent: mean distance of the smoothed landmarks from the true ones, divided by the
            square root of the area of their box.
        jitter_px: mean second difference, over frames, of the smoothed landmarks' error: the
            jitter of `dasl.video.steadiness` without that of the true motion.
        jitter_unsmoothed_px: the same for the unsmoothed landmarks.
        lag_frames: delay of the smoothed landmarks behind the true ones.
    """

    frames: int
    seconds: dict[str, float]
    nme_percent: float
    jitter_px: float
    jitter_unsmoothed_px: float
    lag_frames: float

    def __str__(self) -> str:
        """One line a step: seconds, and frames a second; then accuracy."""
        lines = [
            f"{name:44s} {seconds:7.2f} s  {self.frames / seconds:7.1f} frames/s"
            for name, seconds in self.seconds.items()
        ]
        accuracy = (
            f"landmarks against the truth: NME {self.nme_percent:.2f} %, jitter "
            f"{self.jitter_px:.2f} px (unsmoothed {self.jitter_unsmoothed_px:.2f}), lag "
            f"{self.lag_frames:.1f} frames"
        )
        return "\n".join([f"{self.frames} frames", *lines, accuracy])


def clip_figures(
    photo: Path,
    seconds: float,
    model: str | None,
    size: tuple[int, int] = SIZE,
    cold: bool = True,
    precision: Precision | None = None,
) -> ClipFigures:
    """Time each step of `python -m dasl video`, and the command itself.

    Args:
        photo: the clip is rendered from the head of this photo.
        seconds: length of the clip, at 30 frames per second.
        model: weights folder; None for the embedded ones.
        size: width, height of the clip, pixels.
        cold: also time the command, in a separate process.
        precision: of the network; None as `FaceReconstructor.from_pretrained`.
    """
    reconstructor = FaceReconstructor.from_pretrained(model, device="cpu", precision=precision)
    face = reconstructor(photo, strict=True)[0]
    count = round(seconds * RATE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = moving_head(face, count, size, NOISE)
        rendered = tqdm(shown.frames(), total=count, desc="rendering the clip", leave=False)
        clip = Clip.open(write_clip(folder / "clip.mp4", rendered), seconds + 1)
        times, raw, smooth = _steps(clip, folder, reconstructor)
        if cold:
            words = ["video", str(clip.path), "--output", str(folder / "out")]
            if precision:
                words += ["--precision", precision]
            times["whole command, cold"] = shell_seconds(*words, model=model)
    return _figures(count, times, shown.landmarks, raw, smooth)


def _figures(
    count: int, seconds: dict[str, float], truth: np.ndarray, raw: Track, smooth: Track
) -> ClipFigures:
    wanted = truth[[sample.frame for sample in smooth.samples], :, :2]
    unsmoothed, found = (
        np.stack([sample.landmarks[:, :2] for sample in track.samples]) for track in (raw, smooth)
    )
    return ClipFigures(
        count,
        seconds,
        nme_percent=100 * float(nme(found, wanted, box_sizes(wanted)).mean()),
        jitter_px=mean_bend(found - wanted),
        jitter_unsmoothed_px=mean_bend(unsmoothed - wanted),
        lag_frames=shift_frames(found, wanted),
    )


def shell_seconds(*words: str, model: str | None = None) -> float:
    """Time of `python -m dasl WORDS` in a separate process."""
    command = [sys.executable, "-m", "dasl", *words, *(["--model", model] if model else [])]
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - start


def _steps(
    clip: Clip, folder: Path, reconstructor: FaceReconstructor
) -> tuple[dict[str, float], Track, Track]:
    """Seconds by name; the unsmoothed and the smoothed track of the head."""
    model, times = reconstructor.model, {}

    def timed(name: str, step: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = step()
        times[name] = time.perf_counter() - start
        return result

    def film() -> None:
        drawn = drawn_frames(clip.frames(), tracks, model, PICTURES["landmarks"])
        write_film(folder / "film.mp4", drawn)

    found = timed("decoding and following", lambda: track_clip(clip.frames(), reconstructor))
    tracks = timed(
        "smoothing",
        lambda: [smoothed_track(one, model, reconstructor.statistics) for one in found.tracks],
    )
    timed("animated GLB", lambda: [animated_glb(track, model) for track in tracks])
    timed("decoding, drawing and encoding", film)
    times["these steps, warm"] = sum(times.values())
    return times, found.tracks[0], tracks[0]
