"""Requests to the network, one per face, and its predictions in photo pixels."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from dasl.arrays import BoolArray, FloatArray, IntArray, RgbImage
from dasl.geometry.coefficients import Coefficients, concatenated
from dasl.network.confidence import confidence_from_nme
from dasl.network.error_head import REGIONS

BETTER, BELIEVED = 1.05, 0.55
"""A prediction from a rotated crop replaces the current one if its confidence exceeds both
`BETTER` times the current confidence and `BELIEVED`. Chosen on upright and rotated validation
faces, such that upright faces do not get worse."""


FINEST_PX = 1.25
"""Lower bound of the expected landmark error, photo pixels: limits the confidence of small
faces."""


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
        covered: (B, 2) bool, which of `dasl.network.error_head.REGIONS` are probably covered.
    """

    coefficients: Coefficients
    landmarks_image: FloatArray
    confidence: FloatArray
    covered: BoolArray

    def rows(self, start: int, stop: int) -> "Regression":
        """Some faces of the batch."""
        return Regression(
            self.coefficients.rows(start, stop),
            self.landmarks_image[start:stop],
            self.confidence[start:stop],
            self.covered[start:stop],
        )

    def or_better(
        self, others: "Regression", rows: IntArray, better: float = BETTER
    ) -> "Regression":
        """Replace predictions by clearly more confident ones of the same faces.

        Args:
            others: L predictions; a face may have several.
            rows: (L,) int64, the face of each prediction.
            better: factor by which a prediction's confidence must exceed the current one.
        """
        chosen = np.arange(len(self.confidence))
        best = (self.confidence * better).clip(BELIEVED)
        for look, row in enumerate(rows.tolist()):
            if others.confidence[look] > best[row]:
                chosen[row], best[row] = len(chosen) + look, others.confidence[look]
        return Regression(
            concatenated((self.coefficients, others.coefficients)).take(chosen),
            np.concatenate((self.landmarks_image, others.landmarks_image))[chosen],
            np.concatenate((self.confidence, others.confidence))[chosen],
            np.concatenate((self.covered, others.covered))[chosen],
        )

    def covered_regions(self) -> list[tuple[str, ...]]:
        """For each face, the names of the regions that are probably covered."""
        return [tuple(compress(REGIONS, of_face)) for of_face in self.covered.tolist()]

    def as_fine_as_pixels(self) -> "Regression":
        """Limit the confidence by each face's size in photo pixels, see `FINEST_PX`."""
        planar = self.landmarks_image[..., :2]
        size = np.sqrt(np.ptp(planar, axis=1).prod(axis=1)).clip(1e-3)
        most = confidence_from_nme(FINEST_PX / size)
        return replace(self, confidence=np.minimum(self.confidence, most))
