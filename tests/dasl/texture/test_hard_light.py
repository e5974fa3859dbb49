"""Tests of hard light: shadows and glare on the face become faint; colours of the face stay."""

import numpy as np

from dasl.texture.hard_light import local_gains
from dasl.texture.skin_areas import plain_skin
from tests.dasl.painted_head import head_model

X, Y, Z = head_model().reference_vertices.T
SKIN = np.full((len(X), 3), [190, 140, 120], dtype=np.float32)
PLAIN = plain_skin(head_model())
FOREHEAD = (Y > 0.07) & (Y < 0.09) & (np.abs(X) < 0.05) & (Z > 0)


def test_even_skin_stays() -> None:
    assert np.abs(local_gains(head_model(), SKIN) - 1.0).max() < 0.01


def test_soft_shading_stays() -> None:
    shaded = SKIN * np.exp(0.1 * X / 0.07)[:, None]
    assert np.abs(local_gains(head_model(), shaded) - 1.0)[PLAIN].mean() < 0.03


def left_of(light: list[float]) -> np.ndarray:
    """Logarithms (3,) that are left of a light on half of the forehead."""
    hit = FOREHEAD & (X > 0.005)
    lit = np.where(hit[:, None], SKIN * np.float32(light), SKIN)
    return np.log(lit * local_gains(head_model(), lit) / SKIN)[hit].mean(axis=0)


def test_a_cast_shadow_becomes_fainter() -> None:
    shadow = [0.6, 0.55, 0.5]
    assert (left_of(shadow) / np.log(shadow) < 0.82).all()


def test_glare_becomes_faint_and_takes_the_skin_s_hue() -> None:
    glare = [1.3, 1.6, 1.8]
    assert (left_of(glare) / np.log(glare) < 0.75).all()
    assert np.ptp(left_of(glare)) < 0.8 * np.ptp(np.log(glare))


def test_eyes_take_the_correction_of_the_skin_around_them() -> None:
    shadow = (np.abs(Y - 0.038) < 0.03) & (X > 0.005)
    lit = np.where(shadow[:, None], 0.5 * SKIN, SKIN)
    gains = local_gains(head_model(), lit)
    eyes = head_model().region("eyes")
    assert gains[eyes & (X > 0.015)].mean() > 1.1
    assert gains[eyes & (X < -0.015)].mean() < 1.05


def test_a_dark_fringe_is_no_shadow() -> None:
    fringed = np.where(FOREHEAD[:, None], np.float32([25, 20, 18]), SKIN)
    assert local_gains(head_model(), fringed)[FOREHEAD].max() < 1.1


def test_soft_highlights_on_dark_skin_stay() -> None:
    lit = np.where(FOREHEAD[:, None], 0.6 * SKIN, 0.4 * SKIN)
    assert np.abs(local_gains(head_model(), lit) - 1.0)[FOREHEAD].max() < 0.02
