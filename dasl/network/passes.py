"""The network's two passes over a crop: the method's self-mapping, used at test time.

The first pass uses the crop with a blank landmark map. Its predicted landmarks are drawn into the
map for the second pass, and determine that pass's tighter, upright crop. The second pass is
test-time augmentation with two predictions. One is mirrored and tilted to one side. The other is
tilted to the other side, with the landmarks of the mirrored one in the map. Given landmarks are
drawn every time. The result is the mean of the second pass's two predictions. The confidence is
estimated from the disagreement of all three predictions, without labels
(`dasl.network.confidence`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from dasl.arrays import Array, array_namespace, like
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

# Maps crops (B, 3, 120, 120) 0..255 and maps (B, 1, 120, 120) to coefficients with poses in crop
# pixels.
Predict = Callable[[Array, Array], Coefficients]

CLOSER_MARGIN = 1.18
"""Side of the second pass's crop, divided by the longer side of the landmarks' box; the first
pass's crop has 1.41."""

TILT_DEG = 10.0
"""Rotation of the second pass's two crops, one to each side, degrees."""

CLOSER_SCALES = (0.7, 2.0)
"""Limits of the second crop's magnification: without a face the first pass may predict any
size."""


@dataclass(frozen=True, eq=False)
class GivenPoints:
    """Given landmarks for some faces of a batch.

    Attributes:
        points_crop: (B, 18, 2) the map's points, crop pixels.
        drawn: (B, 18) bool; for a face without any, its predicted landmarks are drawn.
    """

    points_crop: Array
    drawn: Array


@dataclass(frozen=True, eq=False)
class TwoPasses:
    """Predictions of both passes for B faces; poses are in crop pixels.

    Attributes:
        first: of the first pass.
        in_mirror: of the second pass, predicted on the mirrored crop and mirrored back.
        straight: of the second pass, not mirrored.
        result: mean of the second pass's two predictions.
    """

    first: Coefficients
    in_mirror: Coefficients
    straight: Coefficients
    result: Coefficients


def two_passes(
    predict: Predict,
    images: Array,
    model: MorphableModel,
    given: GivenPoints | None = None,
    first: Coefficients | None = None,
) -> TwoPasses:
    """Predict once without landmarks, then twice with landmarks and a tighter crop.

    Args:
        predict: the network.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        model: the head model.
        given: landmarks to draw, in both passes, instead of predicted ones.
        first: prediction of the first pass, if it has been made.
    """
    if first is None:
        first = predict(images, first_map(images, given))
    return _second_pass(predict, images, model, first, given, first)


def follow(
    predict: Predict, images: Array, model: MorphableModel, last: Coefficients, check: bool
) -> TwoPasses:
    """Run the second pass only, from the previous frame's faces: two predictions instead of three.

    Args:
        predict: the network.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        model: the head model.
        last: of the same faces on the previous frame, poses in these crops' pixels.
        check: also run the first pass, to verify that there still is a face; without it `first`
            repeats `last`, and the confidence is meaningless.
    """
    first = predict(images, blank_map(images)) if check else last
    return _second_pass(predict, images, model, last, None, first)


def first_map(images: Array, given: GivenPoints | None) -> Array:
    """The map (B, 1, 120, 120) of the first pass over crops (B, 3, 120, 120)."""
    if given is None:
        return blank_map(images)
    return draw_landmark_map(given.points_crop, given.drawn)


def closer(points_crop: Array, tilt_deg: float, lean_rad: Array) -> Similarity:
    """Similarity transforms of B crops that make each face fill its crop, upright but for a tilt.

    Args:
        points_crop: (B, 68, 2 or 3) landmarks.
        tilt_deg: positive rotates the image clockwise.
        lean_rad: (B,) roll of the faces in the crops, clockwise.
    """
    xp = array_namespace(points_crop)
    upright = transform_points(points_crop[..., :2], turned(-lean_rad))
    low, high = xp.min(upright, axis=1), xp.max(upright, axis=1)
    side = xp.clip(xp.max(high - low, axis=1), 1.0, None)
    scale = xp.clip(CROP_SIZE / (CLOSER_MARGIN * side), *CLOSER_SCALES)
    tilt = math.radians(tilt_deg)
    turn = like([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]], upright)
    middle = ((low + high) / 2 - CENTRE) @ turn.mT
    return replace(turned(tilt - lean_rad), scale=scale, shift=-middle * scale[:, None])


def _second_pass(
    predict: Predict,
    images: Array,
    model: MorphableModel,
    seen: Coefficients,
    given: GivenPoints | None,
    first: Coefficients,
) -> TwoPasses:
    """The second pass from where the faces were last `seen`; `first` becomes part of the result."""
    in_mirror = _predict_closer(predict, images, model, seen, given, -TILT_DEG, mirror=True)
    straight = _predict_closer(predict, images, model, in_mirror, given, TILT_DEG, mirror=False)
    return TwoPasses(first, in_mirror, straight, mean_of(in_mirror, straight))


def _predict_closer(
    predict: Predict,
    images: Array,
    model: MorphableModel,
    so_far: Coefficients,
    given: GivenPoints | None,
    tilt_deg: float,
    mirror: bool,
) -> Coefficients:
    """Predict from a tighter crop with landmarks drawn; the pose is in the original crop."""
    xp = array_namespace(images)
    landmarks = landmarks68_image(model, so_far)
    change = closer(landmarks, tilt_deg, roll_rad(so_far.pose))
    points, drawn = _map_points(landmarks, given)
    pictures = warp_images(xp.astype(images, xp.float32, copy=False), change)
    maps = draw_landmark_map(transform_points(points, change), drawn)
    if mirror:
        closer_up = mirrored(model, predict(xp.flip(pictures, axis=-1), xp.flip(maps, axis=-1)))
    else:
        closer_up = predict(pictures, maps)
    return replace(closer_up, pose=transform_pose(closer_up.pose, change.inverse()))


def _map_points(landmarks: Array, given: GivenPoints | None) -> tuple[Array, Array | None]:
    """Points to draw, given or predicted: (B, 18, 2), and (B, 18) which; None for all."""
    points = map_points_from_68(landmarks)
    if given is None:
        return points, None
    xp = array_namespace(points)
    chosen = xp.any(given.drawn, axis=1)[:, None]
    return xp.where(chosen[..., None], given.points_crop, points), given.drawn | ~chosen


def mean_of(first: Coefficients, second: Coefficients) -> Coefficients:
    """Mean of two predictions for the same faces.

    For rotations the mean 6D vector is orthonormalised, for scales it is the geometric mean, for
    all else the arithmetic mean.
    """
    return unpack((pack(first) + pack(second)) / 2, first.identity.shape[1])
