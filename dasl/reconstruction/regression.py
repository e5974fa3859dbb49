"""Requests to the network, one per face, and its predictions in photo pixels."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from dasl.arrays import BoolArray, FloatArray, IntArray, RgbImage
from dasl.geometry.coefficients import Coefficients, concatenated
from dasl.network.confidence import confidence_from_nme
from dasl.network.cover_network import REGIONS

BETTER, BELIEVED = 1.05, 0.55
"""A prediction from a rotated crop replaces the current one if its confidence exceeds both
`BETTER` times the current confidence and `BELIEVED`. Chosen on upright and rotated validation
faces, such that upright faces do not get worse."""


FINEST_PX = 1.25
"""Lower bound of the expected landmark error, photo pixels: limits the confidence of small
faces."""

COVERED_NME = 0.041
"""Lower bound of the expected error of a face with a covered region, a fraction of its size: what
is not seen is a guess, never "high" (above 0.04; `space.reconstruct.describe`). No higher: what the
error head expects of these faces is right on average."""


@dataclass(frozen=True, eq=False)
class FaceRequest:
    """One face to reconstruct.

    Attributes:
        photo: (H, W, 3) uint8 RGB.
        box: (4,) face box x0, y0, x1, y1, photo pixels; reported to the user.
        crop: (4,) square around the face.
        recrop: use `crop` only to predict landmarks, and derive the final crop from these.
        landmarks_image: (68, 2) points to draw into the map; None uses predicted ones.
        roll_deg: approximate clockwise roll of the face; None if unknown, to estimate it.
    """

    photo: RgbImage
    box: np.ndarray
    crop: np.ndarray
    recrop: bool
    landmarks_image: np.ndarray | None = None
    roll_deg: float | None = None


@dataclass(frozen=True, eq=False)
class Regression:
    """The network's predictions for B faces.

    Attributes:
        coefficients: pose maps the model to photo pixels.
        landmarks_image: (B, 68, 3).
        confidence: (B,) in [0, 1].
        covered: (B, 2) bool, which of `dasl.network.cover_network.REGIONS` are probably covered.
    """

    coefficients: Coefficients
    landmarks_image: FloatArray
    confidence: FloatArray
    covered: BoolArray

    def rows(self, start: int, stop: int) -> "Regression":
        """Some faces of the batch."""
        return self.take(np.arange(start, stop))

    def take(self, rows: IntArray) -> "Regression":
        """The faces of these rows, in this order."""
        return Regression(
            self.coefficients.take(rows),
            self.landmarks_image[rows],
            self.confidence[rows],
            self.covered[rows],
        )

    def and_others(self, others: "Regression") -> "Regression":
        """The faces of both."""
        return Regression(
            concatenated((self.coefficients, others.coefficients)),
            np.concatenate((self.landmarks_image, others.landmarks_image)),
            np.concatenate((self.confidence, others.confidence)),
            np.concatenate((self.covered, others.covered)),
        )

    def or_better(
        self,
        others: "Regression",
        rows: IntArray,
        better: float = BETTER,
        believed: float = BELIEVED,
    ) -> "Regression":
        """Replace predictions by clearly more confident ones of the same faces.

        Args:
            others: L predictions; a face may have several.
            rows: (L,) int64, the face of each prediction.
            better: factor by which a prediction's confidence must exceed the current one.
            believed: confidence that it must exceed, too.
        """
        chosen = np.arange(len(self.confidence))
        best = (self.confidence * better).clip(believed)
        for look, row in enumerate(rows.tolist()):
            if others.confidence[look] > best[row]:
                chosen[row], best[row] = len(chosen) + look, others.confidence[look]
        return self.and_others(others).take(chosen)

    def covered_regions(self) -> list[tuple[str, ...]]:
        """For each face, the names of the regions that are probably covered."""
        return [tuple(compress(REGIONS, of_face)) for of_face in self.covered.tolist()]

    def as_sure_as_seen(self) -> "Regression":
        """Limit the confidence by what is seen of each face, see `least_nme`."""
        planar = self.landmarks_image[..., :2]
        size_px = np.sqrt(np.ptp(planar, axis=1).prod(axis=1))
        most = confidence_from_nme(least_nme(size_px, self.covered))
        return replace(self, confidence=np.minimum(self.confidence, most))


def least_nme(size_px: FloatArray, covered: BoolArray) -> FloatArray:
    """Lower bounds (B,) of the expected error, by size and covered regions.

    Args:
        size_px: (B,) of the faces, photo pixels.
        covered: (B, 2) which regions are covered.
    """
    by_size = FINEST_PX / size_px.clip(1e-3)
    least: FloatArray = np.where(covered.any(axis=1), by_size.clip(COVERED_NME), by_size)
    return least
