"""Similarity transforms and flips of crops, with their points and poses.

Convention: integer coordinates are pixel centres, so the crop spans -0.5..119.5 and its centre is
(59.5, 59.5). `grid_sample` with `align_corners=False` has the same convention: its -1..1 are the
outer edges of the border pixels, normalised = (pixel - 59.5) / 60. A crop is sampled once.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE

CENTRE = (CROP_SIZE - 1) / 2
"""Centre of the crop in pixels; rotation and scaling are about it."""


@dataclass(frozen=True)
class Similarity:
    """For each of B samples an optional flip, rotation and scale about the centre, then a shift.

    Attributes:
        flip: (B,) bool, x to 119 - x, applied first.
        turn_rad: (B,) rotation from x to y in the image, clockwise as displayed.
        scale: (B,) positive; above 1 enlarges the face.
        shift: (B, 2) pixels.
    """

    flip: Tensor
    turn_rad: Tensor
    scale: Tensor
    shift: Tensor

    def inverse(self) -> "Similarity":
        """The inverse transform.

        Raises:
            ValueError: a sample is flipped; the inverse would need the flip last.
        """
        if bool(self.flip.any()):
            raise ValueError("a similarity with a flip has no inverse of this form")
        shift = -(self.turn.transpose(1, 2) @ self.shift[..., None])[..., 0] / self.scale[:, None]
        return Similarity(self.flip, -self.turn_rad, 1 / self.scale, shift)

    @property
    def turn(self) -> Tensor:
        """(B, 2, 2) rotation of image coordinates."""
        cos, sin = self.turn_rad.cos(), self.turn_rad.sin()
        return torch.stack((cos, -sin, sin, cos), dim=-1).view(-1, 2, 2)


def turned(turn_rad: Tensor) -> Similarity:
    """A pure rotation about the crop's centre by (B,) radians, clockwise."""
    zero = torch.zeros_like(turn_rad)
    flip, shift = zero.bool(), torch.stack((zero, zero), dim=1)
    return Similarity(flip, turn_rad, torch.ones_like(turn_rad), shift)


def roll_rad(pose: Pose) -> Tensor:
    """(B,) clockwise lean of the heads in the image, radians: the angle of their up direction."""
    return torch.atan2(pose.rotation[:, 0, 1], pose.rotation[:, 1, 1])


def warp_images(images: Tensor, similarity: Similarity, black: Tensor | None = None) -> Tensor:
    """Resample crops once, bilinearly.

    Args:
        images: (B, 3, 120, 120) float32.
        similarity: of B samples.
        black: (B,) bool, fills outside with black; False, and None for all, repeats the border
            pixel.

    Returns:
        (B, 3, 120, 120) float32.
    """
    inverse = similarity.turn.transpose(1, 2) / similarity.scale[:, None, None]
    offset = -(inverse @ (similarity.shift / (CROP_SIZE / 2))[..., None])
    theta = torch.cat((inverse, offset), dim=2)
    sign = 1.0 - 2.0 * similarity.flip.to(theta.dtype)
    theta = torch.cat((theta[:, :1] * sign[:, None, None], theta[:, 1:]), dim=1)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    warped = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    if black is None:
        return warped
    inside = (grid.abs() <= 1.0).all(dim=-1) | ~black[:, None, None]
    return warped * inside[:, None]


def mirrored_x(points: Tensor) -> Tensor:
    """Points (..., N, 2 or 3) of the crop after mirroring it; their order is unchanged."""
    return torch.cat((CROP_SIZE - 1 - points[..., :1], points[..., 1:]), dim=-1)


def transform_points(points: Tensor, similarity: Similarity) -> Tensor:
    """Apply the similarity to points.

    Args:
        points: (B, N, 2 or 3), crop frame; z, if any, is only scaled.
        similarity: of B samples.

    Returns:
        The same shape.
    """
    xy = points[..., :2]
    xy = torch.where(similarity.flip[:, None, None], mirrored_x(xy), xy) - CENTRE
    linear = similarity.turn * similarity.scale[:, None, None]
    xy = xy @ linear.transpose(1, 2) + CENTRE + similarity.shift[:, None]
    return torch.cat((xy, points[..., 2:] * similarity.scale[:, None, None]), dim=-1)


def mirrored_pose(pose: Pose) -> Pose:
    """The poses of mirrored heads on crops flipped left to right.

    Mirroring conjugates the rotation with diag(-1, 1, 1).

    Args:
        pose: of B heads, model to crop.
    """
    signs = pose.rotation.new_tensor([-1.0, 1.0, 1.0])
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
    flip = similarity.flip[:, None, None]
    rotation = torch.where(flip, mirrored_pose(pose).rotation, pose.rotation)
    about_z = torch.zeros_like(rotation)
    about_z[:, :2, :2] = similarity.turn.transpose(1, 2)
    about_z[:, 2, 2] = 1.0
    return Pose(
        rotation=about_z @ rotation,
        scale=pose.scale * similarity.scale,
        translation=transform_points(pose.translation[:, None], similarity)[:, 0],
    )
