"""A second look for faces where the first found none, or none that can be believed.

A detector's own score tells little about a face that is turned, covered or cut. The estimate of the
reconstruction's error tells more: here every place that the detector suspects is reconstructed, and
kept where the result is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from dasl.arrays import BoolArray, RgbImage
from dasl.photo.detector import Detection, Detector, main_face
from dasl.reconstruction.regression import FaceRequest, Regression
from dasl.reconstruction.regressor import Regressor
from dasl.reconstruction.requests import requests_of_boxes

DOUBTED = 0.5
"""The second look follows where no face is as confident as this: an expected error of 7 %."""
BELIEVED_UNSURE = 0.75
"""Confidence from which a suspected face counts as one. Lower, scikit-image's cat was a face (0.71,
the limit of a face with a covered region)."""


@runtime_checkable
class SuspectingDetector(Protocol):
    """A detector that also names places where a face might be."""

    def suspected(self, image: RgbImage) -> list[Detection]:
        """Possible faces of an (H, W, 3) uint8 RGB photo, likeliest first."""
        ...


@dataclass(frozen=True, eq=False)
class Found:
    """Faces of one photo: B requests and the predictions for them, None for no face."""

    requests: list[FaceRequest]
    regression: Regression | None


def second_look(image: RgbImage, detector: object, regressor: Regressor, first: Found) -> Found:
    """Look again where no face was found or none is believed; else, the first look stays.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: used if it is a `SuspectingDetector`.
        regressor: predicts the suspected faces.
        first: what was found so far.
    """
    old = first.regression
    if old is not None and (old.confidence >= DOUBTED).any():
        return first
    return with_suspected(image, detector, regressor, first)


def main_face_found(image: RgbImage, detector: Detector, regressor: Regressor) -> Found:
    """The photo's main face (`main_face`), of those that are believed if there are any.

    Where it is doubted or does not lie over the photo's centre, suspected faces count too.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: finds the faces.
        regressor: predicts them.
    """
    height, width = image.shape[:2]
    faces, found = detector(image), Found([], None)
    if faces:
        box = main_face(faces, width, height).box
        requests = requests_of_boxes(image, [box])
        regression = regressor(requests)
        found = Found(requests, regression)
        is_central = holds(box, np.array([width, height]) / 2)
        if is_central and regression.confidence[0] >= DOUBTED:
            return found
    found = with_suspected(image, detector, regressor, found)
    if found.regression is None:
        return found
    places = [
        Detection(box_around(points), float(confidence))
        for points, confidence in zip(
            found.regression.landmarks_image, found.regression.confidence, strict=True
        )
    ]
    believed = [place for place in places if place.score >= DOUBTED]
    row = places.index(main_face(believed or places, width, height))
    return Found([found.requests[row]], found.regression.rows(row, row + 1))


def with_suspected(image: RgbImage, detector: object, regressor: Regressor, first: Found) -> Found:
    """Add believed faces at suspected places to those found; largest first.

    Of faces that lie on each other the most confident stays.
    """
    if not isinstance(detector, SuspectingDetector):
        return first
    suspected = requests_of_boxes(image, [face.box for face in detector.suspected(image)])
    if not suspected:
        return first
    regression = regressor(suspected)
    allowed = regression.confidence >= BELIEVED_UNSURE
    if first.regression is not None:
        allowed = np.concatenate([np.ones(len(first.requests), dtype=bool), allowed])
        regression = first.regression.and_others(regression)
    requests = [*first.requests, *suspected]
    rows = sorted(_apart(regression, allowed), key=lambda row: -area(requests[row].box))
    if not rows:
        return first
    return Found([requests[row] for row in rows], regression.take(np.array(rows)))


def area(box: np.ndarray) -> float:
    """Area of a box x0, y0, x1, y1, square pixels."""
    width, height = box[2:] - box[:2]
    return float(width * height)


def box_around(points_image: np.ndarray) -> tuple[float, float, float, float]:
    """Box x0, y0, x1, y1 around (68, 2 or 3) landmarks."""
    planar = points_image[:, :2].astype(float)
    x0, y0, x1, y1 = np.concatenate([planar.min(axis=0), planar.max(axis=0)]).tolist()
    return x0, y0, x1, y1


def middle_of(points_image: np.ndarray) -> np.ndarray:
    """(2,) centre of the box around (68, 2 or 3) landmarks."""
    x0, y0, x1, y1 = box_around(points_image)
    return np.array([(x0 + x1) / 2, (y0 + y1) / 2])


def holds(box: Sequence[float] | np.ndarray, point: np.ndarray) -> bool:
    """Whether (2,) lies in a box x0, y0, x1, y1."""
    low, high = np.asarray(box)[:2], np.asarray(box)[2:]
    return bool((low <= point).all() and (point <= high).all())


def _apart(found: Regression, allowed: BoolArray) -> list[int]:
    """Allowed rows, most confident first, of which none lies on another's face."""
    kept: list[int] = []
    middles = [middle_of(points) for points in found.landmarks_image]
    boxes = [box_around(points) for points in found.landmarks_image]
    for row in np.argsort(-found.confidence, kind="stable").tolist():
        is_double = any(
            holds(boxes[row], middles[other]) or holds(boxes[other], middles[row]) for other in kept
        )
        if allowed[row] and not is_double:
            kept.append(row)
    return kept
