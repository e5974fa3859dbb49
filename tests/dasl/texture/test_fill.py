"""Tests of smooth completion over the surface."""

import numpy as np
import pytest

from dasl.texture.fill import (
    Known,
    blended,
    skin_clipped,
    skin_colour,
    skin_highlight,
    smooth_fill,
    smooth_ratio,
)
from dasl.texture.prior import SurfacePrior, surface_prior
from dasl.texture.view import Sampled
from tests.dasl.painted_head import head_model

SKIN, HAIR = np.array([200.0, 150.0, 130.0]), np.array([60.0, 45.0, 30.0])


@pytest.fixture(scope="module")
def prior() -> SurfacePrior:
    return surface_prior(head_model())


def region(name: str) -> np.ndarray:
    return head_model().region(name)


def seen(prior: SurfacePrior, share: np.ndarray) -> Known:
    """Hair where it usually grows, skin elsewhere."""
    colours = SKIN + prior.hair[:, None] * (HAIR - SKIN)
    return Known(colours.astype(np.float32), share[:, None].astype(np.float32))


def sampled(colour: np.ndarray, shown: float, sure: float, facing: float) -> Sampled:
    column = np.ones((len(colour), 1), np.float32)
    return Sampled(colour.astype(np.float32), shown * column, sure * column, facing * column)


def test_what_is_seen_stays_as_it_is(prior: SurfacePrior) -> None:
    known = seen(prior, np.ones(len(prior.trust)))
    filled = smooth_fill(known, prior)
    plain = prior.is_plain_skin
    assert np.quantile(np.abs(filled - known.colour)[plain], 0.99) < 3


def test_the_neck_and_the_ears_take_the_skin_s_colour_in_their_shade(prior: SurfacePrior) -> None:
    filled = smooth_fill(seen(prior, region("face") * 1.0), prior)
    shaded = SKIN * prior.occlusion[:, None]
    mean = head_model().mean_vertices
    for part in (region("ears"), mean[:, 1] < -0.11):
        assert np.abs(filled - shaded)[part & region("skin")].mean() < 25


def test_the_scalp_takes_the_hair_s_colour_where_some_is_seen(prior: SurfacePrior) -> None:
    mean = head_model().mean_vertices
    front = region("face") | ((mean[:, 2] > -0.06) & (mean[:, 1] > 0.09))
    filled = smooth_fill(seen(prior, front * 1.0), prior)
    back = (mean[:, 2] < -0.15) & (mean[:, 1] > 0.05)
    assert np.abs(filled - HAIR)[back].mean() < 12


def test_a_scalp_of_which_nothing_is_seen_is_bald(prior: SurfacePrior) -> None:
    filled = smooth_fill(seen(prior, prior.is_plain_skin * 1.0), prior)
    crown = head_model().mean_vertices[:, 1] > 0.13
    assert np.abs(filled - SKIN)[crown].mean() < 25


def test_clipped_skin_is_counted_where_it_is_clearly_seen(prior: SurfacePrior) -> None:
    known = seen(prior, prior.is_plain_skin * 1.0)
    plain = np.flatnonzero(prior.is_plain_skin)
    known.colour[plain[: len(plain) // 2], 0] = 255.0
    assert skin_clipped(known, prior) == pytest.approx(0.5, abs=0.01)
    assert skin_clipped(seen(prior, np.zeros(len(prior.trust))), prior) == 0.0


def test_the_skin_is_middling_where_none_is_seen(prior: SurfacePrior) -> None:
    found = skin_colour(seen(prior, np.zeros(len(prior.trust))), prior)
    assert (found > 100).all()


def test_highlights_are_those_of_the_face_s_middle(prior: SurfacePrior) -> None:
    known = seen(prior, np.ones(len(prior.trust)))
    skin = skin_colour(known, prior)
    assert skin_highlight(known, skin, prior) is None
    plain = np.flatnonzero(prior.is_plain_skin)
    middle, beside = plain[prior.beside[plain] == 0.0], plain[prior.beside[plain] > 0.5]
    known.colour[beside] = (250.0, 250.0, 255.0)  # a phone at the cheek
    assert skin_highlight(known, skin, prior) is None
    known.colour[middle[:40]] = (250.0, 232.0, 225.0)
    found = skin_highlight(known, skin, prior)
    np.testing.assert_allclose(found, (250.0, 232.0, 225.0))


def test_a_sure_colour_is_not_mixed_with_its_mirror_image() -> None:
    own, other = np.full((4, 3), 50.0), np.full((4, 3), 200.0)
    known = blended(sampled(own, 1.0, 1.0, 0.9), sampled(other, 1.0, 1.0, 0.9), np.ones((4, 3)))
    np.testing.assert_allclose(known.colour, own)


def test_an_unseen_colour_is_its_mirror_image_in_the_light_around() -> None:
    own, other = np.full((4, 3), 50.0), np.full((4, 3), 200.0)
    known = blended(
        sampled(own, 0.0, 0.0, -0.5), sampled(other, 0.8, 0.7, 0.9), np.full((4, 3), 0.9)
    )
    np.testing.assert_allclose(known.colour, 180.0)
    np.testing.assert_allclose(known.share, 0.8)


def test_the_ratio_is_the_light_s_where_both_sides_are_seen(
    prior: SurfacePrior,
) -> None:
    count = len(prior.trust)
    direct = sampled(np.full((count, 3), 120.0), 1.0, 1.0, 1.0)
    mirrored = sampled(np.full((count, 3), 150.0), 1.0, 1.0, 1.0)
    np.testing.assert_allclose(smooth_ratio(direct, mirrored, prior), 0.8, atol=0.01)
    unseen = sampled(np.full((count, 3), 150.0), 0.0, 0.0, 1.0)
    np.testing.assert_allclose(smooth_ratio(direct, unseen, prior), 1.0, atol=0.01)


def test_hair_mirrored_into_the_shade_keeps_its_hue(prior: SurfacePrior) -> None:
    count = len(prior.trust)
    skin, hair = np.array([200.0, 150.0, 130.0]), np.array([80.0, 60.0, 50.0])
    plain = prior.is_plain_skin[:, None]
    bright = sampled(np.where(plain, skin, hair), 1.0, 1.0, 1.0)
    shaded = sampled(np.where(plain, 0.6 * skin, 0.0), 1.0, 1.0, 1.0)
    shaded.sure[~prior.is_plain_skin] = shaded.shown[~prior.is_plain_skin] = 0.0
    known = blended(shaded, bright, smooth_ratio(shaded, bright, prior))
    beside = ~prior.is_plain_skin & (np.asarray(prior.laplacian @ plain).ravel() != 0)
    assert count > beside.sum() > 50
    hues = known.colour[beside] / known.colour[beside, :1]
    np.testing.assert_allclose(hues, np.broadcast_to(hair / hair[0], hues.shape), atol=0.01)
    assert known.colour[beside].mean() < 0.85 * hair.mean()
