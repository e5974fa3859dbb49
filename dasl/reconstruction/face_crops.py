"""The crops that faces are predicted on: cut from the photo, replaced where they are rough."""

import math
from dataclasses import replace

import numpy as np

from dasl.arrays import BoolArray, FloatArray, RgbImage
from dasl.geometry.coefficients import POSE_COUNT, Whitening, decode, encode
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import (
    crop_from_image,
    crop_pose_from_image,
    image_from_crop,
    image_pose_from_crop,
)
from dasl.geometry.similarity import Similarity, transform_points, transform_pose, warp_images
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.landmark_map import MAP_POINTS, map_points_from_68
from dasl.network.passes import GivenPoints
from dasl.reconstruction.regression import FaceRequest

NEAR_SHIFT, NEAR_ZOOM = 0.1, 1.25
"""A prediction on a rough crop is the first pass's if the crop lies within this share of the right
one's side and its side within this factor; otherwise the first pass is repeated on the right crop.
With half these limits, neither turned copies of a photo agree better (`tools.evaluate_turns`) nor
are errors with poor boxes lower (`tools.evaluate_boxes`)."""


def images_of(requests: list[FaceRequest], crops: np.ndarray, upright: Similarity) -> FloatArray:
    """Cut the faces out of their photos.

    Args:
        requests: B faces.
        crops: (B, 4) squares, photo pixels.
        upright: rotation of the crops' content; they are resampled only if there is one.

    Returns:
        (B, 3, 120, 120) float32, 0..255.
    """
    pairs = zip(requests, crops, strict=True)
    images = network_images([cut_crop(request.photo, crop) for request, crop in pairs])
    return warp_images(images, upright) if upright.turn_rad.any() else images


def network_images(pixels: list[RgbImage]) -> FloatArray:
    """(B, 3, 120, 120) float32, 0..255, of crops (120, 120, 3) uint8."""
    return np.stack(pixels).transpose(0, 3, 1, 2).astype(np.float32, order="C")


def given_points(requests: list[FaceRequest], boxes: FloatArray) -> GivenPoints | None:
    """Given landmarks as points of the map on crops (B, 4); None if no face has any."""
    if all(request.landmarks_image is None for request in requests):
        return None
    points = np.zeros((len(requests), 68, 2), dtype=np.float32)
    drawn = np.zeros((len(requests), len(MAP_POINTS)), dtype=bool)
    for row, request in enumerate(requests):
        if request.landmarks_image is not None:
            points[row] = request.landmarks_image
            drawn[row] = True
    return GivenPoints(map_points_from_68(crop_from_image(points, boxes)), drawn)


def recropped(
    requests: list[FaceRequest],
    first: FloatArray,
    whitening: Whitening,
    model: MorphableModel,
    upright: Similarity,
) -> tuple[np.ndarray, FloatArray]:
    """Replace rough crops by ones around the landmarks that were predicted on them.

    Args:
        requests: B faces.
        first: (B, 9 + K + E) the network's answers on the requests' crops, whitened.
        whitening: of the network.
        model: head model.
        upright: rotation of the crops' content.

    Returns:
        (B, 4) crops, and the answers with the poses that they have on these crops.
    """
    rough = np.array([request.recrop for request in requests])
    crops = np.stack([request.crop for request in requests])
    seen = decode(first, whitening, model.identity_count)
    old, back = crops.astype(np.float32), upright.inverse()
    points = image_from_crop(transform_points(landmarks68_image(model, seen), back), old)[rough]
    crops[rough] = [square_crop_from_landmarks(of_face[:, :2]) for of_face in points]
    in_photo = image_pose_from_crop(transform_pose(seen.pose, back), old)
    pose = transform_pose(crop_pose_from_image(in_photo, crops.astype(np.float32)), upright)
    moved = encode(replace(seen, pose=pose), whitening)
    first = first.copy()
    first[rough, :POSE_COUNT] = moved[rough, :POSE_COUNT]
    return crops, first


def far_apart(rough: FloatArray, right: FloatArray) -> BoolArray:
    """Whether square crops (B, 4) differ by more than `NEAR_SHIFT` or `NEAR_ZOOM`."""
    side, right_side = rough[:, 2] - rough[:, 0], right[:, 2] - right[:, 0]
    moved = np.abs(rough[:, :2] + rough[:, 2:] - right[:, :2] - right[:, 2:]).max(axis=1) / 2
    zoomed = np.abs(np.log(side / right_side))
    far: BoolArray = (moved > NEAR_SHIFT * right_side) | (zoomed > math.log(NEAR_ZOOM))
    return far
