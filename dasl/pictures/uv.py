"""The texture of each face in the head model's UV layout."""

from collections.abc import Sequence

import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import NoFaceFound, check_shape
from dasl.reconstruction.face import Face


def draw_uv(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """The faces' textures side by side, in the order of the faces.

    Args:
        photo: (H, W, 3) uint8 RGB; each face carries its own part of it.
        faces: at least one.

    Returns:
        (S, N * S, 3) uint8 RGB, row 0 at v = 1; S is `dasl.texture.DEFAULT_SIZE`.

    Raises:
        NoFaceFound: there is no face.
    """
    check_shape("photo", photo, "H", "W", 3)
    if not faces:
        raise NoFaceFound("a UV picture needs at least one face, got none; draw the photo instead")
    return np.concatenate([face.head.texture() for face in faces], axis=1)
