"""Cutting the head, laying out its texture, and subdividing; with meshes worked by hand."""

import numpy as np
from numpy.typing import NDArray

from tools.head_model.topology import (
    RIM_HEIGHT_DM,
    RIM_TILT,
    UV_BOXES,
    HeadTopology,
    subdivision_operator,
    triangles_from_quads,
    trim_collar,
)

CUBE = np.array([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])
CUBE_QUADS = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)


def test_a_quad_becomes_two_triangles_of_the_same_winding() -> None:
    triangles = triangles_from_quads(np.array([[4, 5, 6, 7], [1, 2, 3, 0]]))
    assert triangles.tolist() == [[4, 5, 6], [4, 6, 7], [1, 2, 3], [1, 3, 0]]


def test_a_subdivided_cube_is_as_worked_by_hand() -> None:
    # Corners (F + 2 R + 0 P) / 3 = 5/9; edges (2 ends + 2 face points) / 4 = 3/4; faces stay.
    operator, quads = subdivision_operator(CUBE_QUADS, 8)
    fine = operator @ CUBE
    assert fine.shape == (8 + 12 + 6, 3)
    assert quads.shape == (24, 4)
    np.testing.assert_allclose(fine[:8], CUBE * 5 / 9)
    np.testing.assert_allclose(np.sort(np.abs(fine[8:20]), axis=1), [[0, 0.75, 0.75]] * 12)
    np.testing.assert_allclose(np.sort(np.abs(fine[20:]), axis=1), [[0, 0, 1]] * 6)


def test_a_lone_quad_follows_the_border_rule() -> None:
    # Corner: 3/4 of itself and 1/8 of each border neighbour; border edges take their midpoint.
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    operator, _ = subdivision_operator(np.array([[0, 1, 2, 3]]), 4)
    fine = operator @ corners
    np.testing.assert_allclose(fine[0], [0.125, 0.125, 0])
    assert sorted(map(tuple, fine[4:8])) == [(0, 0.5, 0), (0.5, 0, 0), (0.5, 1, 0), (1, 0.5, 0)]
    np.testing.assert_allclose(fine[8], [0.5, 0.5, 0])


def test_subdivision_rows_sum_to_one(topology: HeadTopology) -> None:
    operator, _ = subdivision_operator(topology.quads, len(topology.kept))
    np.testing.assert_allclose(operator.sum(axis=1), 1.0, atol=1e-12)
    assert operator.min() >= 0


def test_subdivided_quads_wind_as_the_quads_they_come_from() -> None:
    operator, quads = subdivision_operator(CUBE_QUADS, 8)
    fine = operator @ CUBE

    def volume(vertices: np.ndarray, triangles: np.ndarray) -> float:
        first, second, third = np.moveaxis(vertices[triangles], 1, 0)
        return float((first * np.cross(second, third)).sum() / 6)

    whole = volume(CUBE, triangles_from_quads(CUBE_QUADS))
    assert abs(whole) == 8
    assert 0.3 < volume(fine, triangles_from_quads(quads)) / whole < 1


def test_the_cut_head_keeps_eyes_teeth_and_tongue(topology: HeadTopology) -> None:
    assert set(topology.groups) == {
        "body",
        "helper-l-eye",
        "helper-r-eye",
        "helper-upper-teeth",
        "helper-lower-teeth",
        "helper-tongue",
    }


def test_no_vertex_of_the_cut_head_is_unused(topology: HeadTopology) -> None:
    np.testing.assert_array_equal(np.unique(topology.quads), np.arange(len(topology.kept)))
    np.testing.assert_array_equal(np.unique(topology.uv_quads), np.arange(len(topology.uv)))


def test_the_cut_is_left_right_symmetric(topology: HeadTopology) -> None:
    mirror = topology.mirror
    assert mirror.min() >= 0
    np.testing.assert_array_equal(mirror[mirror], np.arange(len(mirror)))


def _border_edges(quads: NDArray[np.int64]) -> NDArray[np.int64]:
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    edges, uses = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    return edges[uses == 1]


def test_the_trimmed_neck_ends_in_one_closed_rim_in_a_plane(
    topology: HeadTopology, untrimmed_adult: NDArray[np.float64]
) -> None:
    trimmed, rows, raised = trim_collar(topology, untrimmed_adult)
    adult = untrimmed_adult[rows] + raised[:, None] * [0, 1, 0]
    rim = _border_edges(trimmed.quads)
    rim = rim[(raised[rim] != 0).all(axis=1)]
    vertices, uses = np.unique(rim, return_counts=True)
    assert len(vertices) == len(rim) > 20
    assert (uses == 2).all()
    plane = RIM_HEIGHT_DM + RIM_TILT * adult[vertices, 2]
    np.testing.assert_allclose(adult[vertices, 1], plane, atol=1e-9)
    np.testing.assert_array_equal(np.flatnonzero(raised), vertices)
    assert np.abs(raised).max() < 0.2


def test_trimming_keeps_each_remaining_vertex_and_its_texture(
    topology: HeadTopology, untrimmed_adult: NDArray[np.float64]
) -> None:
    trimmed, rows, raised = trim_collar(topology, untrimmed_adult)
    assert len(raised) == len(rows) == len(trimmed.kept)
    np.testing.assert_array_equal(trimmed.kept, topology.kept[rows])
    np.testing.assert_array_equal(trimmed.mirror[trimmed.mirror], np.arange(len(rows)))
    np.testing.assert_array_equal(
        trimmed.kept[trimmed.mirror], topology.kept[topology.mirror[rows]]
    )
    np.testing.assert_allclose(raised[trimmed.mirror], raised, atol=1e-9)
    np.testing.assert_array_equal(np.unique(trimmed.quads), np.arange(len(rows)))
    np.testing.assert_array_equal(trimmed.uv_vertex[trimmed.uv_quads], trimmed.quads)


def test_every_island_lies_in_its_own_box(topology: HeadTopology) -> None:
    assert set(topology.islands) == set(UV_BOXES)
    for name, (u0, v0, u1, v1) in UV_BOXES.items():
        uv = topology.uv[topology.uv_quads[topology.islands == name]]
        assert uv[..., 0].min() >= u0 - 1e-9
        assert uv[..., 0].max() <= u1 + 1e-9
        assert uv[..., 1].min() >= v0 - 1e-9
        assert uv[..., 1].max() <= v1 + 1e-9


def test_no_two_boxes_of_the_texture_overlap() -> None:
    boxes = list(UV_BOXES.values())
    for index, (u0, v0, u1, v1) in enumerate(boxes):
        for x0, y0, x1, y1 in boxes[:index]:
            assert u1 <= x0 or x1 <= u0 or v1 <= y0 or y1 <= v0
