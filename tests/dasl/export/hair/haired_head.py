"""The painted head's hair as it would be found on a photo whose outline is known."""

from functools import cache

import cv2
import numpy as np
import pytest

from dasl.export.hair import surroundings
from dasl.export.textured_head import TexturedHead
from dasl.reconstruction.face import Face, faces_from_coefficients
from tests.dasl.painted_head import coefficients, head_model, photograph

HAIR_RGB = (120, 60, 20)
SKIN_RGB = (225, 180, 160)
STANDS_OFF_M = 0.035
"""Of the made hair, above the head's outline, at and above the ears."""


FOREHEAD_M = 0.03
"""From the brows to where the made hair begins."""


def face_with_hair(
    monkeypatch: pytest.MonkeyPatch,
    weights: dict[str, float] | None = None,
    stands_off_m: float = STANDS_OFF_M,
    forehead_m: float = FOREHEAD_M,
) -> Face:
    """A face whose photo shows brown hair around it; the person is found as it was painted."""
    face, person = _made(tuple(sorted((weights or {}).items())), stands_off_m, forehead_m)
    monkeypatch.setattr(surroundings, "person_share", lambda photo: person)
    return face


@cache
def _made(
    weights: tuple[tuple[str, float], ...], stands_off_m: float, forehead_m: float
) -> tuple[Face, np.ndarray]:
    found = coefficients(0.0, dict(weights))
    photo = np.full_like(photograph(found), 90)
    plain = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    outline = np.zeros(photo.shape[:2], np.uint8)
    for corners in np.rint(plain.vertices[plain.triangles][..., :2]).astype(np.int32):
        cv2.fillConvexPoly(outline, corners, (1,))
    off_px = round(stands_off_m * plain.pose.scale)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * off_px + 1, 2 * off_px + 1))
    grown = cv2.dilate(outline, kernel) > 0
    ears = plain.landmarks[[0, 16], 1].max()
    is_above = np.arange(len(photo))[:, None] < ears
    brows = plain.landmarks[17:27, 1].min() - forehead_m * plain.pose.scale
    is_forehead = np.arange(len(photo))[:, None] < brows
    hair = grown & is_above & ((outline == 0) | is_forehead)
    person = hair | (outline > 0)
    photo[person] = SKIN_RGB
    photo[hair] = HAIR_RGB
    face = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])[0]
    origin, stride = face.around.origin.astype(int), face.around.stride
    height, width = (side * stride for side in face.around.pixels.shape[:2])
    part = person[origin[1] : origin[1] + height : stride, origin[0] : origin[0] + width : stride]
    return face, part.astype(np.float32)


def bald_head(face: Face) -> TexturedHead:
    """The head of a face whose photo shows no hair."""
    return TexturedHead(face.model, face.head.coefficients, face.patch)
