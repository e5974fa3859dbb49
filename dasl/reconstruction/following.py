"""Faces from frame to frame: two looks from where they were, instead of finding them anew."""

from dasl.arrays import RgbImage
from dasl.geometry.coefficients import Coefficients
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression


def follow(
    reconstructor: FaceReconstructor, frame: RgbImage, last: Coefficients, check: bool
) -> Regression:
    """The faces of the frame before on the next one; for live cameras, where they move little.

    Args:
        reconstructor: whose network looks.
        frame: (H, W, 3) uint8 RGB.
        last: of B faces, poses in pixels of the frame before.
        check: also find out how far to trust it, which costs half as much again; without it the
            confidence is NaN.
    """
    return reconstructor._regressor.follow(frame, last, check)
