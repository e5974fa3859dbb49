"""Landmarks move to where labels have them: known offsets come back."""

import numpy as np
import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.fitting import Observations
from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.head.morphable_model import MorphableModel
from tools.place_landmarks import (
    INNER_LIP_GAP,
    finished,
    landmark_normals,
    mean_offsets,
    move_landmarks,
)

# Landmarks that labels have 4 mm higher: the outer corners of the brows, a symmetric pair.
MOVED = (17, 26)
OFFSET = torch.tensor([0.0, 0.004, 0.0])


def _observations(model: MorphableModel, count: int) -> Observations:
    """Random faces whose landmarks MOVED were labelled off by OFFSET."""
    generator = torch.Generator().manual_seed(0)
    angles = torch.tensor([30.0, 10, 10]) * torch.randn(count, 3, generator=generator)
    pose = Pose(
        rotation_from_euler_deg(angles), torch.full((count,), 450.0), torch.full((count, 2), 60.0)
    )
    identity = 0.7 * torch.randn(count, model.identity_count, generator=generator)
    actual = Coefficients(pose, identity, torch.zeros(count, model.expression_count))
    shape = (actual.identity, actual.expression)
    points = torch.cat([model.landmarks68(*shape), model.landmarks21(*shape)], dim=1)
    points[:, list(MOVED)] += OFFSET
    image = image_from_model(points, pose)
    return Observations(image, torch.ones_like(image))


def test_a_common_offset_of_a_landmark_is_found_and_others_stay() -> None:
    model = MorphableModel.load()
    offsets = mean_offsets(model, _observations(model, 40))
    assert offsets.shape == (89, 3)
    moved = offsets[list(MOVED)]
    assert float((moved - OFFSET).norm(dim=1).max()) < 0.002
    still = torch.ones(89, dtype=torch.bool)
    still[list(MOVED)] = False
    assert float(offsets[still].norm(dim=1).mean()) < 0.0005


def test_no_landmark_is_asked_to_leave_the_surface() -> None:
    """Seen mostly from ahead, a bridge that looks too low could also stand out too little."""
    model = MorphableModel.load()
    offsets = mean_offsets(model, _observations(model, 40))
    normals = landmark_normals(model)
    torch.testing.assert_close(normals.norm(dim=1), torch.ones(89))
    nose_tip, back = normals[30], normals.new_tensor([0.0, 0.0, -1.0])
    assert float(nose_tip @ back) < -0.5
    across = (offsets * normals).sum(dim=1).abs()
    assert float(across.max()) < 1e-4
    assert float(offsets[list(MOVED)].norm(dim=1).min()) > 0.002


def test_offsets_are_symmetric() -> None:
    model = MorphableModel.load()
    offsets = mean_offsets(model, _observations(model, 5))
    mirror = [*MIRROR_68, *(68 + row for row in MIRROR_21)]
    mirrored = offsets[mirror] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(mirrored, offsets)


def test_moved_landmarks_lie_where_they_were_moved_and_on_the_surface() -> None:
    model = MorphableModel.load()
    offsets = torch.zeros(89, 3)
    offsets[list(MOVED)] = OFFSET
    changed = move_landmarks(model, offsets)
    neutral = torch.zeros(1, model.identity_count), torch.zeros(1, model.expression_count)
    actual = changed.landmarks68(*neutral)[0] - model.landmarks68(*neutral)[0]
    along_y = actual[list(MOVED), 1]
    assert ((along_y > 0.003) & (along_y < 0.0045)).all()
    still = [row for row in range(68) if row not in MOVED]
    assert float(actual[still].norm(dim=1).max()) < 2e-4


def test_finished_positions_are_mirror_images_with_nearly_closed_lips() -> None:
    random = np.random.default_rng(0)
    ibug68, aflw21 = random.normal(size=(68, 3)), random.normal(size=(21, 3))
    kept = finished(ibug68, aflw21)
    for points, mirror in ((kept["ibug68"], MIRROR_68), (kept["aflw21"], MIRROR_21)):
        np.testing.assert_allclose(points[list(mirror)] * [-1, 1, 1], points, atol=1e-12)
    nose = kept["ibug68"][27:31]
    np.testing.assert_allclose(nose, ibug68[27:31] * [0, 1, 1])
    gap = ibug68[62] - ibug68[66]
    np.testing.assert_allclose(
        kept["ibug68"][62] - kept["ibug68"][66], INNER_LIP_GAP * gap * [0, 1, 1]
    )
