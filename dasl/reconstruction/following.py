"""Frame-to-frame tracking: two predictions from the previous poses, without face detection."""

from dasl.arrays import RgbImage
from dasl.geometry.coefficients import Coefficients
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.reconstruction.regression import Regression


def follow(
    reconstructor: FaceReconstructor, frame: RgbImage, last: Coefficients, check: bool
) -> Regression:
    """Predict the previous frame's faces on the next frame.

    For live cameras, where faces move little between frames.

    Args:
        reconstructor: provides the network.
        frame: (H, W, 3) uint8 RGB, the next frame.
        last: of B faces, poses in pixels of the previous frame.
        check: also estimate the confidence, at 50 % more cost; otherwise it is NaN.
    """
    return reconstructor._regressor.follow(frame, last, check)
