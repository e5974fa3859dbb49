"""Tests of light: a usable texture stays, others come near it within limits."""

import numpy as np
import pytest

from dasl.texture.light import evened, evening_curves, light_on
from dasl.texture.tone import LUMA

SKIN = np.array([196.0, 150.0, 128.0])


def photo_of(skin: np.ndarray) -> np.ndarray:
    """Skin with a bright and a dark part, (64, 64, 3)."""
    shares = np.linspace(0.1, 1.2, 64)[:, None, None]
    return np.broadcast_to(skin * shares, (64, 64, 3)).clip(0, 255).astype(np.uint8)


def lit(
    skin: np.ndarray, clipped: float = 0.0, is_grey: bool = False, beside: int | None = None
) -> np.ndarray:
    """The skin's colour in the evened texture, (3,), from a photo with a grey place beside it."""
    texture = np.broadcast_to(skin, (4, 4, 3)).clip(0, 255).astype(np.uint8)
    photo = photo_of(skin)
    if beside is not None:
        photo[:8] = beside
    curves = evening_curves(photo, skin, clipped, is_grey)
    return evened(texture, curves)[0, 0].astype(float)


def test_a_usable_photo_stays_as_it_is() -> None:
    texture = np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    curves = evening_curves(photo_of(SKIN), SKIN, 0.0, False)
    assert evened(texture, curves) is texture


def test_a_dark_photo_comes_near_the_well_exposed_one() -> None:
    assert np.abs(lit(0.35 * SKIN) - SKIN).mean() < 25


def test_dark_skin_on_a_photo_with_bright_places_stays_dark() -> None:
    skin = np.array([70.0, 48.0, 40.0])
    photo = photo_of(skin)
    photo[:8] = 230
    texture = np.broadcast_to(skin, (4, 4, 3)).astype(np.uint8)
    assert evened(texture, evening_curves(photo, skin, 0.0, False)) is texture


def test_skin_of_a_dim_photo_is_lifted_to_usual_skin_at_most() -> None:
    dim = 0.8 * SKIN
    assert lit(dim, beside=150) @ LUMA == pytest.approx(160.0, abs=1.5)
    np.testing.assert_allclose(lit(dim, beside=240), dim, atol=1)
    np.testing.assert_allclose(lit(1.1 * SKIN, beside=20), 1.1 * SKIN, atol=1)


def test_the_lift_has_a_limit() -> None:
    assert lit(0.02 * SKIN).max() < 4 * 2 * 0.02 * SKIN.max() + 8


def test_overexposed_skin_gets_dimmer_and_warm() -> None:
    found = lit(np.array([255.0, 255.0, 255.0]), clipped=1.0)
    assert found @ LUMA < 200
    assert found[0] > found[1] > found[2] - 1


def test_an_overexposed_copy_comes_near_the_photo_and_dark_skin_that_shines_is_kept() -> None:
    bright = (1.6 * SKIN).clip(0, 255)
    assert np.abs(lit(bright, clipped=0.2) - lit(SKIN)).mean() < 25
    dark, photo = np.array([110.0, 72.0, 55.0]), photo_of(1.2 * SKIN)
    shining, dull = (evening_curves(photo, dark, clipped, False) for clipped in (0.2, 0.0))
    assert shining is None and dull is None


def test_bright_skin_in_warm_light_loses_more_of_it_than_dark_skin_its_own_red() -> None:
    bright, dark = (np.array([1.0, 0.62, 0.42]) * level for level in (215.0, 95.0))
    assert lit(bright)[0] / lit(bright)[1] == pytest.approx(1.45, abs=0.03)
    assert evening_curves(photo_of(1.2 * SKIN), dark, 0.0, False) is None


def test_what_is_blown_out_gets_a_skin_s_hue_and_not_a_grey() -> None:
    curves = evening_curves(photo_of(SKIN * 1.2), SKIN * 1.2, 0.5, False)
    white = evened(np.full((1, 1, 3), 255, np.uint8), curves)[0, 0].astype(float)
    assert white[0] > 1.1 * white[1] > 1.1 * white[2]


@pytest.mark.parametrize("gains", [(0.6, 0.9, 1.3), (0.65, 1.1, 1.3)])
def test_coloured_light_comes_out_and_brightness_stays(gains: tuple[float, ...]) -> None:
    tinted = SKIN * gains
    found = lit(tinted, beside=240)
    assert (
        np.abs(found / found.sum() - SKIN / SKIN.sum()).sum()
        < 0.6 * np.abs(tinted / tinted.sum() - SKIN / SKIN.sum()).sum()
    )
    assert found @ LUMA == pytest.approx(tinted @ LUMA, rel=0.05)


def test_a_grey_photo_stays_grey() -> None:
    assert np.ptp(lit(np.array([40.0, 40.0, 40.0]), is_grey=True)) == 0


def test_a_white_follows_the_skin_s_brightness_and_half_its_hue() -> None:
    usual, dark, warm = (light_on(s) for s in (SKIN, 0.2 * SKIN, SKIN * [1.2, 1.0, 0.6]))
    assert usual @ LUMA == pytest.approx(1.0, abs=0.15)
    assert 0.2 < (dark @ LUMA) / (usual @ LUMA) < 0.5
    assert warm[2] / warm[0] == pytest.approx(usual[2] / usual[0] * 0.5**0.5, rel=0.01)
