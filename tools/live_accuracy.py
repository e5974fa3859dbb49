"""Accuracy of the tracker in the browser against the truth and against the path for clips."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.video import Frame, smoothed_track, track_clip
from dasl.video.steadiness import mean_bend
from eval.scoring.metrics import box_sizes, nme
from tools.live_film import film_pictures, moving_units, numbered, write_film
from tools.moving_head import EXAMPLE, RATE

SIZE, NOISE = (640, 480), 3.0
MAX_LAG_FRAMES, LAG_STEP = 8, 0.1
FILM, TRUTH = "camera.mjpeg", "truth.npz"


def prepare(folder: Path) -> None:
    """Renders the film, and follows its face as `dasl video` does; once for a folder."""
    if (folder / TRUTH).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    shown = moving_units(reconstructor(EXAMPLE, strict=True)[0], SIZE, NOISE)
    count = len(shown.landmarks)
    if not (folder / FILM).exists():
        frames = tqdm(shown.frames(), total=count, desc="rendering the film")
        write_film(folder / FILM, (numbered(frame.pixels, frame.index) for frame in frames))
    pictures = tqdm(film_pictures(folder / FILM), total=count, desc="following its face")
    clip = (Frame(at, at / RATE, pixels) for at, pixels in enumerate(pictures))
    tracks = track_clip(clip, reconstructor).tracks
    smooth = [smoothed_track(one, reconstructor.model, reconstructor.statistics) for one in tracks]
    arrays = {
        "names": np.array(reconstructor.model.expression_names),
        "landmarks": shown.landmarks[..., :2],
        "weights": shown.coefficients.expression,
        "clip_people": np.array(len(tracks)),
    }
    for name, found in (("raw", tracks), ("smooth", smooth)):
        by_frame = {sample.frame: sample for track in found for sample in track.samples}
        samples = [by_frame[frame] for frame in sorted(by_frame)]
        arrays["clip_frames"] = np.array(sorted(by_frame))
        arrays[f"clip_{name}"] = np.stack([one.landmarks[:, :2] for one in samples])
        weights = [one.coefficients.expression[0] for one in samples]
        arrays[f"clip_{name}_weights"] = np.stack(weights)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        made = Path(temporary) / TRUTH
        np.savez_compressed(made, **arrays)
        made.rename(folder / TRUTH)


@dataclass(frozen=True, eq=False)
class Followed:
    """One tracker on the frames that both trackers have.

    Attributes:
        points: (N, 68, 2) pixels, unsmoothed.
        smoothed: the same, smoothed.
        weights: (N, 52), unsmoothed.
    """

    points: np.ndarray
    smoothed: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Compared:
    """Browser and clip path on the same frames of the film.

    Attributes:
        names: of the 52 units.
        frames: (N,) numbers.
        truth: (N, 68, 2) pixels, true landmarks.
        motion: (F, 68, 2) pixels, true landmarks on all frames of the film.
        weights: (N, 52), true weights.
        live: what the browser found.
        clip: what the clip path found.
    """

    names: Sequence[str]
    frames: np.ndarray
    truth: np.ndarray
    motion: np.ndarray
    weights: np.ndarray
    live: Followed
    clip: Followed

    def summary(self) -> str:
        """Landmark errors, jitter and lag of both."""
        lines = [
            f"{len(self.frames)} frames; landmarks against the truth, percent of the face's size",
            "| | unsmoothed NME % | smoothed NME % | jitter px | lag frames |",
            "|---|---|---|---|---|",
        ]
        errors = []
        for title, one in (("browser", self.live), ("clip path", self.clip)):
            raw, smooth = (self._nme_percent(points) for points in (one.points, one.smoothed))
            errors.append((raw, smooth))
            jitter, lag = self._jitter_px(one.smoothed), self._lag_frames(one.smoothed)
            lines.append(f"| {title} | {raw:.3f} | {smooth:.3f} | {jitter:.2f} | {lag:.1f} |")
        (live, live_smooth), (clip, clip_smooth) = errors
        lines.append(
            f"browser against clip path: {100 * (live / clip - 1):+.1f} % unsmoothed, "
            f"{100 * (live_smooth / clip_smooth - 1):+.1f} % smoothed"
        )
        return "\n".join(lines)

    def unit_table(self) -> str:
        """Mean absolute error and correlation of each unit, for browser and clip path."""
        lines = [
            "| unit | browser: mean error | correlation | clip path: mean error | correlation |",
            "|---|---|---|---|---|",
        ]
        columns = []
        for one in (self.live, self.clip):
            off = np.abs(one.weights - self.weights).mean(axis=0)
            columns += [off, correlations(one.weights, self.weights)]
        for at, name in enumerate(self.names):
            error, match, other, its = (column[at] for column in columns)
            lines.append(f"| {name} | {error:.3f} | {match:.2f} | {other:.3f} | {its:.2f} |")
        error, match, other, its = (np.nanmean(column) for column in columns)
        lines.append(f"| mean | {error:.3f} | {match:.2f} | {other:.3f} | {its:.2f} |")
        return "\n".join(lines)

    def _nme_percent(self, points: np.ndarray) -> float:
        return 100 * float(nme(points, self.truth, box_sizes(self.truth)).mean())

    def _runs(self, points: np.ndarray, least: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Found and true landmarks of each run of at least so many frames without a gap."""
        cuts = np.flatnonzero(np.diff(self.frames) != 1) + 1
        runs = zip(np.split(points, cuts), np.split(self.truth, cuts), strict=True)
        return [run for run in runs if len(run[0]) >= least]

    def _jitter_px(self, points: np.ndarray) -> float:
        runs = self._runs(points, 3)
        bends = [mean_bend(found - wanted) for found, wanted in runs]
        sizes = [len(found) - 2 for found, _ in runs]
        return float(np.average(bends, weights=sizes)) if runs else float("nan")

    def _lag_frames(self, points: np.ndarray) -> float:
        return lag_behind(points, self.frames, self.motion)


def lag_behind(points: np.ndarray, frames: np.ndarray, motion: np.ndarray) -> float:
    """How many frames points are late: the shift with which they fit the motion best.

    Args:
        points: (N, L, 2) pixels, as found.
        frames: (N,) numbers of the frames that they were found on; frames may be missing.
        motion: (F, L, 2) pixels, true points on every frame; interpolated linearly in between.
    """
    is_inside = (frames >= MAX_LAG_FRAMES) & (frames < len(motion) - MAX_LAG_FRAMES - 1)
    points, frames = points[is_inside], frames[is_inside]
    steps = round(MAX_LAG_FRAMES / LAG_STEP)

    def error(lag: float) -> float:
        low = np.floor(frames - lag).astype(int)
        share = (frames - lag - low)[:, None, None]
        wanted = (1 - share) * motion[low] + share * motion[low + 1]
        return float(np.square(points - wanted).mean())

    return min((LAG_STEP * step for step in range(-steps, steps + 1)), key=error)


def compared(folder: Path, seen: Sequence[dict[str, Any]]) -> Compared:
    """What the browser found on the first pass of the film, beside the clip path and the truth.

    Args:
        folder: prepared.
        seen: answers of the tracker, as `tools.live_browser.frames_seen` gives them.
    """
    with np.load(folder / TRUTH) as stored:
        known = dict(stored)
    row_of = {frame: row for row, frame in enumerate(known["clip_frames"].tolist())}
    kept: dict[int, dict[str, Any]] = {}
    for answer in seen:  # the film begins again and again; a frame counts once
        if answer["raw"] and answer["number"] in row_of:
            kept.setdefault(answer["number"], answer)
    frames = np.array(sorted(kept))
    answers, rows = [kept[at] for at in frames.tolist()], [row_of[at] for at in frames.tolist()]

    def found(name: str) -> np.ndarray:
        return np.array([answer[name] for answer in answers])

    live = Followed(
        found("raw").reshape(-1, 68, 3)[..., :2],
        found("points").reshape(-1, 68, 3)[..., :2],
        found("raw_weights"),
    )
    clip = Followed(
        known["clip_raw"][rows], known["clip_smooth"][rows], known["clip_raw_weights"][rows]
    )
    return Compared(
        known["names"].tolist(),
        frames,
        known["landmarks"][frames],
        known["landmarks"],
        known["weights"][frames],
        live,
        clip,
    )


def correlations(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(C,) Pearson correlation of each column; NaN where one does not change."""
    found, truth = (values - values.mean(axis=0) for values in (found, truth))
    scale = np.sqrt((found**2).sum(axis=0) * (truth**2).sum(axis=0))
    return np.where(scale > 1e-9, (found * truth).sum(axis=0) / np.maximum(scale, 1e-9), np.nan)
