"""Depth of points in a surface, on a box whose answers are known."""

import numpy as np
import pytest

from tools.head_model.passing import depth, laid, sampled, samples, sheet, winding_number
from tools.head_model.topology import triangles_from_quads

CUBE = np.array([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])
QUADS = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
TRIANGLES = triangles_from_quads(QUADS)


@pytest.mark.parametrize(
    ("point", "wanted", "outward"),
    [
        ((0.0, 0.0, 0.75), 0.25, (0, 0, 1)),
        ((0.0, 0.0, 1.5), -0.5, (0, 0, 1)),
        ((0.9, 0.1, 0.2), 0.1, (1, 0, 0)),
        ((1.3, 1.4, 0.0), -0.5, (0.6, 0.8, 0)),
        ((2.0, 2.0, 2.0), -np.sqrt(3), np.full(3, 1 / np.sqrt(3))),
    ],
)
def test_depth_is_positive_inside_a_box_and_outward_leads_out(point, wanted, outward) -> None:
    deep, out = depth(laid(CUBE, sheet(TRIANGLES)), np.array([point]))
    np.testing.assert_allclose(deep, [wanted], atol=1e-12)
    np.testing.assert_allclose(out, [outward], atol=1e-12)


def test_a_fold_that_shows_its_wrong_side_makes_no_inside() -> None:
    # A flap before the box, turned round: its nearest side says "inside", the whole does not.
    flap = np.array([[-0.2, -0.2, 1.5], [0.2, -0.2, 1.5], [0.0, 0.2, 1.5]])
    vertices = np.concatenate([CUBE, flap])
    triangles = np.concatenate([TRIANGLES, [[8, 10, 9]]])
    deep, _ = depth(laid(vertices, sheet(triangles)), np.array([[0.0, 0.0, 1.6]]))
    assert deep[0] == pytest.approx(-0.1)


def test_a_closed_surface_winds_once_around_its_inside() -> None:
    points = np.array([[0, 0, 0], [0.9, -0.9, 0.5], [2, 0, 0], [0, 0, 1.1]])
    np.testing.assert_allclose(winding_number(CUBE[TRIANGLES], points), [1, 1, 0, 0], atol=1e-9)


def test_samples_are_corners_edges_and_middles() -> None:
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    points = sampled(corners, samples(np.array([[0, 1, 2]])))
    wanted = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0], [0, 0.5, 0], [0.5, 0.5, 0]]
    assert sorted(points[:6].tolist()) == sorted(wanted)
    np.testing.assert_allclose(points[6], [1 / 3, 1 / 3, 0])
