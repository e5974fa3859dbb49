"""The error of a shape: none for the truth, wherever it lies, and a known one for a known bump."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from tools.shape_error import REGIONS, FaceSurface, face_surface


@pytest.fixture(scope="module")
def surface() -> FaceSurface:
    model = MorphableModel.load()
    return face_surface(model, model.region("skin"))


@pytest.fixture(scope="module")
def head(surface: FaceSurface) -> np.ndarray:
    return surface.model.mean_vertices.astype(np.float64)


def test_the_truth_has_no_error_however_it_is_turned_and_scaled(
    surface: FaceSurface, head: np.ndarray
) -> None:
    turn = Rotation.from_euler("xyz", [20, -30, 10], degrees=True).as_matrix()
    errors = surface.errors(1.2 * head @ turn.T + [0.1, 0.0, -0.3], head, head)
    assert errors.shape == (len(REGIONS),)
    assert errors.max() < 1e-4


def test_a_bump_of_one_point_counts_by_its_area_over_the_interocular_distance(
    surface: FaceSurface, head: np.ndarray
) -> None:
    normals = vertex_normals(head, surface.model.triangles)
    landmarks = surface.model.landmarks68_of(surface.model.mean_vertices)
    # A point of the forehead, where the face bulges: the nearest predicted point is its foot.
    forehead = surface.weights[REGIONS.index("forehead")]
    column = int(np.argmax(np.where(forehead > 0, head[surface.points, 1], -np.inf)))
    row, height_mm = surface.points[column], 2.0
    bumped = head.copy()
    bumped[row] += normals[row] * height_mm / 1000
    distances = surface.distances_mm(head, bumped)
    assert distances[column] == pytest.approx(height_mm, rel=0.02)
    assert np.delete(distances, column).max() < 0.1
    eyes_mm = 1000 * np.linalg.norm(landmarks[36] - landmarks[45])
    wanted = 100 * surface.weights[:, column] * distances[column] / eyes_mm
    errors = surface.errors(head, bumped, head)
    rest = 100 * np.delete(distances, column).max() / eyes_mm
    assert np.all(errors >= wanted)
    assert np.all(errors <= wanted + rest)


def test_regions_share_the_points_and_are_where_their_names_say(
    surface: FaceSurface, head: np.ndarray
) -> None:
    np.testing.assert_allclose(surface.weights.sum(axis=1), 1.0)
    assert ((surface.weights[1:] > 0).sum(axis=0) == 1).all()
    middle = dict(zip(REGIONS, surface.weights @ head[surface.points], strict=True))
    assert middle["chin"][1] < middle["mouth"][1] < middle["nose"][1] < middle["eyes"][1]
    assert middle["eyes"][1] < middle["forehead"][1]
    assert middle["nose"][2] == max(place[2] for place in middle.values())
    inside = np.any(
        [surface.model.region(name) for name in ("eyeballs", "teeth", "inner_mouth")],
        axis=0,
    )
    assert not inside[surface.points].any()
    assert not inside[surface.vertices].any()
