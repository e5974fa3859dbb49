"""Tests of shading: what covers the cheeks is told from skin in light and shade."""

import numpy as np

from dasl.head.mesh import vertex_normals
from dasl.texture.lit_skin import Deviation, robust_fit, shading_deviation, spread_doubt
from dasl.texture.prior import surface_prior
from tests.dasl.painted_head import head_model

PRIOR = surface_prior(head_model())
NORMALS = vertex_normals(head_model().mean_vertices, head_model().triangles)
JAW = (PRIOR.beside > 0.99) & (NORMALS[:, 2] > 0.2)
UNDER_EYE = (
    (PRIOR.bare > 0.99)
    & (PRIOR.beside == 0)
    & (np.linalg.norm(head_model().mean_vertices[:, :2] * [1, 2] - [0.03, 0.03], axis=1) < 0.02)
)
UNDER_EYE |= UNDER_EYE[head_model().mirror_vertex]
SIDE_LIGHT = 130.0 * np.exp(0.5 * NORMALS[:, 0] - 0.2 * NORMALS[:, 1])

NO_LINES = np.zeros(len(SIDE_LIGHT), dtype=np.float32)


def deviation_of(luma: np.ndarray) -> Deviation:
    return shading_deviation(luma, luma, NO_LINES, NORMALS, np.ones(len(luma)), PRIOR)


def test_skin_in_light_from_a_side_is_not_doubted() -> None:
    found = deviation_of(SIDE_LIGHT)
    assert found.covered.max() < 0.15


def test_hair_over_a_lit_jaw_is_doubted_though_it_is_as_bright_as_skin_in_the_shade() -> None:
    shaded = SIDE_LIGHT[JAW & (NORMALS[:, 0] < 0)].min()
    covered = JAW & (head_model().mean_vertices[:, 0] > 0.05)
    luma = np.where(covered, shaded, SIDE_LIGHT)
    found = deviation_of(luma)
    assert found.covered[covered].mean() > 0.8
    assert found.covered[JAW & ~covered].max() < 0.1


def test_what_lies_over_one_side_is_doubted_and_the_bare_side_is_not() -> None:
    covered = UNDER_EYE & (head_model().mean_vertices[:, 0] > 0.0)
    skin = SIDE_LIGHT * np.exp(0.08 * np.sin(np.abs(head_model().mean_vertices) @ [400, 300, 0]))
    found = deviation_of(np.where(covered, 0.5 * skin, skin))
    assert found.covered[covered].mean() > 0.5
    jewel = deviation_of(np.where(covered, 2.0 * skin, skin))
    assert jewel.covered[covered].max() < 0.1
    assert found.covered[head_model().mirror_vertex[covered]].max() < 0.1


def test_what_lies_over_both_sides_alike_is_left_to_the_face() -> None:
    both = np.where(UNDER_EYE, 0.4 * SIDE_LIGHT, SIDE_LIGHT)
    assert deviation_of(both).covered[UNDER_EYE].max() < 0.1


def test_dark_hair_is_darker_than_skin_and_a_bright_wall_is_not() -> None:
    found = deviation_of(np.where(JAW, 0.5 * SIDE_LIGHT, SIDE_LIGHT))
    assert found.lit[JAW].max() < 0.1
    found = deviation_of(np.where(JAW, 1.5 * SIDE_LIGHT, SIDE_LIGHT))
    assert found.lit[JAW].min() > 0.9


def test_a_thin_strand_between_two_vertices_is_doubted() -> None:
    crossed = JAW & (head_model().mean_vertices[:, 0] > 0.055)
    darkest = np.where(crossed, 0.4 * SIDE_LIGHT, SIDE_LIGHT)
    found = shading_deviation(SIDE_LIGHT, darkest, NO_LINES, NORMALS, np.ones(len(darkest)), PRIOR)
    assert found.covered[crossed].mean() > 0.8


def test_a_strand_beside_the_face_is_doubted_but_no_stubble_in_a_beard() -> None:
    crossed = JAW & (head_model().mean_vertices[:, 0] > 0.045) & (NORMALS[:, 2] > 0.5)
    outline = JAW & (NORMALS[:, 2] < 0.3)
    lined, seen = np.where(crossed | outline, 0.5, 0.05), np.ones(len(crossed))
    found = shading_deviation(SIDE_LIGHT, SIDE_LIGHT, lined, NORMALS, seen, PRIOR)
    assert crossed.sum() > 20
    assert outline.sum() > 20
    assert found.covered[crossed].mean() > 0.8
    assert found.covered[~crossed].max() < 0.15
    height = head_model().mean_vertices[:, 1]
    bearded = PRIOR.is_plain_skin & (height < np.median(height[PRIOR.is_plain_skin]))
    beard = np.where(bearded, 0.3 * SIDE_LIGHT, SIDE_LIGHT)
    found = shading_deviation(beard, beard, lined, NORMALS, seen, PRIOR)
    assert found.covered.max() < 0.1


def test_a_beard_and_folds_beside_the_mouth_stay() -> None:
    height = head_model().mean_vertices[:, 1]
    bearded = PRIOR.is_plain_skin & (height < np.median(height[PRIOR.is_plain_skin]))
    assert deviation_of(np.where(bearded, 0.3 * SIDE_LIGHT, SIDE_LIGHT)).covered.max() < 0.1
    above_lips = height > height[head_model().region("lips")].min()
    fold = (np.abs(head_model().mean_vertices[:, 0]) < 0.035) & above_lips
    assert deviation_of(np.where(fold, 0.6 * SIDE_LIGHT, SIDE_LIGHT)).covered[fold].max() < 0.02


def test_a_photo_with_too_little_skin_doubts_nothing() -> None:
    found = shading_deviation(
        SIDE_LIGHT, SIDE_LIGHT, NO_LINES, NORMALS, np.zeros(len(SIDE_LIGHT)), PRIOR
    )
    assert found.covered.max() == found.lit.max() == 0.0


def test_a_doubt_spreads_to_the_ear_but_not_to_the_mouth() -> None:
    vertices = head_model().reference_vertices
    line = PRIOR.beside * (np.abs(vertices[:, 2] + 0.045) < 0.006)
    spread = spread_doubt(line.astype(np.float32), head_model().triangles, PRIOR)
    behind = (PRIOR.beside > 0.99) & (np.abs(vertices[:, 2] + 0.06) < 0.004)
    assert np.median(spread[behind & (vertices[:, 1] > -0.06)]) > 0.5
    assert spread[head_model().region("lips")].max() == 0.0
    assert (spread >= line).all()


def test_the_fit_ignores_outliers() -> None:
    terms = np.stack([np.ones(50), np.linspace(-1.0, 1.0, 50)], axis=1)
    values = terms @ np.array([5.0, 0.5])
    values[::7] -= 2.0
    np.testing.assert_allclose(robust_fit(terms, values), [5.0, 0.5], atol=0.06)
