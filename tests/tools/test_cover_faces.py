"""Faces under covers: what counts as covered, batches to learn from."""

import numpy as np
import pytest
import torch

from dasl.datasets.face_rows import Faces2d
from dasl.network.cover_network import SIDE
from tests.dasl.tiny_model import invented_faces
from tools import cover_faces
from tools.cover_faces import batches, lean_of, real_covers
from tools.covers import FILLS, MEASURED_FILLS, is_covered, under_cover


@pytest.fixture
def faces() -> Faces2d:
    packed = invented_faces(5)
    return Faces2d(
        packed.ids,
        packed.images,
        packed.landmarks21_crop,
        torch.ones(5, 21, dtype=torch.bool),
        packed.landmarks68_crop,
        torch.tensor([0.0, 0.0, 80.0, 80.0, 10.0]),
    )


def test_what_nobody_could_mark_on_a_facing_face_is_covered(faces):
    faces.visible21[0, 6:12] = False  # no eye, facing: dark glasses
    faces.visible21[1, 6:9] = False  # one eye, facing: some hair
    faces.visible21[2, 6:9] = False  # one eye, in profile: on the far side
    faces.visible21[3, 6:12] = False  # no eye, in profile
    faces.visible21[4, 17:20] = False  # no mouth
    nan = np.nan
    expected = [[1.0, 0.0], [nan, 0.0], [0.0, 0.0], [nan, 0.0], [0.0, 1.0]]
    np.testing.assert_array_equal(real_covers(faces), np.array(expected, np.float32))


def test_a_region_is_covered_when_most_of_it_is():
    mask = np.zeros((120, 120), np.float32)
    mask[:, :60] = 1.0
    points = np.array([[10.0, 50.0]] * 8 + [[100.0, 50.0]] * 2)
    assert is_covered(mask, points) == 1.0
    assert is_covered(mask, points[6:10]) != is_covered(mask, points[6:10])  # NaN: half of it
    assert is_covered(mask, points[8:]) == 0.0


def test_batches_have_both_kinds_of_faces_and_the_same_draws_give_the_same(faces):
    patches = np.random.default_rng(0).integers(0, 256, (3, 120, 120, 3)).astype(np.uint8)
    drawn = batches(faces, patches, np.random.default_rng(1))
    shown, covered = next(drawn)
    assert shown.shape == (cover_faces.BATCH, 3, SIDE, SIDE) and shown.dtype == np.float32
    assert shown.min() >= 0.0 and shown.max() <= 255.0
    for region in covered.T:
        assert (region == 0.0).any() and (region == 1.0).any()
    again, _ = next(batches(faces, patches, np.random.default_rng(1)))
    np.testing.assert_array_equal(again, shown)


def test_nothing_is_measured_under_a_cover_that_was_learned():
    assert not set(FILLS) & set(MEASURED_FILLS)


@pytest.mark.parametrize("fill", [*FILLS, *MEASURED_FILLS], ids=lambda fill: fill.__name__)
def test_a_cover_changes_what_it_covers_and_nothing_else(fill):
    random = np.random.default_rng(0)
    picture = random.uniform(0, 255, (120, 120, 3)).astype(np.float32)
    mask = np.zeros((120, 120), np.float32)
    mask[:40] = 1.0
    points = np.full((68, 2), 60.0, np.float32)
    shown = under_cover(random, picture, points, picture[::-1], mask, (fill,))
    assert np.abs(shown[:30] - picture[:30]).mean() > 10.0
    np.testing.assert_allclose(shown[60:], picture[60:], atol=1e-3)
    assert np.isfinite(shown).all()


def test_the_lean_of_a_face_is_that_of_its_long_axis():
    points = np.zeros((2, 68, 2))
    points[:, 8] = (60.0, 100.0)
    points[:, 27] = [(60.0, 40.0), (120.0, 100.0)]  # upright; its top to the right
    assert np.degrees(lean_of(points)).tolist() == pytest.approx([0.0, 90.0])
