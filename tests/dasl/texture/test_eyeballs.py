"""Tests of whole eyeballs: pupil, iris and sclera, in the photo's colours."""

from dataclasses import replace

import numpy as np
import pytest

from dasl.texture.eyeballs import IRIS_DEG, PUPIL_DEG, eyeball_colours
from dasl.texture.eyes import Eyes, align_eyes, eyeball_directions
from dasl.texture.layout import texture_layout
from dasl.texture.photo import PosedHead
from dasl.texture.tone import photo_tone
from tests.dasl.painted_head import head_model
from tests.dasl.texture.test_eyes import drawn_eyes

SKIN = np.array([200.0, 150.0, 130.0], np.float32)
AHEAD = np.array([0.0, 0.0, 1.0], np.float32)


def unseen(axis: np.ndarray = AHEAD) -> Eyes:
    photo = np.random.default_rng(0).integers(0, 255, (70, 70, 3)).astype(np.uint8)
    head = PosedHead(np.zeros((1, 3), np.float32), 1000.0, photo)
    return Eyes({}, np.zeros(2, np.float32), {1: axis, -1: axis}, head, is_found=False)


def painted(eyes: Eyes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions (N, 3) of the eyeballs' texels, brightness and degrees from their irises (N,)."""
    layout = texture_layout(head_model(), 512)
    tone = photo_tone(eyes.head.photo)
    texels, colours = eyeball_colours(head_model(), layout, eyes, SKIN, tone)
    of_vertex, side_of_vertex = eyeball_directions(head_model())
    directions = layout.interpolation[texels] @ of_vertex
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    sides = side_of_vertex[head_model().triangles[layout.triangle[texels], 0]]
    axes = np.where((sides == 1)[:, None], eyes.iris_axis[1], eyes.iris_axis[-1])
    away = np.degrees(np.arccos((directions * axes).sum(axis=1).clip(-1, 1)))
    return directions, colours.mean(axis=1), away


@pytest.mark.parametrize("aside", [0.0, 0.3])
def test_an_eye_that_is_not_seen_has_pupil_iris_and_sclera_about_its_axis(aside: float) -> None:
    axis = np.array([aside, 0.0, np.sqrt(1 - aside**2)], np.float32)
    _, brightness, away = painted(unseen(axis))
    pupil = brightness[away < PUPIL_DEG - 2].mean()
    iris = brightness[(away > PUPIL_DEG + 2) & (away < IRIS_DEG - 4)].mean()
    sclera = brightness[(away > IRIS_DEG + 3) & (away < IRIS_DEG + 12)].mean()
    assert pupil < 0.5 * iris
    assert iris < 0.6 * sclera


def test_the_photo_s_iris_is_laid_over_and_lends_its_colour_to_the_rest() -> None:
    eyes = align_eyes(head_model(), drawn_eyes((0.0, 0.0)))
    directions, brightness, away = painted(eyes)
    middle = brightness[(away > PUPIL_DEG + 2) & (away < IRIS_DEG - 6)]
    assert np.median(middle) == pytest.approx(53, abs=15)  # (70, 50, 40) as drawn
    white = brightness[(away > IRIS_DEG + 8) & (np.abs(directions[:, 1]) < 0.2) & (away < 50)]
    assert np.median(white) > 150


def test_a_dark_iris_without_a_pupil_on_the_photo_gets_one() -> None:
    eyes = align_eyes(head_model(), drawn_eyes((0.0, 0.0)))
    _, brightness, away = painted(eyes)
    pupil = np.median(brightness[away < PUPIL_DEG - 2])
    iris = np.median(brightness[(away > PUPIL_DEG + 3) & (away < IRIS_DEG - 6)])
    assert pupil < 0.6 * iris


def test_open_eyes_where_the_photo_shows_lids_have_pupils_all_the_same() -> None:
    drawn = drawn_eyes((0.0, 0.0))
    lids = replace(drawn, photo=np.full_like(drawn.photo, SKIN.astype(np.uint8)))
    eyes = align_eyes(head_model(), lids)
    assert len(eyes.seen) == 2
    _, brightness, away = painted(eyes)
    pupil = brightness[away < PUPIL_DEG - 2].max()
    assert pupil < 0.3 * np.median(brightness[(away > IRIS_DEG + 3) & (away < IRIS_DEG + 12)])


def test_eyes_seen_from_the_side_beside_their_place_are_painted_and_look_ahead() -> None:
    """The photo shows skin in one half of each opening and shade in the other."""
    drawn = drawn_eyes((0.0, 0.0))
    eyes = align_eyes(head_model(), drawn)
    photo = np.full_like(drawn.photo, SKIN.astype(np.uint8))
    photo[::2] = (0.9 * SKIN).astype(np.uint8)
    aside = np.array([0.4, 0.0, np.sqrt(1 - 0.4**2)], np.float32)
    beside = replace(
        eyes, head=replace(drawn, photo=photo), iris_axis={1: aside, -1: aside}, is_found=True
    )
    turned = replace(
        beside, seen={side: replace(eye, facing=0.5) for side, eye in eyes.seen.items()}
    )
    assert len(turned.seen) == 2
    directions, brightness, _ = painted(turned)
    ahead = np.degrees(np.arccos(directions[:, 2].clip(-1, 1)))
    white = np.median(brightness[(ahead > IRIS_DEG + 3) & (ahead < IRIS_DEG + 12)])
    assert brightness[ahead < PUPIL_DEG - 2].max() < 0.3 * white
    _, as_shown, _ = painted(beside)
    assert np.median(as_shown[ahead < PUPIL_DEG - 2]) > 0.6 * SKIN.mean()


def test_an_eye_seen_from_the_side_stays_as_the_photo_shows_it() -> None:
    eyes = align_eyes(head_model(), drawn_eyes((0.0, 0.0)))
    turned = replace(eyes, seen={side: replace(eye, facing=0.5) for side, eye in eyes.seen.items()})
    np.testing.assert_array_equal(painted(turned)[1], painted(eyes)[1])
