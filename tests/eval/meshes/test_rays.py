"""Ray casting: hand-worked hits, and Embree against the search that replaces it."""

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.meshes import rays
from eval.meshes.rays import cast_along_z, first_triangles, pixel_grid

# A right triangle at depth 3, tilted so that its corners have depths 3, 7 and 3.
VERTICES = np.array([[0.0, 0, 3], [4, 0, 7], [0, 4, 3]])
TRIANGLE = np.array([[0, 1, 2]])


@pytest.fixture(params=["embree", "without embree"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of casting; a module that is None cannot be imported."""
    if request.param == "without embree":
        monkeypatch.setitem(sys.modules, "embreex", None)
        monkeypatch.setitem(sys.modules, "embreex.mesh_construction", None)
    else:
        pytest.importorskip("embreex", reason="pip install embreex to test it")
    return request.param


def _crumpled_sheets(seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Three crumpled sheets of 12 x 12 squares, one over the other, crossing here and there."""
    generator = np.random.default_rng(seed)
    row, column = np.mgrid[0:12, 0:12]
    first = (row * 13 + column).ravel()
    lower = np.stack([first, first + 1, first + 13], axis=1)
    upper = np.stack([first + 1, first + 14, first + 13], axis=1)
    triangles = np.concatenate([lower, upper])
    y, x = np.mgrid[0:13, 0:13].reshape(2, -1) * 10.0
    sheets = []
    for height in (0.0, 6.0, 9.0):
        corners = np.stack([x, y, np.full_like(x, height)], axis=1)
        sheets.append(corners + generator.normal(size=corners.shape) * [1.5, 1.5, 4.0])
    return np.concatenate(sheets), np.concatenate([triangles + 169 * part for part in range(3)])


def test_a_hit_is_as_worked_by_hand(way: str) -> None:
    # (1, 1) = half of the first corner, a quarter of each other: 3 + (7 - 3) / 4.
    hits = cast_along_z(VERTICES, TRIANGLE, np.array([[1.0, 1.0]]))
    assert hits.triangle.tolist() == [0]
    np.testing.assert_allclose(hits.barycentric, [[0.5, 0.25, 0.25]], atol=1e-6)
    np.testing.assert_allclose(hits.depth, [4.0], atol=1e-5)


def test_a_miss_is_minus_one_without_weights_and_without_depth(way: str) -> None:
    hits = cast_along_z(VERTICES, TRIANGLE, np.array([[3.0, 3.0], [-1.0, 1.0]]))
    assert hits.triangle.tolist() == [-1, -1]
    assert not hits.hit.any()
    assert (hits.barycentric == 0).all()
    assert np.isnan(hits.depth).all()


def test_both_sides_of_a_triangle_are_seen(way: str) -> None:
    front = cast_along_z(VERTICES, TRIANGLE, np.array([[1.0, 0.5]]))
    back = cast_along_z(VERTICES, TRIANGLE[:, [0, 2, 1]], np.array([[1.0, 0.5]]))
    assert front.hit.all()
    assert back.hit.all()
    np.testing.assert_allclose(front.depth, back.depth)
    np.testing.assert_allclose(front.barycentric, back.barycentric[:, [0, 2, 1]])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_triangle_nearest_to_the_viewer_wins_whatever_the_order(
    way: str, order: tuple[int, ...]
) -> None:
    heights = np.array([-5.0, 40.0, 2.0])[list(order)]
    vertices = np.concatenate([VERTICES * [1, 1, 0] + [0, 0, height] for height in heights])
    triangles = np.arange(9).reshape(3, 3)
    hits = cast_along_z(vertices, triangles, np.array([[1.0, 1.0]]))
    assert heights[hits.triangle[0]] == 40.0
    assert hits.depth[0] == pytest.approx(40.0)


def test_no_ray_slips_through_a_common_edge(way: str) -> None:
    square = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])
    diagonal = np.linspace(0.5, 9.5, 19)[:, None].repeat(2, axis=1)
    hits = cast_along_z(square, np.array([[0, 1, 2], [0, 2, 3]]), diagonal)
    assert hits.hit.all()
    np.testing.assert_allclose(hits.barycentric.sum(axis=1), 1.0, atol=1e-6)


def test_a_triangle_seen_edge_on_hides_nothing(way: str) -> None:
    edge_on = np.array([[0.0, 1, 9], [4, 1, 9], [2, 1, 12]])
    vertices = np.concatenate([VERTICES, edge_on])
    hits = cast_along_z(vertices, np.array([[0, 1, 2], [3, 4, 5]]), np.array([[1.0, 1.0]]))
    assert hits.triangle.tolist() == [0]


def test_a_mesh_without_triangles_is_missed_by_every_ray(way: str) -> None:
    hits = cast_along_z(VERTICES, np.zeros((0, 3), dtype=int), np.array([[1.0, 1.0], [2.0, 2.0]]))
    assert hits.triangle.tolist() == [-1, -1]
    assert np.isnan(hits.depth).all()


def test_no_rays_give_no_hits(way: str) -> None:
    hits = cast_along_z(VERTICES, TRIANGLE, np.zeros((0, 2)))
    assert hits.triangle.shape == (0,)
    assert hits.barycentric.shape == (0, 3)


def test_weights_and_depth_give_back_the_ray(way: str) -> None:
    vertices, triangles = _crumpled_sheets(seed=1)
    points = np.random.default_rng(2).uniform(10, 110, size=(500, 2))
    hits = cast_along_z(vertices, triangles, points)
    assert hits.hit.mean() > 0.95
    corners = vertices[triangles[hits.triangle[hits.hit]]]
    found = (hits.barycentric[hits.hit][..., None] * corners).sum(axis=1)
    np.testing.assert_allclose(found[:, :2], points[hits.hit], atol=1e-3)
    np.testing.assert_allclose(found[:, 2], hits.depth[hits.hit], atol=1e-3)


def test_embree_and_the_search_without_it_see_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("embreex", reason="pip install embreex to compare with it")
    vertices, triangles = _crumpled_sheets(seed=3)
    points = np.random.default_rng(4).uniform(-5, 125, size=(3000, 2))
    with_embree = cast_along_z(vertices, triangles, points)
    monkeypatch.setitem(sys.modules, "embreex", None)
    monkeypatch.setitem(sys.modules, "embreex.mesh_construction", None)
    without = cast_along_z(vertices, triangles, points)
    np.testing.assert_array_equal(without.triangle, with_embree.triangle)
    np.testing.assert_allclose(without.depth, with_embree.depth, atol=1e-5)


def test_embree_is_taken_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("embreex", reason="pip install embreex to test it")

    def fail(*_: object) -> None:
        raise AssertionError("the slow way was taken")

    monkeypatch.setattr(rays, "_first_triangles_without_embree", fail)
    assert cast_along_z(VERTICES, TRIANGLE, np.array([[1.0, 1.0]])).hit.all()


def test_what_no_ray_can_hit_is_left_out_and_changes_nothing(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vertices, triangles = _crumpled_sheets(seed=5)
    points = np.random.default_rng(6).uniform(40, 60, size=(300, 2))
    given = []
    cast = rays._first_triangles

    def counting(some: NDArray, rows: NDArray, *rest: NDArray) -> NDArray:
        given.append((len(some), len(rows)))
        return cast(some, rows, *rest)

    monkeypatch.setattr(rays, "_first_triangles", counting)
    found = first_triangles(vertices, triangles, points)
    assert given[0][0] < len(vertices) / 4 and given[0][1] < len(triangles) / 4
    monkeypatch.setattr(rays, "_near", lambda *_: np.ones(len(triangles), dtype=bool))
    np.testing.assert_array_equal(found, first_triangles(vertices, triangles, points))
    np.testing.assert_array_equal(found, cast_along_z(vertices, triangles, points).triangle)


def test_casting_leaves_its_inputs_unchanged(way: str) -> None:
    vertices, points = VERTICES.copy(), np.array([[1.0, 1.0]])
    cast_along_z(vertices, TRIANGLE, points)
    np.testing.assert_array_equal(vertices, VERTICES)
    np.testing.assert_array_equal(points, [[1.0, 1.0]])


def test_the_pixel_grid_runs_along_rows() -> None:
    np.testing.assert_array_equal(
        pixel_grid(3, 2), [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]]
    )
