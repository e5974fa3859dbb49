"""Tests of the photo at surface points: how far a colour is believed, and skin told from teeth."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import scipy.sparse

from dasl.texture.layout import texture_layout
from dasl.texture.photo import PosedHead
from dasl.texture.prior import surface_prior
from dasl.texture.view import SkinTone, View
from tests.dasl.painted_head import head_model, paint
from tests.dasl.texture.conftest import posed_head

SKIN = np.array([210.0, 160.0, 140.0], np.float32)


def view_of(head: PosedHead) -> View:
    return View(head, head_model().triangles, surface_prior(head_model()))


def region(name: str) -> np.ndarray:
    return head_model().region(name)


def test_vertices_of_a_frontal_face_have_their_paint(frontal: PosedHead) -> None:
    sampled = view_of(frontal).sample_vertices()
    sure = (sampled.sure[:, 0] > 0.9) & region("face")
    assert sure.sum() > 800
    assert np.abs(sampled.colour - paint())[sure].mean() < 2


def test_what_looks_away_is_not_shown() -> None:
    sampled = view_of(posed_head(80.0)).sample_vertices()
    looks_away = sampled.facing[:, 0] < 0.0
    assert sampled.shown[looks_away].max() == 0.0
    assert (sampled.sure <= sampled.shown).all()


def test_texels_have_the_colour_of_their_surface_point(frontal: PosedHead) -> None:
    view, layout = view_of(frontal), texture_layout(head_model(), 256)
    rows = layout.interpolation[view.is_sure()[layout.triangle]]
    sampled = view.sample(rows, np.arange(len(paint())))
    assert sampled.sure.min() > 0.9
    assert np.abs(sampled.colour - rows @ paint()).mean() < 1.5


def test_the_mirrored_side_reads_the_other_half() -> None:
    view, mirror = view_of(posed_head(40.0)), head_model().mirror_vertex
    each = scipy.sparse.identity(len(mirror), format="csr")
    own, other = view.sample(each, np.arange(len(mirror))), view.sample(each, mirror)
    np.testing.assert_allclose(other.colour, own.colour[mirror])
    np.testing.assert_allclose(other.shown, own.shown[mirror], atol=1e-6)
    left = head_model().mean_vertices[:, 0] > 0.03  # away from where the nose points
    assert own.shown[left].mean() > 1.5 * other.shown[left].mean()


def test_colours_are_read_beside_the_vertex_where_told(frontal: PosedHead) -> None:
    view = view_of(frontal)
    before = view.sample_vertices().colour
    view.offset = view.offset + np.array([0.0, 12.0], np.float32)
    assert np.abs(view.sample_vertices().colour - before)[region("nose")].mean() > 2


@pytest.mark.parametrize(
    ("colour", "is_other"),
    [
        ((235, 228, 215), True),  # a tooth
        ((40, 20, 20), True),  # the gap between the lips
        ((190, 110, 105), False),  # a lip
        ((150, 85, 80), False),  # a lip in the shade
    ],
)
def test_teeth_and_the_gap_are_told_from_lips(colour: tuple[int, int, int], is_other: bool) -> None:
    found = SkinTone(SKIN).no_lip(np.array([colour], np.float32))[0]
    assert found > 0.9 if is_other else found < 0.1


@pytest.mark.parametrize(
    ("colour", "is_other"),
    [
        ((60, 90, 170), True),  # a blue wall
        ((200, 40, 40), True),  # a red flag
        ((60, 45, 40), True),  # dark hair
        ((170, 125, 108), False),  # skin in the shade
        ((240, 190, 170), False),  # skin in the light
    ],
)
def test_walls_and_hair_are_told_from_skin(colour: tuple[int, int, int], is_other: bool) -> None:
    skin, colours = SkinTone(SKIN), np.array([colour], np.float32)
    found = max(skin.other_hue(colours, np.ones(1))[0], skin.much_darker(colours)[0])
    assert found > 0.9 if is_other else found < 0.1


@pytest.mark.parametrize(
    ("colour", "is_other"),
    [
        ((238, 215, 200), False),  # a highlight
        ((250, 220, 202), False),  # a brighter one
        ((112, 104, 100), True),  # as pale, but no brighter than skin: a grey wall
        ((150, 190, 255), True),  # bright, but of another hue: the sky
    ],
)
def test_highlights_are_skin_where_the_face_has_some(
    colour: tuple[int, int, int], is_other: bool
) -> None:
    dark_skin, shining = np.array([150.0, 100.0, 82.0]), np.array([238.0, 212.0, 198.0])
    colours = np.array([colour], np.float32)
    ahead, aside = np.array([0.8]), np.array([0.25])
    assert SkinTone(dark_skin).other_hue(colours, ahead)[0] > 0.9
    tone = SkinTone(dark_skin, shining)
    assert tone.other_hue(colours, aside)[0] > 0.9  # there it may be a wall
    found = tone.other_hue(colours, ahead)[0]
    assert found > 0.9 if is_other else found < 0.1


def painted(frontal: PosedHead, where: np.ndarray, colour: tuple[int, int, int]) -> PosedHead:
    """The photo with a disc of a colour on each of the chosen vertices."""
    photo = frontal.photo.copy()
    for x, y in frontal.vertices_image[where, :2].round().astype(int).tolist():
        cv2.circle(photo, (x, y), 5, colour, -1)
    return replace(frontal, photo=photo)


@pytest.mark.parametrize("in_colour", [True, False])
def test_hair_over_a_jaw_is_not_sampled_in_colour_or_grey(
    frontal: PosedHead, in_colour: bool
) -> None:
    mean = head_model().mean_vertices
    jaw = (surface_prior(head_model()).beside > 0.9) & (mean[:, 0] > 0.0) & (mean[:, 2] > -0.06)
    view = view_of(painted(frontal, jaw, (40, 34, 30)))
    seen = jaw & (view.facing > 0.5) & (view.sample_vertices().shown[:, 0] > 0.9)
    assert seen.sum() > 10
    view.know_skin(SkinTone(SKIN), in_colour=in_colour)
    sampled = view.sample_vertices()
    assert sampled.shown[seen].mean() < 0.1
    assert sampled.shown[head_model().mirror_vertex[seen]].mean() > 0.9


def test_leaves_on_the_scalp_are_not_sampled_but_a_green_hat_is(frontal: PosedHead) -> None:
    prior, mean = surface_prior(head_model()), head_model().mean_vertices
    scalp = (prior.hair > 0.9) & (prior.trust > 0.3)
    leaves = scalp & (mean[:, 0] > 0.05)
    for green, is_shown in ((leaves, False), (scalp, True)):
        view = view_of(painted(frontal, green, (40, 110, 30)))
        before = view.sample_vertices().shown[leaves, 0]
        view.know_skin(SkinTone(SKIN), in_colour=True)
        after = view.sample_vertices().shown[leaves, 0]
        chosen = before > 0.3
        assert chosen.sum() >= 3
        assert (after[chosen].mean() > 0.3) == is_shown
