"""Random geometry of a batch: one similarity and one flip, applied to pixels and labels alike.

Convention: integer coordinates are pixel centres, so the crop spans -0.5..119.5 and its centre is
(59.5, 59.5). `grid_sample` with `align_corners=False` has the same convention, its -1..1 being the
outer edges of the border pixels: normalised = (pixel - 59.5) / 60. A crop is sampled once.

Training crops have no margin, so what lies outside is filled: the border pixel repeated, or black.
Everything runs batched on the device that holds the data; what happens to a face depends on its own
draws alone, not on its batch.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from dasl.coefficients import Pose
from dasl.crop import CROP_SIZE
from dasl.training.appearance import change_appearance, occlude
from dasl.training.config import AugmentConfig
from dasl.training.face_set import FaceSet
from dasl.training.random_draws import Draws

CENTRE = (CROP_SIZE - 1) / 2
"""Centre of the crop in pixels; the similarity turns and scales about it."""


def _mirror_partners(count: int, pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    partners = list(range(count))
    for left, right in pairs:
        partners[left], partners[right] = right, left
    return tuple(partners)


MIRROR_68 = _mirror_partners(
    68,
    [(i, 16 - i) for i in range(8)]  # jaw line
    + [(i, 43 - i) for i in range(17, 22)]  # brows
    + [(31, 35), (32, 34)]
    + [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    + [(48, 54), (49, 53), (50, 52), (55, 59), (56, 58)]
    + [(60, 64), (61, 63), (65, 67)],
)
"""Left/right partner of each of the 68 landmarks (iBUG order)."""

MIRROR_21 = _mirror_partners(
    21,
    [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9), (12, 16), (13, 15), (17, 19)],
)
"""Left/right partner of each of AFLW's 21 landmarks."""


@dataclass(frozen=True)
class Mirror:
    """How coefficients change when a head is mirrored.

    Attributes:
        identity_sign: (K,) float, +1 for a component symmetric left to right, -1 otherwise.
        expression_partner: (E,) int64, index of the expression on the other side.
    """

    identity_sign: Tensor
    expression_partner: Tensor

    def to(self, device: torch.device | str) -> Self:
        """The same on another device."""
        return dataclasses.replace(
            self,
            identity_sign=self.identity_sign.to(device),
            expression_partner=self.expression_partner.to(device),
        )


@dataclass(frozen=True)
class Similarity:
    """For each of B samples a flip or not, then turn and scale about the centre, then a shift.

    Attributes:
        flip: (B,) bool, x to 119 - x, before the rest.
        turn_rad: (B,) in the image, from x to y: clockwise as one sees it.
        scale: (B,) positive; above 1 enlarges the face.
        shift: (B, 2) pixels.
    """

    flip: Tensor
    turn_rad: Tensor
    scale: Tensor
    shift: Tensor

    @property
    def turn(self) -> Tensor:
        """(B, 2, 2) rotation of image coordinates."""
        cos, sin = self.turn_rad.cos(), self.turn_rad.sin()
        return torch.stack((cos, -sin, sin, cos), dim=-1).view(-1, 2, 2)


def augment(
    faces: FaceSet, others: Tensor, config: AugmentConfig, mirror: Mirror, draws: Draws
) -> FaceSet:
    """Everything at once: geometry, occluders, then appearance.

    Args:
        faces: B faces; not modified.
        others: (B, 3, 120, 120) pictures that occluders are cut out of.
        config: how much of what.
        mirror: of the head model that made the labels.
        draws: of the B faces.

    Returns:
        B faces with float32 images in 0..255 and labels that fit them.
    """
    similarity = draw_similarity(config, draws)
    black = draws.chance("black border", config.black_border_share)
    images = warp_images(faces.images.float(), similarity, black)
    images = occlude(images, others, config, draws)
    images = change_appearance(images, config, draws)
    return dataclasses.replace(transform_labels(faces, similarity, mirror), images=images)


def draw_similarity(config: AugmentConfig, draws: Draws) -> Similarity:
    """Draw a similarity for each of B faces."""
    most = math.radians(config.rotation_max_deg)
    turn = draws.normal("turn") * math.radians(config.rotation_sigma_deg)
    tail = draws.chance("any turn", config.rotation_uniform_share)
    turn = torch.where(
        tail, draws.uniform("turn in tail", (), -most, most), turn.clamp(-most, most)
    )
    low, high = (math.log(value) for value in config.scale)
    return Similarity(
        flip=draws.chance("flip", config.flip),
        turn_rad=turn,
        scale=draws.uniform("scale", (), low, high).exp(),
        shift=draws.uniform("shift", (2,), -config.shift_px, config.shift_px),
    )


def warp_images(images: Tensor, similarity: Similarity, black: Tensor) -> Tensor:
    """Resample crops once, bilinearly.

    Args:
        images: (B, 3, 120, 120) float32.
        similarity: of B samples.
        black: (B,) bool, fill outside with black; otherwise the border pixel is repeated.

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
    inside = (grid.abs() <= 1.0).all(dim=-1) | ~black[:, None, None]
    return warped * inside[:, None]


def mirrored_x(points: Tensor) -> Tensor:
    """Points (..., N, 2 or 3) of the crop in its mirror image; their names stay what they were."""
    return torch.cat((CROP_SIZE - 1 - points[..., :1], points[..., 1:]), dim=-1)


def transform_points(points: Tensor, similarity: Similarity) -> Tensor:
    """Move points with the pixels they lie on.

    Args:
        points: (B, N, 2 or 3), crop frame; z, if any, takes the scale alone.
        similarity: of B samples.

    Returns:
        The same shape.
    """
    xy = points[..., :2]
    xy = torch.where(similarity.flip[:, None, None], mirrored_x(xy), xy) - CENTRE
    linear = similarity.turn * similarity.scale[:, None, None]
    xy = xy @ linear.transpose(1, 2) + CENTRE + similarity.shift[:, None]
    return torch.cat((xy, points[..., 2:] * similarity.scale[:, None, None]), dim=-1)


def transform_pose(pose: Pose, similarity: Similarity) -> Pose:
    """The pose that puts the (mirrored, where flipped) head where the pixels went.

    A flip conjugates the rotation with diag(-1, 1, 1). A turn in the image (y down) by an angle
    is one about the view's z axis (y up) by minus that angle.

    Args:
        pose: of B heads, model to crop.
        similarity: of B samples.
    """
    sign = 1.0 - 2.0 * similarity.flip.to(pose.rotation.dtype)
    one = torch.ones_like(sign)
    diagonal = torch.stack((sign, one, one), dim=-1)
    rotation = diagonal[:, :, None] * pose.rotation * diagonal[:, None, :]
    about_z = torch.zeros_like(rotation)
    about_z[:, :2, :2] = similarity.turn.transpose(1, 2)
    about_z[:, 2, 2] = 1.0
    return Pose(
        rotation=about_z @ rotation,
        scale=pose.scale * similarity.scale,
        translation=transform_points(pose.translation[:, None], similarity)[:, 0],
    )


def transform_labels(faces: FaceSet, similarity: Similarity, mirror: Mirror) -> FaceSet:
    """Labels after the similarity; where flipped, left and right change names.

    Args:
        faces: B faces; images are left as they are.
        similarity: of B samples.
        mirror: how coefficients change under a flip.
    """
    flip = similarity.flip[:, None]
    points68 = transform_points(faces.landmarks68_crop, similarity)
    points21 = transform_points(faces.landmarks21_crop, similarity)
    partner68, partner21 = list(MIRROR_68), list(MIRROR_21)
    pose = transform_pose(faces.pose, similarity)
    return dataclasses.replace(
        faces,
        landmarks68_crop=torch.where(flip[..., None], points68[:, partner68], points68),
        landmarks21_crop=torch.where(flip[..., None], points21[:, partner21], points21),
        visible21=torch.where(flip, faces.visible21[:, partner21], faces.visible21),
        rotation=pose.rotation,
        scale=pose.scale,
        translation=pose.translation,
        identity=torch.where(flip, faces.identity * mirror.identity_sign, faces.identity),
        expression=torch.where(
            flip, faces.expression[:, mirror.expression_partner], faces.expression
        ),
        yaw_deg=torch.where(similarity.flip, -faces.yaw_deg, faces.yaw_deg),
    )
