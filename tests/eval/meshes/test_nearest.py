"""Distances from points to a mesh, by hand and against a search of all triangles."""

import numpy as np
import trimesh

from eval.meshes.nearest import (
    CHUNK,
    nearest_places,
    spread_distances,
    surface_distances,
    surface_samples,
    vertex_distances,
)
from tests.eval.florence_files import invented_head

SQUARE = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]])
HALVES = np.array([[0, 1, 2], [0, 2, 3]])


def test_distances_are_as_worked_by_hand() -> None:
    # Above the middle: 2 to the square, sqrt(25 + 25 + 4) to each corner.
    points = np.array([[5.0, 5.0, 2.0], [13.0, 14.0, 0.0]])
    np.testing.assert_allclose(vertex_distances(SQUARE, points), [np.sqrt(54), 5.0])
    np.testing.assert_allclose(surface_distances(SQUARE, HALVES, points), [2.0, 5.0])


def test_surface_distances_are_those_of_a_search_of_all_triangles() -> None:
    scan = invented_head(rows=24).scan
    generator = np.random.default_rng(0)
    points = scan.vertices[generator.integers(len(scan.vertices), size=150)]
    points = points + generator.normal(size=points.shape) * 4
    corners = scan.vertices[scan.triangles]
    brute = [
        np.linalg.norm(
            trimesh.triangles.closest_point(corners, np.repeat(point[None], len(corners), axis=0))
            - point,
            axis=1,
        ).min()
        for point in points
    ]
    distances = surface_distances(scan.vertices, scan.triangles, points)
    assert (distances >= np.array(brute) - 1e-9).all()
    assert np.abs(distances - brute).mean() < 0.01
    assert (distances <= vertex_distances(scan.vertices, points) + 1e-9).all()


def test_more_points_than_a_chunk_are_measured_alike() -> None:
    points = np.random.default_rng(1).uniform(-5, 15, size=(CHUNK + 7, 3))
    whole = surface_distances(SQUARE, HALVES, points)
    np.testing.assert_allclose(whole[-7:], surface_distances(SQUARE, HALVES, points[-7:]))


def test_a_vertex_of_no_triangle_counts_as_a_point() -> None:
    vertices = np.concatenate([SQUARE, [[50.0, 0.0, 0.0]]])
    assert surface_distances(vertices, HALVES, np.array([[50.0, 0.0, 3.0]])).tolist() == [3.0]


def test_places_move_with_the_mesh() -> None:
    places = nearest_places(SQUARE, HALVES, np.array([[7.0, 2.0, 3.0], [-4.0, 0.0, 0.0]]))
    np.testing.assert_allclose(places.of(SQUARE), [[7.0, 2.0, 0.0], [0.0, 0.0, 0.0]], atol=1e-12)
    bent = SQUARE * [2.0, 1.0, 1.0] + [0.0, 0.0, 5.0]
    np.testing.assert_allclose(places.of(bent), [[14.0, 2.0, 5.0], [0.0, 0.0, 5.0]], atol=1e-12)


def test_samples_lie_on_the_surface_evenly() -> None:
    small = np.concatenate([SQUARE, SQUARE[:3] + np.array([20.0, 0.0, 0.0])])
    triangles = np.concatenate([HALVES, [[4, 5, 6]]])  # a third of the area
    samples = surface_samples(small, triangles, 3_000)
    assert samples.shape == (3_000, 3) and (samples[:, 2] == 0).all()
    assert abs((samples[:, 0] > 15).mean() - 1 / 3) < 0.04
    np.testing.assert_allclose(samples[samples[:, 0] <= 10].mean(axis=0), [5, 5, 0], atol=0.3)
    assert surface_samples(SQUARE, np.array([[0, 0, 0]]), 5).shape == (0, 3)


def test_spread_distances_see_area_and_not_the_number_of_vertices() -> None:
    crowd = np.random.default_rng(0).uniform(-1.0, 1.0, size=(500, 3))
    vertices = np.concatenate([SQUARE, crowd])
    triangles = np.concatenate([HALVES, np.repeat(4 + np.arange(500)[:, None], 3, axis=1)])
    points = SQUARE + np.array([0.0, 0.0, 3.0])
    found = spread_distances(vertices, triangles, points)
    np.testing.assert_allclose(found, 3.0, atol=0.01)
    lines = np.array([[0, 1, 1]])  # no area: the vertices
    assert spread_distances(SQUARE, lines, SQUARE[:1]).tolist() == [0.0]
