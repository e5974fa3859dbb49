"""Face requests for a photo, from given boxes, crops or landmarks, or from the detector."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import ShapeError
from dasl.geometry.crop import (
    check_box,
    check_landmarks,
    square_box,
    square_crop_from_box,
    square_crop_from_landmarks,
)
from dasl.photo.detector import Detector
from dasl.reconstruction.regression import FaceRequest

PointsLike = Sequence[Any] | np.ndarray


def face_requests(
    image: RgbImage,
    detector: Detector,
    boxes: Sequence[PointsLike] | None = None,
    crops: Sequence[PointsLike] | None = None,
    landmarks: Sequence[PointsLike] | None = None,
) -> list[FaceRequest]:
    """List the faces of a photo to reconstruct.

    Args:
        image: (H, W, 3) uint8 RGB.
        detector: used if neither boxes, crops nor landmarks are given.
        boxes: tight face boxes x0, y0, x1, y1 in photo pixels.
        crops: final square crops.
        landmarks: (68, 2) points in photo pixels for each face, drawn as the landmark map.

    Raises:
        BoxError: a box is inverted, empty or outside the photo.
        ShapeError: landmarks have another shape, or their number differs from the faces'.
    """
    if boxes is None and crops is None and landmarks is None:
        return requests_of_boxes(image, [detection.box for detection in detector(image)])
    height, width = image.shape[:2]
    drawn = [check_landmarks(points) for points in landmarks or ()]
    if crops is not None:
        places = [check_box(crop, width, height) for crop in crops]
        squares = [square_box(crop) for crop in places]
    elif boxes is not None:
        places = [check_box(box, width, height) for box in boxes]
        squares = [square_crop_from_box(box) for box in places]
    else:
        squares = [square_crop_from_landmarks(points) for points in drawn]
        places = [check_box(square, width, height) for square in squares]
    if drawn and len(drawn) != len(squares):
        raise ShapeError(
            f"landmarks must be one (68, 2) array for each of {len(squares)} faces, "
            f"got {len(drawn)}"
        )
    recrop = crops is None and not drawn
    return [
        FaceRequest(image, box, square, recrop, drawn[index] if drawn else None)
        for index, (box, square) in enumerate(zip(places, squares, strict=True))
    ]


def requests_of_boxes(image: RgbImage, boxes: Sequence[Sequence[float]]) -> list[FaceRequest]:
    """Requests for a detector's boxes, whose crops are rough."""
    return [
        FaceRequest(image, np.asarray(box), square_crop_from_box(box), recrop=True) for box in boxes
    ]
