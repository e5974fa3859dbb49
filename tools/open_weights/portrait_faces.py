"""Portraits as training faces with heads fitted to MediaPipe's points, upright and turned."""

import dataclasses
from pathlib import Path

import torch

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.large_pose import LargePoseConfig, turn_faces, turnable
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.landmarks import AFLW_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.photo.load import load_photo
from tools.open_weights.portraits import fitted, landmarks68, names_of, observed

COEFFICIENT_WEIGHT = 0.05
"""Weight of the fits as 3D ground truth, as for other fitted faces."""


def portrait_faces(
    model: MorphableModel, root: Path, numbers: range, copies: int, seed: int
) -> FaceSet:
    """Repeat each portrait `copies` times, and as often with large-pose augmentation.

    Training augments the copies differently. Only `turnable` portraits are turned.
    """
    faces = labelled_portraits(model, root, numbers)
    upright = [_named(faces, f"-copy{copy}") for copy in range(copies)]
    rows = turnable(faces, LargePoseConfig())
    turned = [turn_faces(model, faces.select(rows), seed + copy) for copy in range(copies)]
    return concatenate([*upright, *turned])


def labelled_portraits(model: MorphableModel, root: Path, numbers: range) -> FaceSet:
    """Portraits in which a face was found, with ids portrait-NUMBER."""
    names = names_of(numbers)
    coefficients = fitted(model, observed(numbers)).coefficients
    images = []
    for name in names:
        box = square_crop_from_landmarks(landmarks68(name)[:, :2])
        images.append(cut_crop(load_photo(root / "portraits" / f"{name}.jpg"), box))
    count = len(names)
    return FaceSet(
        ids=tuple(f"portrait-{name}" for name in names),
        head_id=model.head_id,
        images=torch.stack([torch.from_numpy(image).permute(2, 0, 1) for image in images]),
        landmarks68_crop=landmarks68_image(model, coefficients),
        landmarks21_crop=torch.zeros(count, AFLW_POINTS, 2),
        visible21=torch.zeros(count, AFLW_POINTS, dtype=torch.bool),
        coefficients=coefficients,
        coefficient_weight=torch.full((count,), COEFFICIENT_WEIGHT),
        yaw_deg=euler_deg_from_rotation(coefficients.pose.rotation)[:, 0],
    )


def _named(faces: FaceSet, suffix: str) -> FaceSet:
    return dataclasses.replace(faces, ids=tuple(name + suffix for name in faces.ids))
