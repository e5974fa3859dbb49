"""Tests of the scalp's strands."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from dasl.texture.layout import texture_layout
from dasl.texture.prior import surface_prior
from dasl.texture.strands import hair_roughness, strands
from tests.dasl.painted_head import head_model

PRIOR = surface_prior(head_model())


def test_strands_grow_where_hair_does_and_neither_brighten_nor_darken_it() -> None:
    layout = texture_layout(head_model(), 512)
    found = strands(head_model(), layout)
    hair = (layout.interpolation @ PRIOR.hair)[found.texels]
    assert hair.min() > 0.0
    assert abs(found.brightness[hair > 0.99].mean()) < 0.1
    assert found.brightness[hair > 0.99].std() == pytest.approx(1.0, abs=0.2)
    assert np.abs(found.brightness[hair < 0.1]).max() < 0.5


def test_strands_are_factors_on_the_colours_beneath() -> None:
    layout = texture_layout(head_model(), 512)
    found = strands(head_model(), layout)
    ramp = np.linspace(50.0, 200.0, layout.interpolation.shape[1], dtype=np.float32)
    beneath = layout.interpolation @ ramp
    expected = beneath.copy()
    expected[found.texels] *= 1.0 + 0.1 * found.brightness
    laid = found.laid_on(layout.interpolation, 0.1) @ ramp
    np.testing.assert_allclose(laid, expected, rtol=1e-5)
    assert (found.laid_on(layout.interpolation, 0.0) @ ramp == beneath).all()


def test_strands_run_down_from_the_crown() -> None:
    layout = texture_layout(head_model(), 1024)
    found = strands(head_model(), layout)
    points = layout.interpolation[found.texels] @ head_model().mean_vertices
    x, y, z = points.T
    around = np.degrees(np.arctan2(x, z + 0.085))
    on_side = (np.abs(around - 90.0) < 12.0) & (y > 0.07) & (y < 0.12)
    pairs = cKDTree(points[on_side]).query_pairs(0.003, output_type="ndarray")
    first, second = (np.flatnonzero(on_side)[column] for column in pairs.T)
    change = np.abs(found.brightness[first] - found.brightness[second])
    turn, drop = np.abs(around[first] - around[second]), np.abs(y[first] - y[second])
    along, across = (turn < 0.1) & (drop > 0.002), (turn > 1.2) & (drop < 0.0007)
    assert min(along.sum(), across.sum()) > 50
    assert change[along].mean() < 0.5 * change[across].mean()


def colours(value: float) -> np.ndarray:
    return np.full((len(PRIOR.hair), 3), value, np.float32)


def test_smooth_hair_a_hat_or_bald_skin_gets_no_strands() -> None:
    shown = np.ones((len(PRIOR.hair), 1), np.float32)
    assert hair_roughness(colours(100.0), colours(100.0), shown, PRIOR) == 0.0


def test_rough_hair_gets_strands_as_rough_up_to_a_limit() -> None:
    shown = np.ones((len(PRIOR.hair), 1), np.float32)
    assert hair_roughness(colours(105.0), colours(100.0), shown, PRIOR) == pytest.approx(0.074)
    assert hair_roughness(colours(200.0), colours(100.0), shown, PRIOR) == pytest.approx(0.20)


def test_a_scalp_that_is_not_seen_gets_no_strands() -> None:
    shown = np.zeros((len(PRIOR.hair), 1), np.float32)
    assert hair_roughness(colours(105.0), colours(100.0), shown, PRIOR) == 0.0
