"""Similarity transforms and flips of crops, with their points and poses.

Convention: integer coordinates are pixel centres, so the crop spans -0.5..119.5 and its centre is
(59.5, 59.5). A crop is sampled once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dasl.arrays import Array, array_namespace, like
from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.resample import affine, affine_places, bilinear

CENTRE = (CROP_SIZE - 1) / 2
"""Centre of the crop in pixels; rotation and scaling are about it."""

_MIRROR = np.array([-1.0, 1.0, 1.0], dtype=np.float32)  # of x, y and z


@dataclass(frozen=True)
class Similarity:
    """For each of B samples an optional flip, rotation and scale about the centre, then a shift.

    Attributes:
        flip: (B,) bool, x to 119 - x, applied first.
        turn_rad: (B,) rotation from x to y in the image, clockwise as displayed.
        scale: (B,) positive; above 1 enlarges the face.
        shift: (B, 2) pixels.
    """

    flip: Array
    turn_rad: Array
    scale: Array
    shift: Array

    def inverse(self) -> "Similarity":
        """The inverse transform.

        Raises:
            ValueError: a sample is flipped; the inverse would need the flip last.
        """
        if bool(array_namespace(self.flip).any(self.flip)):
            raise ValueError("a similarity with a flip has no inverse of this form")
        shift = -(self.turn.mT @ self.shift[..., None])[..., 0] / self.scale[:, None]
        return Similarity(self.flip, -self.turn_rad, 1 / self.scale, shift)

    @cached_property
    def turn(self) -> Array:
        """(B, 2, 2) rotation of image coordinates."""
        xp = array_namespace(self.turn_rad)
        cos, sin = xp.cos(self.turn_rad), xp.sin(self.turn_rad)
        return xp.reshape(xp.stack((cos, -sin, sin, cos), axis=-1), (-1, 2, 2))

    @cached_property
    def linear(self) -> Array:
        """(B, 2, 2) all but the shift, for column vectors from the centre."""
        return self.turn * (self.scale[:, None] * self.signs(2))[:, None]

    def signs(self, axes: int) -> Array:
        """(B, axes) of 1; -1 on the x axis of flipped samples."""
        xp = array_namespace(self.flip)
        return xp.where(self.flip[:, None], like(_MIRROR[:axes], self.scale), 1.0)


def turned(turn_rad: Array) -> Similarity:
    """A pure rotation about the crop's centre by (B,) radians, clockwise."""
    xp = array_namespace(turn_rad)
    zero = xp.zeros_like(turn_rad)
    flip, shift = xp.zeros_like(turn_rad, dtype=xp.bool), xp.stack((zero, zero), axis=1)
    return Similarity(flip, turn_rad, xp.ones_like(turn_rad), shift)


def roll_rad(pose: Pose) -> Array:
    """(B,) clockwise lean of the heads in the image, radians: the angle of their up direction."""
    xp = array_namespace(pose.rotation)
    return xp.atan2(pose.rotation[:, 0, 1], pose.rotation[:, 1, 1])


def warp_images(images: Array, similarity: Similarity, black: Array | None = None) -> Array:
    """Resample crops once, bilinearly.

    Args:
        images: (B, 3, 120, 120) float32.
        similarity: of B samples.
        black: (B,) bool, fills outside with black; False, and None for all, repeats the border
            pixel.

    Returns:
        (B, 3, 120, 120) float32.
    """
    xp = array_namespace(images)
    inverse = similarity.linear.mT / (similarity.scale**2)[:, None, None]
    offset = CENTRE - (inverse @ (similarity.shift + CENTRE)[..., None])[..., 0]
    if black is None:
        return affine(images, inverse, offset, CROP_SIZE)
    source = affine_places(inverse, offset, CROP_SIZE)
    warped = bilinear(images, source)
    is_inside = xp.all(xp.abs(source - CENTRE) <= CROP_SIZE / 2, axis=-1) | ~black[:, None, None]
    return warped * is_inside[:, None]


def mirrored_x(points: Array) -> Array:
    """Points (..., N, 2 or 3) of the crop after mirroring it; their order is unchanged."""
    x, others = points[..., :1], points[..., 1:]
    return array_namespace(points).concat((CROP_SIZE - 1 - x, others), axis=-1)


def transform_points(points: Array, similarity: Similarity) -> Array:
    """Apply the similarity to points.

    Args:
        points: (B, N, 2 or 3), crop frame; z, if any, is only scaled.
        similarity: of B samples.

    Returns:
        The same shape.
    """
    xp = array_namespace(points)
    xy = (points[..., :2] - CENTRE) @ similarity.linear.mT + (CENTRE + similarity.shift[:, None])
    if points.shape[-1] == 2:
        return xy
    return xp.concat((xy, points[..., 2:] * similarity.scale[:, None, None]), axis=-1)


def mirrored_pose(pose: Pose) -> Pose:
    """The poses of mirrored heads on crops flipped left to right.

    Mirroring conjugates the rotation with diag(-1, 1, 1).

    Args:
        pose: of B heads, model to crop.
    """
    signs = like(_MIRROR, pose.rotation)
    return Pose(
        rotation=pose.rotation * signs[:, None] * signs,
        scale=pose.scale,
        translation=mirrored_x(pose.translation),
    )


def transform_pose(pose: Pose, similarity: Similarity) -> Pose:
    """The pose of the head, mirrored if flipped, on the transformed crop.

    A flip is that of `mirrored_pose`. A rotation in the image (y down) by an angle is one about the
    view's z axis (y up) by minus that angle.

    Args:
        pose: of B heads, model to crop.
        similarity: of B samples.
    """
    xp = array_namespace(pose.rotation)
    signs = similarity.signs(3)
    rotation = pose.rotation * signs[:, :, None] * signs[:, None]
    turned_rows = similarity.turn.mT @ rotation[:, :2]
    return Pose(
        rotation=xp.concat((turned_rows, rotation[:, 2:]), axis=1),
        scale=pose.scale * similarity.scale,
        translation=transform_points(pose.translation[:, None], similarity)[:, 0],
    )
