"""Conventions of landmarks: offsets of the picture and of the head, measured and removed."""

from pathlib import Path

import pytest
import torch

from dasl.arrays import like
from dasl.datasets.conventions import (
    DETECTED_OFFSET_PX,
    HAND_PLACED_OFFSET_PX,
    without_leaning,
    without_offsets,
)
from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.geometry.frames import IMAGE_AXES
from dasl.head.landmarks import MIRROR_68
from dasl.head.projection import landmarks68_image
from tests.dasl.invented_faces_2d import invented_faces_2d
from tests.dasl.tiny_model import random_coefficients, tiny_model
from tools.label_report import detected_offset


@pytest.fixture
def faces() -> Faces2d:
    return invented_faces_2d(6)


def test_the_aligners_offset_is_removed_in_x_and_y_only(faces: Faces2d) -> None:
    moved = without_offsets(faces).detected68_crop - faces.detected68_crop
    wanted = -torch.tensor([*DETECTED_OFFSET_PX, 0.0])
    torch.testing.assert_close(moved, wanted.expand_as(moved), rtol=0, atol=1e-4)


def test_the_hand_placed_points_move_only_where_asked_and_seen(faces: Faces2d) -> None:
    kept = without_offsets(faces, hand_placed=False).landmarks21_crop
    assert torch.equal(kept, faces.landmarks21_crop)
    moved = without_offsets(faces).landmarks21_crop - faces.landmarks21_crop
    seen = moved[faces.visible21]
    wanted = -torch.tensor(HAND_PLACED_OFFSET_PX).expand_as(seen)
    torch.testing.assert_close(seen, wanted, rtol=0, atol=1e-4)
    assert moved[~faces.visible21].abs().max() == 0


def test_what_leans_the_same_way_in_every_heads_own_frame_is_removed() -> None:
    model = tiny_model()
    many = random_coefficients(3000)
    detected = landmarks68_image(model, many)
    leaning = torch.randn(68, 3, generator=torch.Generator().manual_seed(0))
    leaning = (leaning + leaning[list(MIRROR_68)] * torch.tensor([-1.0, 1.0, 1.0])) / 2
    towards = like(IMAGE_AXES, leaning)[:, None] * many.pose.rotation
    offset = torch.einsum("nij,pj->npi", towards, leaning)
    moved = without_leaning(detected + offset, detected, model)
    left = moved - detected
    for part in (offset, left):
        part[..., 2] -= part[..., 2].mean(dim=1, keepdim=True)
    assert float(left[..., :2].norm(dim=-1).mean()) < 0.2 * float(
        offset[..., :2].norm(dim=-1).mean()
    )
    assert float(left[..., 2].abs().mean()) < 0.4 * float(offset[..., 2].abs().mean())
    flat = detected.clone()
    flat[..., 2] = torch.nan
    without = without_leaning(detected + offset, flat, model)
    assert torch.equal(without[..., 2], (detected + offset)[..., 2])
    torch.testing.assert_close(without[..., :2], moved[..., :2])


def test_a_few_faces_hardly_say_how_a_method_leans(faces: Faces2d) -> None:
    detected = faces.detected68_crop
    shifted = detected + torch.tensor([0.0, 3.0, 0.0])
    moved = without_leaning(shifted, detected, tiny_model())
    assert float((moved - shifted).abs().max()) < 0.3


def test_the_offset_is_that_of_the_real_training_faces(data_root: Path) -> None:
    offset = detected_offset(read_faces_2d(data_root, "train", 3000))
    shared = torch.tensor(DETECTED_OFFSET_PX) - torch.tensor(HAND_PLACED_OFFSET_PX)
    torch.testing.assert_close(offset, shared, rtol=0, atol=0.1)
