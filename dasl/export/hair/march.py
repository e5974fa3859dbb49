"""Ray marching on a segmented image: how far each ray stays within the person's hair."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dasl.export.hair.camera import Camera, Floats
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.placed import Mask
from dasl.export.hair.rays import ray_field

_STEP_M, _REACH_M = 0.003, 0.21
_BEHIND_M = 0.004
_LOST_M = 0.012
"""A ray is lost if the point this far inside the fitted head is not labelled as person."""


@dataclass(frozen=True, eq=False)
class Marched:
    """Lengths of rays on an image, R rows and C columns.

    Attributes:
        most_m: (R, C) metres from the head over which the ray stays on hair or, where it runs
            behind the head, on the person.
        beside_m: (R, C) metres of that length on hair beside the head.
        lost: (R, C) bool, the length is unknown: the ray leaves the image, or the person's outline
            runs through the head.
        missed: (R, C) bool, the latter.
        starts_inside: (R, C) bool, the ray begins within the image.
    """

    most_m: Floats
    beside_m: Floats
    lost: Mask
    missed: Mask
    starts_inside: Mask


def march(base: Floats, labels: HairLabels, camera: Camera) -> Marched:
    """March along every ray outwards.

    Args:
        base: (R, C, 3) points where the rays leave the head, model frame, metres.
        labels: segmentation of an image.
        camera: camera of that image.
    """
    direction, shape = ray_field().direction, labels.hair.shape
    start, start_depth = camera.project(base)
    one_on, one_depth = camera.project(base + _STEP_M * direction)
    stride, depth_stride = one_on - start, one_depth - start_depth
    axis = (ray_field().origin @ camera.rotation.T)[..., 2]
    within, _ = camera.project(base - _LOST_M * direction)
    is_within = _inside(within, shape)
    missed = is_within & ~looked_up(labels.person, within)
    lost = missed | ~is_within
    starts_inside = _inside(start, shape)
    most, beside = np.zeros(base.shape[:2]), np.zeros(base.shape[:2])
    going = np.nonzero(np.ones(base.shape[:2], dtype=bool))
    for step in range(int(_REACH_M / _STEP_M)):
        at = start[going] + step * stride[going]
        depth = start_depth[going] + step * depth_stride[going]
        inside = _inside(at, shape)
        lost[going] |= ~inside
        surface, hair = looked_up(labels.depth, at), looked_up(labels.hair, at)
        is_beside = ~np.isfinite(surface)
        behind = depth < np.where(is_beside, axis[going], surface - _BEHIND_M)
        kept = inside & (hair | (behind & looked_up(labels.person, at)))
        going = tuple(number[kept] for number in going)
        most[going] = step * _STEP_M
        beside[going] += _STEP_M * (hair & is_beside)[kept]
    return Marched(most, beside, lost, missed, starts_inside)


def facing(points: Floats, camera: Camera) -> Floats:
    """Cosine between the normals of a surface on the ray field and the view direction.

    Args:
        points: (R, C, 3) model frame.
        camera: gives the view direction.

    Returns:
        (R, C); positive where the surface faces the viewer.
    """
    across = np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)
    normal = np.cross(np.gradient(points, axis=0), across)
    return (normal @ camera.rotation[2]) / np.linalg.norm(normal, axis=-1).clip(1e-9)


def looked_up(picture: npt.NDArray[Any], at: Floats) -> npt.NDArray[Any]:
    """Values of an image (H, W) at the pixels nearest to positions (..., 2)."""
    height, width = picture.shape
    column = np.rint(at[..., 0]).astype(int).clip(0, width - 1)
    row = np.rint(at[..., 1]).astype(int).clip(0, height - 1)
    return np.asarray(picture[row, column])


def _inside(at: Floats, shape: tuple[int, ...]) -> Mask:
    low = (at >= -0.5).all(axis=-1)
    return np.asarray(low & (at[..., 0] < shape[1] - 0.5) & (at[..., 1] < shape[0] - 0.5))
