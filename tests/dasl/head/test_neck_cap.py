"""Tests of the lid under the neck, on meshes worked by hand."""

import numpy as np

from dasl.head.neck_cap import fan, lowest_border, with_centre

# A tube of square section, open above and below; its triangles face outward.
TUBE = np.array([[x, y, z] for y in (0, 1) for x, z in ((0, 0), (0, 1), (1, 1), (1, 0))], float)
SIDES = [[k, (k + 1) % 4, (k + 1) % 4 + 4, k + 4] for k in range(4)]
TRIANGLES = np.array([t for a, b, c, d in SIDES for t in ([a, b, c], [a, c, d])])


def _volume(vertices: np.ndarray, triangles: np.ndarray) -> float:
    first, second, third = np.moveaxis(vertices[triangles], 1, 0)
    return float((first * np.cross(second, third)).sum() / 6)


def test_the_lowest_border_runs_round_the_lower_end() -> None:
    assert sorted(lowest_border(TUBE, TRIANGLES).tolist()) == [0, 1, 2, 3]
    turned = TUBE * [1, -1, 1]
    assert sorted(lowest_border(turned, TRIANGLES).tolist()) == [4, 5, 6, 7]


def test_a_closed_mesh_has_no_border() -> None:
    tetrahedron = np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]])
    rim = lowest_border(np.eye(4, 3), tetrahedron)
    assert rim.size == 0
    assert with_centre(np.eye(4, 3), rim).shape == (4, 3)
    assert fan(rim, 4).shape == (0, 3)


def test_a_fan_closes_a_box_outward() -> None:
    vertices, triangles = TUBE, TRIANGLES
    for border in (TUBE, TUBE * [1, -1, 1]):
        rim = lowest_border(border, TRIANGLES)
        triangles = np.concatenate([triangles, fan(rim, len(vertices))])
        vertices = with_centre(vertices, rim)
    np.testing.assert_allclose(vertices[8:], [[0.5, 0, 0.5], [0.5, 1, 0.5]])
    np.testing.assert_allclose(abs(_volume(vertices, triangles)), 1.0)
