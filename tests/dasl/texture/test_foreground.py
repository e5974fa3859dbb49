"""Tests of cutting a person out: a disc before a wall."""

import numpy as np

from dasl.texture.foreground import foreground

SIDE = 80
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE]
AWAY = np.hypot(ROWS - 40, COLUMNS - 40)


def scene() -> np.ndarray:
    """A skin-coloured disc of radius 20 before a blue wall, with noise."""
    disc = np.where(AWAY[..., None] < 20, [210, 150, 120], [60, 90, 160]).astype(np.float64)
    return (disc + np.random.default_rng(0).normal(0, 6, disc.shape)).clip(0, 255).astype(np.uint8)


def cut(head_radius: float) -> np.ndarray:
    return foreground(scene(), is_face=AWAY < 12, is_head=head_radius > AWAY, is_far=AWAY > 36)


def test_a_head_fitted_too_wide_is_cut_back_to_the_person() -> None:
    found = cut(head_radius=28)
    assert found[AWAY < 18].min() > 0.9
    assert found[AWAY > 22].max() < 0.1


def test_a_head_fitted_too_narrow_is_widened_to_the_person() -> None:
    assert cut(head_radius=14)[AWAY < 18].min() > 0.9


def test_the_same_photo_gives_the_same_cut() -> None:
    np.testing.assert_array_equal(cut(24), cut(24))


def test_without_anything_certain_all_counts_as_the_person() -> None:
    nothing = np.zeros((SIDE, SIDE), bool)
    assert foreground(scene(), nothing, AWAY < 24, AWAY > 36).min() == 1.0
    assert foreground(scene(), AWAY < 12, AWAY < 24, nothing).min() == 1.0
