"""The network's two passes over a crop: the method's self-mapping, used at test time.

The first pass sees the crop with a blank landmark map. The landmarks that it finds are drawn into
the map for the second, which looks at the crop in a mirror and then, with the mean of what was
found so far in the map, as it is. Landmarks that somebody gave are drawn every time. The result is
the mean of the second pass's two looks. How far these and the first pass disagree says how far to
trust it (`dasl.confidence`): that needs no labels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dasl.coefficients import Coefficients, Pose, pack, unpack
from dasl.frames import image_from_model
from dasl.landmark_map import blank_map, draw_landmark_map, map_points_from_68
from dasl.morphable_model import MorphableModel

# Crops (B, 3, S, S) 0..255 and maps (B, 1, S, S) to coefficients whose pose is in crop pixels.
Predict = Callable[[Tensor, Tensor], Coefficients]


@dataclass(frozen=True, eq=False)
class GivenPoints:
    """Landmarks that somebody gave for some faces of a batch.

    Attributes:
        points_crop: (B, 18, 2) the map's points, crop pixels.
        drawn: (B, 18) bool; a face with none of them has its own landmarks drawn instead.
    """

    points_crop: Tensor
    drawn: Tensor


@dataclass(frozen=True, eq=False)
class TwoPasses:
    """What two passes found of B faces; poses are in crop pixels.

    Attributes:
        first: of the first pass.
        in_mirror: of the second pass's look in the mirror, as seen without it.
        straight: of its other look.
        result: mean of the second pass's two looks.
    """

    first: Coefficients
    in_mirror: Coefficients
    straight: Coefficients
    result: Coefficients


def two_passes(
    predict: Predict, images: Tensor, model: MorphableModel, given: GivenPoints | None = None
) -> TwoPasses:
    """Looks at each crop once without landmarks, and twice with.

    Args:
        predict: the network.
        images: (B, 3, S, S) uint8 or float, 0..255.
        model: the head model.
        given: landmarks to draw instead of the network's own.
    """
    blank = blank_map(len(images), images.device)
    first = predict(images, blank if given is None else _drawn(given))
    maps = _own_map(first, model, given)
    seen = predict(images.flip(-1), maps.flip(-1))
    in_mirror = mirrored(seen, model, images.shape[-1])
    if given is not None and bool(given.drawn.any(dim=1).all()):
        straight = first  # it saw the same map
    else:
        straight = predict(images, _own_map(mean_of(first, in_mirror), model, given))
    return TwoPasses(first, in_mirror, straight, mean_of(in_mirror, straight))


def _drawn(given: GivenPoints) -> Tensor:
    return draw_landmark_map(given.points_crop, given.drawn)


def _own_map(found: Coefficients, model: MorphableModel, given: GivenPoints | None) -> Tensor:
    """(B, 1, S, S) of the landmarks found, or of those given where a face has any."""
    points = map_points_from_68(landmarks_crop(found, model))
    if given is None:
        return draw_landmark_map(points)
    chosen = given.drawn.any(dim=1)[:, None]
    points = torch.where(chosen[..., None], given.points_crop, points)
    return draw_landmark_map(points, given.drawn | ~chosen)


def landmarks_crop(found: Coefficients, model: MorphableModel) -> Tensor:
    """The 68 landmarks where the pose puts them: (B, 68, 3)."""
    return image_from_model(model.landmarks68(found.identity, found.expression), found.pose)


def mirrored(found: Coefficients, model: MorphableModel, width: int) -> Coefficients:
    """The same faces on a picture flipped left to right.

    Args:
        found: pose in pixels of a picture of this width.
        model: knows how identity and expression look in a mirror.
        width: pixels; column x goes to width - 1 - x.
    """
    pose = found.pose
    signs = torch.tensor([-1.0, 1.0, 1.0]).to(pose.rotation)
    x, y = pose.translation.unbind(dim=1)
    return Coefficients(
        pose=Pose(
            rotation=pose.rotation * signs[:, None] * signs,
            scale=pose.scale,
            translation=torch.stack([width - 1 - x, y], dim=1),
        ),
        identity=found.identity * model.identity_mirror_sign,
        expression=found.expression[:, model.mirror_expression],
    )


def mean_of(first: Coefficients, second: Coefficients) -> Coefficients:
    """Mean of two answers about the same faces.

    Rotations take the nearest rotation, scales the geometric mean, the rest plainly the mean.
    """
    return unpack((pack(first) + pack(second)) / 2, first.identity.shape[1])
