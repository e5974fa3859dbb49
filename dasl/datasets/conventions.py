"""Where a landmark lies by convention: offsets of the picture, and of each landmark in the head.

Two methods that both work put a point at slightly different places, on average over faces. Labels
from several sources are joined only after such differences are measured and removed.
"""

from dataclasses import replace

import torch
from torch import Tensor

from dasl.arrays import like
from dasl.datasets.face_rows import Faces2d
from dasl.geometry.frames import IMAGE_AXES
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.landmarks import MIRROR_68
from dasl.head.morphable_model import MorphableModel

# Where the points of faces_2d lie relative to what the picture shows, x and y, crop pixels. Their
# difference is the mean over the training split at eyes, nose tip and mouth, and is printed by
# `python -m tools.label_report`. How it is shared out was seen in x, where a network that looks
# both ways round the picture cannot learn an offset: docs/training_log.md, "Third session".
DETECTED_OFFSET_PX = (-0.18, -0.17)
HAND_PLACED_OFFSET_PX = (0.40, 0.40)
LEANING_PRIOR_FACES = 200.0
"""Faces that lean in no direction, added when leaning is measured: a few faces say little."""
LEANING_LARGEST_PX = 8.0
"""Faces on which two methods differ by more (mean over 68 landmarks) say nothing of conventions."""


def without_offsets(faces: Faces2d, hand_placed: bool = True) -> Faces2d:
    """Faces of faces_2d with their points where the picture shows them.

    Args:
        faces: as read.
        hand_placed: False leaves the hand-placed points as they are, by which validation measures.
    """
    detected = faces.detected68_crop.clone()
    detected[..., :2] -= torch.tensor(DETECTED_OFFSET_PX)
    placed = faces.landmarks21_crop
    if hand_placed:
        moved = placed - torch.tensor(HAND_PLACED_OFFSET_PX)
        placed = torch.where(faces.visible21[..., None], moved, placed)
    return replace(faces, detected68_crop=detected, landmarks21_crop=placed)


def without_leaning(
    landmarks68_crop: Tensor, detected68_crop: Tensor, model: MorphableModel
) -> Tensor:
    """A method's landmarks in the detected ones' convention: (N, 68, 3) crop pixels.

    Where a landmark lies on average is a convention: how wide a jaw line is drawn, how far out a
    mouth's corner, how high a nose's bridge. What a head model or a network has of its own there is
    estimated as one offset of each landmark in the head's frame, least squares over all faces, and
    removed; from x and y for x and y, and from depth, where it is detected, for depth.

    Args:
        landmarks68_crop: (N, 68, 3).
        detected68_crop: (N, 68, 3) of the same faces; a face's depths may be NaN.
        model: its mean head gives the rotation of each face.
    """
    mean = like(model.landmarks68_of(model.mean_vertices), detected68_crop)[None]
    pose = weak_perspective_pose(mean, detected68_crop, torch.ones(detected68_crop.shape[:2]))
    towards = like(IMAGE_AXES, detected68_crop)[:, None] * pose.rotation
    difference = landmarks68_crop - detected68_crop
    difference[..., 2] -= difference[..., 2].mean(dim=1, keepdim=True)
    alike = difference[..., :2].norm(dim=-1).mean(dim=1) < LEANING_LARGEST_PX
    moved = landmarks68_crop.clone()
    for axes in (slice(0, 2), slice(2, 3)):
        known = alike & difference[..., axes].isfinite().all(dim=(1, 2))
        offsets = _leaning(towards[known, axes], difference[known][..., axes])
        moved[..., axes] -= torch.einsum("nij,pj->npi", towards[:, axes], offsets)
    return moved


def _leaning(towards: Tensor, difference: Tensor) -> Tensor:
    """(68, 3) the offsets, alike left and right, that explain a difference (N, 68, A) best.

    Args:
        towards: (N, A, 3) the rotation's rows of these A axes.
        difference: crop pixels.
    """
    normal = torch.einsum("nij,nik->jk", towards, towards) + LEANING_PRIOR_FACES * torch.eye(3)
    right = torch.einsum("nij,npi->pj", towards, difference)
    offsets = torch.linalg.solve(normal, right.T).T
    return (offsets + offsets[list(MIRROR_68)] * torch.tensor([-1.0, 1.0, 1.0])) / 2
