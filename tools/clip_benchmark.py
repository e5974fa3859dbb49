"""Times the steps of a clip: part of `tools.benchmark`."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.pictures import PICTURES
from dasl.threads import one_torch_thread
from dasl.video import Clip, smoothed_track, track_clip
from dasl.video.animation import animated_glb
from dasl.video.overlay import drawn_frames, write_film
from tools.moving_head import RATE, moving_head, write_clip

ROOT = Path(__file__).parents[1]
SIZE = 1280, 720
NOISE = 3.0
"""Of 255, as a telephone's camera leaves it: the clip then has 4 megabits a second."""
FRAMES = "frames"
Result = TypeVar("Result")


def clip_seconds(
    photo: Path, seconds: float, model: str | None, size: tuple[int, int] = SIZE, cold: bool = True
) -> dict[str, float]:
    """Time of each step of `python -m dasl video`, and of that command, by name.

    Args:
        photo: whose head the clip shows; it is rendered first.
        seconds: length of the clip, at 30 frames a second.
        model: weights folder; None for the embedded ones.
        size: width, height of the clip, pixels.
        cold: also time the command itself, in a process of its own.

    Returns:
        Seconds by name, and under `FRAMES` the number of frames.
    """
    reconstructor = FaceReconstructor.from_pretrained(model, device="cpu")
    face = reconstructor(photo, strict=True)[0]
    count = round(seconds * RATE)
    with tempfile.TemporaryDirectory() as name, one_torch_thread():
        folder = Path(name)
        shown = moving_head(face, count, size, NOISE).frames()
        rendered = tqdm(shown, total=count, desc="rendering the clip", leave=False)
        clip = Clip.open(write_clip(folder / "clip.mp4", rendered), seconds + 1)
        times = _steps(clip, folder, reconstructor)
        if cold:
            words = ("video", str(clip.path), "--output", str(folder / "out"))
            times["whole command, cold"] = shell_seconds(*words, model=model)
    return {FRAMES: float(count)} | times


def print_clip_seconds(times: dict[str, float]) -> None:
    """One line a step: seconds, and frames a second."""
    print(f"{times[FRAMES]:.0f} frames")
    for name, seconds in times.items():
        if name != FRAMES:
            print(f"{name:44s} {seconds:7.2f} s  {times[FRAMES] / seconds:7.1f} frames/s")


def shell_seconds(*words: str, model: str | None = None) -> float:
    """Time of `python -m dasl WORDS` in a process of its own."""
    command = [sys.executable, "-m", "dasl", *words, *(["--model", model] if model else [])]
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return time.perf_counter() - start


def _steps(clip: Clip, folder: Path, reconstructor: FaceReconstructor) -> dict[str, float]:
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
    tracks = timed("smoothing", lambda: [smoothed_track(track, model) for track in found.tracks])
    timed("animated GLB", lambda: [animated_glb(track, model) for track in tracks])
    timed("decoding, drawing and encoding", film)
    times["these steps, warm"] = sum(times.values())
    return times
