"""Random geometry of a batch: one similarity and one flip, applied to pixels and labels alike.

Training crops have no margin, so what lies outside is filled: the border pixel repeated, or black.
Everything runs batched on the device that holds the data; what happens to a face depends on its own
draws alone, not on its batch.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from dasl.datasets.face_set import FaceSet
from dasl.geometry.similarity import Similarity, transform_points, transform_pose, warp_images
from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.training.augment.appearance import change_appearance, occlude
from dasl.training.augment.keyed_random import Draws
from dasl.training.config import AugmentConfig


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
