"""Second search for faces, where the first found none, only unreliable ones or a turned one.

A detector's score says little about faces that are turned, covered or cut. The reconstruction's
confidence says more. Therefore every candidate of the detector is reconstructed, and kept if the
confidence is high enough.
"""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from dasl.arrays import BoolArray, RgbImage
from dasl.geometry.boxes import area, box_around, holds, middle_of
from dasl.geometry.similarity import roll_rad
from dasl.photo.detector import Detection, Detector, main_face
from dasl.reconstruction.regression import FaceRequest, Regression
from dasl.reconstruction.regressor import Regressor
from dasl.reconstruction.requests import requests_of_boxes

DOUBTED = 0.5
"""The second search runs if no face has this confidence: an expected error of 7 %."""
BELIEVED_UNSURE = 0.75
"""Least confidence of an accepted candidate. It must exceed 0.745, the limit of a face with a
covered region: scikit-image's cat reached it."""


@runtime_checkable
class SuspectingDetector(Protocol):
    """A detector that also returns candidates with low scores."""

    def suspected(self, image: RgbImage, quarters: int | None = None) -> list[Detection]:
        """Possible faces of an (H, W, 3) uint8 RGB photo, likeliest first.

        Args:
            image: the photo.
            quarters: looks at the copy alone that is rotated so often by 90 degrees
                counter-clockwise.
        """
        ...


@dataclass(frozen=True, eq=False)
class Found:
    """Faces of one photo: B requests and their predictions, None if there is no face."""

    requests: list[FaceRequest]
    regression: Regression | None


def second_look(image: RgbImage, detector: object, regressor: Regressor, first: Found) -> Found:
    """Search again if no face was found, all are unreliable or the photo is turned.

    Where a face lies on its side or upside down, the detector may have missed others: it looks at
    the photo turned upright. Otherwise `first` is returned.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: used if it is a `SuspectingDetector`.
        regressor: predicts the candidates.
        first: what was found so far.
    """
    old = first.regression
    quarters = None
    if old is not None and (old.confidence >= DOUBTED).any():
        quarters = _quarters(old)
        if quarters == 0:
            return first
    return with_suspected(image, detector, regressor, first, quarters=quarters)


def main_face_found(image: RgbImage, detector: Detector, regressor: Regressor) -> Found:
    """Find the photo's main face (`main_face`), among the reliable ones if there are any.

    If the main face is unreliable or does not cover the photo's centre, candidates count too; at
    the centre, where the main face is expected, they need less confidence.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: finds the faces.
        regressor: predicts them.
    """
    height, width = image.shape[:2]
    centre = np.array([width, height]) / 2
    faces, found = detector(image), Found([], None)
    if faces:
        box = main_face(faces, width, height).box
        requests = requests_of_boxes(image, [box])
        regression = regressor(requests)
        found = Found(requests, regression)
        if holds(box, centre) and regression.confidence[0] >= DOUBTED:
            return found
    found = with_suspected(image, detector, regressor, found, expected_at=centre)
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


def with_suspected(
    image: RgbImage,
    detector: object,
    regressor: Regressor,
    first: Found,
    expected_at: np.ndarray | None = None,
    quarters: int | None = None,
) -> Found:
    """Add the accepted candidates to the faces found; largest first.

    Of overlapping faces, the most confident one stays.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: used if it is a `SuspectingDetector`.
        regressor: predicts the candidates.
        first: what was found so far.
        expected_at: (2,) a candidate whose box holds this point is accepted from `DOUBTED` on.
        quarters: see `SuspectingDetector.suspected`.
    """
    if not isinstance(detector, SuspectingDetector):
        return first
    candidates = detector.suspected(image, quarters)
    suspected = requests_of_boxes(image, [face.box for face in candidates])
    if not suspected:
        return first
    regression = regressor(suspected)
    least = [
        DOUBTED if expected_at is not None and holds(face.box, expected_at) else BELIEVED_UNSURE
        for face in suspected
    ]
    allowed = regression.confidence >= np.array(least)
    if first.regression is not None:
        allowed = np.concatenate([np.ones(len(first.requests), dtype=bool), allowed])
        regression = first.regression.and_others(regression)
    requests = [*first.requests, *suspected]
    rows = sorted(_apart(regression, allowed), key=lambda row: -area(requests[row].box))
    if not rows:
        return first
    return Found([requests[row] for row in rows], regression.take(np.array(rows)))


def _quarters(found: Regression) -> int:
    """Rotations by 90 degrees counter-clockwise, 0 to 3, that set the surest face upright."""
    roll = roll_rad(found.coefficients.pose)[np.nanargmax(found.confidence)]
    return round(float(roll) / (math.pi / 2)) % 4


def _apart(found: Regression, allowed: BoolArray) -> list[int]:
    """Allowed rows without overlapping faces, most confident first."""
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
