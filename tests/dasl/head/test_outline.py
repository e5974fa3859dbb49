"""Tests of the smooth outline: corners of the silhouette, no gaps, vertices in place."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from dasl.head.outline import smooth_points, split_triangles
from dasl.head.surface import head_surface
from tests.dasl.head_shapes import neutral, random_shapes
from tests.dasl.painted_head import head_model

EYE_LEVEL_M = 0.04
BEHIND_THE_FACE_M = -0.05
ONE_QUAD = np.array(
    [[0, 4, 8], [0, 8, 7], [1, 5, 8], [1, 8, 4], [2, 6, 8], [2, 8, 5], [3, 7, 8], [3, 8, 6]]
)
CORNERS = np.array(
    [[0, 0], [2, 0], [2, 2], [0, 2], [1, 0], [2, 1], [1, 2], [0, 1], [1, 1]], dtype=float
)


def _largest_turn_deg(vertices: np.ndarray, yaw_deg: float) -> float:
    """Largest angle between successive sides of the skull's outline.

    Above the eyes and behind the face it is convex: the hull of the projected vertices.
    """
    yaw = np.radians(yaw_deg)
    seen = np.stack(
        [np.cos(yaw) * vertices[:, 0] + np.sin(yaw) * vertices[:, 2], vertices[:, 1]], axis=1
    )
    on_hull = ConvexHull(seen).vertices
    is_skull = (vertices[on_hull, 1] > EYE_LEVEL_M) & (vertices[on_hull, 2] < BEHIND_THE_FACE_M)
    return float(_turns_deg(seen[on_hull])[is_skull].max())


def _turns_deg(polygon: np.ndarray) -> np.ndarray:
    """(N,) angles at the corners of a closed polygon, (N, 2)."""
    after = np.roll(polygon, -1, axis=0) - polygon
    before = np.roll(after, 1, axis=0)
    sine = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.abs(np.degrees(np.arctan2(sine, (before * after).sum(axis=1))))


def _nape(vertices: np.ndarray) -> np.ndarray:
    """(N, 2) height and depth of the middle line from the neck's rim to the eyes' level."""
    is_nape = (np.abs(vertices[:, 0]) < 1e-4) & (vertices[:, 2] < 2 * BEHIND_THE_FACE_M)
    line = vertices[is_nape & (vertices[:, 1] < EYE_LEVEL_M)][:, 1:]
    return line[line[:, 0].argsort()]


@pytest.mark.parametrize("yaw_deg", [0, 60, 90, 120, 150])
def test_the_outline_of_the_skull_turns_in_smaller_steps(yaw_deg: float) -> None:
    model, surface = head_model(), head_surface(head_model())
    identity, expression = random_shapes(model, 6)
    others = model.vertices(identity, 0 * expression).numpy()
    people = np.concatenate([model.mean_vertices[None], others])
    before = np.array([_largest_turn_deg(person, yaw_deg) for person in people])
    after = np.array([_largest_turn_deg(surface.points(person), yaw_deg) for person in people])
    assert (after < before).all()
    assert after.mean() < 0.75 * before.mean()


def test_the_nape_turns_in_smaller_steps() -> None:
    model, surface = head_model(), head_surface(head_model())
    before = _nape(model.mean_vertices)
    after = _nape(surface.points(model.mean_vertices))
    assert len(after) > 1.5 * len(before)
    assert _turns_deg(after)[1:-1].max() < 0.75 * _turns_deg(before)[1:-1].max()


def test_new_points_lie_within_millimetres_of_the_subdivided_head() -> None:
    model, surface = head_model(), head_surface(head_model())
    new = surface.kept[model.vertex_count :]
    smooth = smooth_points(model, model.mean_vertices)[new]
    apart = np.linalg.norm(smooth - model.subdivide(model.mean_vertices)[new], axis=1)
    assert 0 < float(apart.mean()) < 1e-3
    assert float(apart.max()) < 5e-3


def test_there_is_no_gap_where_split_edges_meet_whole_ones() -> None:
    model, surface = head_model(), head_surface(head_model())
    assert _border_count(surface.triangles) - _border_count(model.triangles) == (
        len(surface.rim) - len(head_surface(model, "head", 1).rim) // 2
    )


def _border_count(triangles: np.ndarray) -> int:
    sides = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    assert len(np.unique(sides, axis=0)) == len(sides)  # neighbours wind the same way
    uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)[1]
    assert uses.max() == 2
    return int((uses == 1).sum())


@pytest.mark.parametrize("choice", range(16))
def test_the_triangles_of_a_quad_fill_it_and_use_its_new_points(choice: int) -> None:
    is_split = np.array([[bool(choice >> side & 1) for side in range(4)]])
    triangles, quad = split_triangles(ONE_QUAD, is_split)
    first, second = (CORNERS[triangles[:, k]] - CORNERS[triangles[:, 0]] for k in (1, 2))
    area = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (area > 0).all()
    assert area.sum() == 4
    wanted = {0, 1, 2, 3} | {4 + side for side in np.flatnonzero(is_split)}
    assert set(triangles.ravel()) == wanted | ({8} if is_split.all() else set())
    assert (quad == 0).all()


def test_a_moved_head_has_its_new_points_moved_with_it() -> None:
    model = head_model()
    offset = np.array([0.1, -0.2, 0.3], dtype=np.float32)
    moved = smooth_points(model, model.mean_vertices + offset)
    # float16 weights: rows sum to 1 within 2e-4
    np.testing.assert_allclose(
        moved, smooth_points(model, model.mean_vertices) + offset, rtol=0, atol=2e-4
    )


def test_new_points_follow_an_expression_as_their_neighbours_do() -> None:
    model, surface = head_model(), head_surface(head_model())
    rest = model.vertices(*neutral(model))[0].numpy()
    moved = model.vertices(*neutral(model, jawOpen=1.0))[0].numpy()
    jaw = model.expression_names.index("jawOpen")
    np.testing.assert_allclose(
        surface.points(moved) - surface.points(rest),
        surface.points(model.expression_basis)[jaw],
        rtol=0,
        atol=1e-6,
    )
