"""Turning, scaling, shifting and mirroring crops, with the points and poses on them.

Convention: integer coordinates are pixel centres, so the crop spans -0.5..119.5 and its centre is
(59.5, 59.5). A crop is sampled once.
"""

from dataclasses import dataclass

import numpy as np

from dasl.arrays import Array, array_namespace, like
from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.resample import bilinear

CENTRE = (CROP_SIZE - 1) / 2
"""Centre of the crop in pixels; the similarity turns and scales about it."""


@dataclass(frozen=True)
class Similarity:
    """For each of B samples a flip or not, then turn and scale about the centre, then a shift.

    Attributes:
        flip: (B,) bool, x to 119 - x, before the rest.
        turn_rad: (B,) in the image, from x to y: clockwise as one sees it.
        scale: (B,) positive; above 1 enlarges the face.
        shift: (B, 2) pixels.
    """

    flip: Array
    turn_rad: Array
    scale: Array
    shift: Array

    def inverse(self) -> "Similarity":
        """What undoes it.

        Raises:
            ValueError: a sample is flipped, which is not undone by a flip before the rest.
        """
        if bool(array_namespace(self.flip).any(self.flip)):
            raise ValueError("a similarity with a flip has no inverse of this form")
        shift = -(self.turn.mT @ self.shift[..., None])[..., 0] / self.scale[:, None]
        return Similarity(self.flip, -self.turn_rad, 1 / self.scale, shift)

    @property
    def turn(self) -> Array:
        """(B, 2, 2) rotation of image coordinates."""
        xp = array_namespace(self.turn_rad)
        cos, sin = xp.cos(self.turn_rad), xp.sin(self.turn_rad)
        return xp.reshape(xp.stack((cos, -sin, sin, cos), axis=-1), (-1, 2, 2))


def turned(turn_rad: Array) -> Similarity:
    """A turn about the crop's centre and nothing else, of (B,) angles, clockwise."""
    xp = array_namespace(turn_rad)
    zero = xp.zeros_like(turn_rad)
    flip, shift = xp.zeros_like(turn_rad, dtype=xp.bool), xp.stack((zero, zero), axis=1)
    return Similarity(flip, turn_rad, xp.ones_like(turn_rad), shift)


def roll_rad(pose: Pose) -> Array:
    """(B,) by how much heads lean clockwise on the picture: the angle of their up direction."""
    xp = array_namespace(pose.rotation)
    return xp.atan2(pose.rotation[:, 0, 1], pose.rotation[:, 1, 1])


def warp_images(images: Array, similarity: Similarity, black: Array | None = None) -> Array:
    """Resample crops once, bilinearly.

    Args:
        images: (B, 3, 120, 120) float32.
        similarity: of B samples.
        black: (B,) bool, fill outside with black; otherwise, and by default, the border pixel is
            repeated.

    Returns:
        (B, 3, 120, 120) float32.
    """
    xp = array_namespace(images)
    pixels = like(np.stack(np.meshgrid(*[np.arange(CROP_SIZE) - CENTRE] * 2), axis=-1), images)
    moved = xp.reshape(pixels, (-1, 2)) - similarity.shift[:, None]
    source = moved @ similarity.turn / similarity.scale[:, None, None] + CENTRE
    source = xp.where(similarity.flip[:, None, None], mirrored_x(source), source)
    warped = bilinear(images, xp.reshape(source, (-1, CROP_SIZE, CROP_SIZE, 2)))
    if black is None:
        return warped
    is_inside = xp.all(xp.abs(source - CENTRE) <= CROP_SIZE / 2, axis=-1) | ~black[:, None]
    return warped * xp.reshape(is_inside, (-1, 1, CROP_SIZE, CROP_SIZE))


def mirrored_x(points: Array) -> Array:
    """Points (..., N, 2 or 3) of the crop in its mirror image; their names stay what they were."""
    x, others = points[..., :1], points[..., 1:]
    return array_namespace(points).concat((CROP_SIZE - 1 - x, others), axis=-1)


def transform_points(points: Array, similarity: Similarity) -> Array:
    """Move points with the pixels they lie on.

    Args:
        points: (B, N, 2 or 3), crop frame; z, if any, takes the scale alone.
        similarity: of B samples.

    Returns:
        The same shape.
    """
    xp = array_namespace(points)
    xy = points[..., :2]
    xy = xp.where(similarity.flip[:, None, None], mirrored_x(xy), xy) - CENTRE
    linear = similarity.turn * similarity.scale[:, None, None]
    xy = xy @ linear.mT + CENTRE + similarity.shift[:, None]
    return xp.concat((xy, points[..., 2:] * similarity.scale[:, None, None]), axis=-1)


def mirrored_pose(pose: Pose) -> Pose:
    """The poses that put mirrored heads on crops flipped left to right.

    The mirror conjugates the rotation with diag(-1, 1, 1).

    Args:
        pose: of B heads, model to crop.
    """
    signs = like([-1.0, 1.0, 1.0], pose.rotation)
    return Pose(
        rotation=pose.rotation * signs[:, None] * signs,
        scale=pose.scale,
        translation=mirrored_x(pose.translation),
    )


def transform_pose(pose: Pose, similarity: Similarity) -> Pose:
    """The pose that puts the (mirrored, where flipped) head where the pixels went.

    A flip is that of `mirrored_pose`. A turn in the image (y down) by an angle is one about the
    view's z axis (y up) by minus that angle.

    Args:
        pose: of B heads, model to crop.
        similarity: of B samples.
    """
    xp = array_namespace(pose.rotation)
    flip = similarity.flip[:, None, None]
    rotation = xp.where(flip, mirrored_pose(pose).rotation, pose.rotation)
    turned_rows = similarity.turn.mT @ rotation[:, :2]
    return Pose(
        rotation=xp.concat((turned_rows, rotation[:, 2:]), axis=1),
        scale=pose.scale * similarity.scale,
        translation=transform_points(pose.translation[:, None], similarity)[:, 0],
    )
