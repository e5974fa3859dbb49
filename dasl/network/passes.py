"""The network's two passes over a crop: the method's self-mapping, used at test time.

The first pass sees the crop with a blank landmark map. Its landmarks are drawn into the map for the
second, and say where the face is and how it leans. The second pass is test-time augmentation: the
network sees the face from closer and set upright, tilted to one side and in a mirror, then, with
the mean of the predictions so far in the map, tilted to the other side. Landmarks that somebody
gave are drawn every time. The result is the mean of the second pass's two predictions. How far
these and the first pass disagree says how far to trust it (`dasl.network.confidence`): that needs
no labels.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from dasl.arrays import Array, array_namespace
from dasl.geometry.coefficients import Coefficients, pack, unpack
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.similarity import (
    CENTRE,
    Similarity,
    roll_rad,
    transform_points,
    transform_pose,
    turned,
    warp_images,
)
from dasl.head.mirror import mirrored
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.landmark_map import blank_map, draw_landmark_map, map_points_from_68

# Crops (B, 3, 120, 120) 0..255 and maps (B, 1, 120, 120) to coefficients whose pose is in crop
# pixels.
Predict = Callable[[Array, Array], Coefficients]

CLOSER_MARGIN = 1.18
"""Side of what the second pass sees over the longer side of the landmarks' box; a crop has 1.41."""

TILT_DEG = 10.0
"""Tilt of the second pass's two predictions, one to each side."""

CLOSER_SCALES = (0.7, 2.0)
"""How far a crop is reduced or enlarged at most: a first pass that sees no face says any size."""


@dataclass(frozen=True, eq=False)
class GivenPoints:
    """Landmarks that somebody gave for some faces of a batch.

    Attributes:
        points_crop: (B, 18, 2) the map's points, crop pixels.
        drawn: (B, 18) bool; a face with none of them has its own landmarks drawn instead.
    """

    points_crop: Array
    drawn: Array


@dataclass(frozen=True, eq=False)
class TwoPasses:
    """What two passes predicted for B faces; poses are in crop pixels.

    Attributes:
        first: of the first pass.
        in_mirror: of the second pass in the mirror, as seen without it.
        straight: of the second pass without a mirror.
        result: mean of the second pass's two predictions.
    """

    first: Coefficients
    in_mirror: Coefficients
    straight: Coefficients
    result: Coefficients


def two_passes(
    predict: Predict, images: Array, model: MorphableModel, given: GivenPoints | None = None
) -> TwoPasses:
    """Predict once without landmarks, and twice from closer with.

    Args:
        predict: the network.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        model: the head model.
        given: landmarks to draw instead of the network's own.
    """
    if given is None:
        drawn = blank_map(images)
    else:
        drawn = draw_landmark_map(given.points_crop, given.drawn)
    first = predict(images, drawn)
    in_mirror = _predict_closer(predict, images, model, first, given, -TILT_DEG, mirror=True)
    so_far = mean_of(first, in_mirror)
    straight = _predict_closer(predict, images, model, so_far, given, TILT_DEG, mirror=False)
    return TwoPasses(first, in_mirror, straight, mean_of(in_mirror, straight))


def follow(
    predict: Predict, images: Array, model: MorphableModel, last: Coefficients, check: bool
) -> TwoPasses:
    """The second pass alone, from where the faces were on the frame before: two estimates, not 3.

    Args:
        predict: the network.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        model: the head model.
        last: of the same faces on the frame before, poses in these crops' pixels.
        check: also run the first pass, which says whether there still is a face; without it
            `first` repeats `last`, and the confidence means nothing.
    """
    in_mirror = _predict_closer(predict, images, model, last, None, -TILT_DEG, mirror=True)
    straight = _predict_closer(predict, images, model, in_mirror, None, TILT_DEG, mirror=False)
    first = predict(images, blank_map(images)) if check else last
    return TwoPasses(first, in_mirror, straight, mean_of(in_mirror, straight))


def closer(points_crop: Array, tilt_deg: float, lean_rad: Array) -> Similarity:
    """The change of B crops after which the face fills them, upright but for a tilt.

    Args:
        points_crop: (B, 68, 2 or 3) landmarks.
        tilt_deg: positive turns the picture clockwise.
        lean_rad: (B,) roll of the faces in the crops, clockwise.
    """
    xp = array_namespace(points_crop)
    upright = turned(-lean_rad)
    planar = transform_points(points_crop[..., :2], upright)
    low, high = xp.min(planar, axis=1), xp.max(planar, axis=1)
    side = xp.clip(xp.max(high - low, axis=1), 1.0, None)
    scale = xp.clip(CROP_SIZE / (CLOSER_MARGIN * side), *CLOSER_SCALES)
    tilted = replace(turned(math.radians(tilt_deg) - lean_rad), scale=scale)
    middle = transform_points((low + high)[:, None] / 2, upright.inverse())
    return replace(tilted, shift=CENTRE - transform_points(middle, tilted)[:, 0])


def _predict_closer(
    predict: Predict,
    images: Array,
    model: MorphableModel,
    so_far: Coefficients,
    given: GivenPoints | None,
    tilt_deg: float,
    mirror: bool,
) -> Coefficients:
    """The prediction from closer with landmarks drawn, as seen in the crop."""
    xp = array_namespace(images)
    landmarks = landmarks68_image(model, so_far)
    change = closer(landmarks, tilt_deg, roll_rad(so_far.pose))
    points, drawn = _map_points(landmarks, given)
    pictures = warp_images(xp.astype(images, xp.float32), change)
    maps = draw_landmark_map(transform_points(points, change), drawn)
    if mirror:
        closer_up = mirrored(model, predict(xp.flip(pictures, axis=-1), xp.flip(maps, axis=-1)))
    else:
        closer_up = predict(pictures, maps)
    return replace(closer_up, pose=transform_pose(closer_up.pose, change.inverse()))


def _map_points(landmarks: Array, given: GivenPoints | None) -> tuple[Array, Array | None]:
    """(B, 18, 2) points to draw and (B, 18) which, where not all: a face's own, or those given."""
    points = map_points_from_68(landmarks)
    if given is None:
        return points, None
    xp = array_namespace(points)
    chosen = xp.any(given.drawn, axis=1)[:, None]
    return xp.where(chosen[..., None], given.points_crop, points), given.drawn | ~chosen


def mean_of(first: Coefficients, second: Coefficients) -> Coefficients:
    """Mean of two predictions for the same faces.

    Rotations take the nearest rotation, scales the geometric mean, the rest plainly the mean.
    """
    return unpack((pack(first) + pack(second)) / 2, first.identity.shape[1])
