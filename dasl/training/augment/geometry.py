"""Geometric augmentation of a batch: a similarity and a flip, applied to pixels and labels.

Training crops have no margin, so pixels outside are filled with the border pixel or black.
Everything runs batched on the data's device. The augmentation of a face depends only on its own
draws, not on its batch.
"""

import dataclasses
import math

import torch
from torch import Tensor

from dasl.datasets.face_set import FaceSet
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.similarity import Similarity, transform_points, transform_pose, warp_images
from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.head.mirror import mirrored
from dasl.head.morphable_model import MorphableModel
from dasl.training.augment.appearance import change_appearance, occlude
from dasl.training.augment.keyed_random import Draws
from dasl.training.config import AugmentConfig


def augment(
    faces: FaceSet, others: Tensor, config: AugmentConfig, model: MorphableModel, draws: Draws
) -> FaceSet:
    """The whole augmentation: geometry, occluders, then appearance.

    Args:
        faces: B faces; not modified.
        others: (B, 3, 120, 120) pictures to cut occluders from.
        config: shares and sizes of the changes.
        model: the head model that made the labels, on the faces' device.
        draws: of the B faces.

    Returns:
        B faces with float32 images in 0..255 and labels that fit them.
    """
    similarity = draw_similarity(config, draws)
    black = draws.chance("black border", config.black_border_share)
    images = warp_images(faces.images.float(), similarity, black)
    images = occlude(images, others, config, draws)
    images = change_appearance(images, config, draws)
    return dataclasses.replace(transform_labels(faces, similarity, model), images=images)


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


def transform_labels(faces: FaceSet, similarity: Similarity, model: MorphableModel) -> FaceSet:
    """Labels after the similarity; flipped faces have left and right labels exchanged.

    Args:
        faces: B faces; images are left unchanged.
        similarity: of B samples.
        model: the head model that made the labels.
    """
    flip = similarity.flip[:, None]
    points68 = transform_points(faces.landmarks68_crop, similarity)
    points21 = transform_points(faces.landmarks21_crop, similarity)
    partner68, partner21 = list(MIRROR_68), list(MIRROR_21)
    labels, flipped = faces.coefficients, mirrored(model, faces.coefficients)
    return dataclasses.replace(
        faces,
        landmarks68_crop=torch.where(flip[..., None], points68[:, partner68], points68),
        landmarks21_crop=torch.where(flip[..., None], points21[:, partner21], points21),
        visible21=torch.where(flip, faces.visible21[:, partner21], faces.visible21),
        coefficients=Coefficients(
            pose=transform_pose(labels.pose, similarity),
            identity=torch.where(flip, flipped.identity, labels.identity),
            expression=torch.where(flip, flipped.expression, labels.expression),
        ),
        yaw_deg=torch.where(similarity.flip, -faces.yaw_deg, faces.yaw_deg),
    )
