"""What is asked of the network for each face, and what it answers in photo pixels."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from dasl.arrays import BoolArray, FloatArray, IntArray, RgbImage
from dasl.geometry.coefficients import Coefficients, concatenated
from dasl.network.confidence import confidence_from_nme
from dasl.network.error_head import REGIONS

BETTER, BELIEVED = 1.05, 0.55
"""A look after a turn counts instead if it is so much more confident, and at least so confident:
chosen on validation faces as they are and turned, so that upright ones lose nothing."""


FINEST_PX = 1.25
"""No landmark is expected to lie closer than so many pixels of the photo: a face of 30 pixels says
no more."""


@dataclass(frozen=True, eq=False)
class FaceRequest:
    """One face to reconstruct.

    Attributes:
        photo: (H, W, 3) uint8 RGB.
        box: (4,) where the face is, x0, y0, x1, y1, photo pixels: shown to the user.
        crop: (4,) square around the face.
        recrop: use `crop` only to predict landmarks, and take the crop from these.
        landmarks_image: (68, 2) points to draw into the map, or None for the network's own.
        roll_deg: how far the face leans clockwise, roughly, where that is known; None finds out.
    """

    photo: RgbImage
    box: np.ndarray
    crop: np.ndarray
    recrop: bool
    landmarks_image: np.ndarray | None = None
    roll_deg: float | None = None


@dataclass(frozen=True, eq=False)
class Regression:
    """What the network predicts for B faces.

    Attributes:
        coefficients: pose maps the model to photo pixels.
        landmarks_image: (B, 68, 3).
        confidence: (B,) in [0, 1].
        covered: (B, 2) bool, which of `dasl.network.error_head.REGIONS` seem covered.
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
        """The same with those of other looks at its faces that are clearly more confident.

        Args:
            others: of L looks; a face may have several.
            rows: (L,) int64, which face each look was at.
            better: how much more confident a look must be, as a factor.
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
        """Of each face the names of the regions that seem covered."""
        return [tuple(compress(REGIONS, of_face)) for of_face in self.covered.tolist()]

    def as_fine_as_pixels(self) -> "Regression":
        """The same with no more confidence than the pixels of each face allow."""
        planar = self.landmarks_image[..., :2]
        size = np.sqrt(np.ptp(planar, axis=1).prod(axis=1)).clip(1e-3)
        most = confidence_from_nme(FINEST_PX / size)
        return replace(self, confidence=np.minimum(self.confidence, most))
