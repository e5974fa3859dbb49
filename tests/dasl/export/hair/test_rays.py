import numpy as np

from dasl.export.hair.rays import (
    AZIMUTH_DEG,
    COLUMNS,
    DOME_ROWS,
    ROWS,
    mirrored,
    outermost_radius,
    ray_field,
    unrolled,
)
from tests.dasl.painted_head import head_model


def test_unrolling_a_point_on_a_ray_gives_that_ray_and_its_radius() -> None:
    radius = np.random.default_rng(0).uniform(0.05, 0.15, (ROWS, COLUMNS)).astype(np.float32)
    flat = unrolled(ray_field().points(radius).reshape(-1, 3)).reshape(ROWS, COLUMNS, 3)
    rows, columns = np.indices((ROWS, COLUMNS))
    np.testing.assert_allclose(flat[..., 0], columns, atol=1e-3)
    np.testing.assert_allclose(flat[..., 1], rows, atol=1e-3)
    np.testing.assert_allclose(flat[..., 2], 1000 * radius, rtol=1e-4)


def test_the_middle_column_looks_ahead_and_the_first_row_up() -> None:
    direction = ray_field().direction
    assert direction[DOME_ROWS, COLUMNS // 2] @ [0, 0, 1] > 0.999
    assert direction[0, :, 1].min() > 0.99
    assert AZIMUTH_DEG[COLUMNS // 2] == 0.0


def test_rays_leave_a_head_where_its_skin_is() -> None:
    model = head_model()
    vertices, triangles = model.mean_vertices, model.triangles
    points = ray_field().points(outermost_radius(vertices, triangles))
    nose = vertices[vertices[:, 2].argmax()]
    assert abs(points[..., 2].max() - nose[2]) < 0.003
    crown = vertices[:, 1].max()
    assert abs(points[..., 1].max() - crown) < 0.003


def test_a_mirrored_field_has_left_and_right_exchanged() -> None:
    x = ray_field().direction[..., 0]
    np.testing.assert_allclose(mirrored(x), -x, atol=1e-6)
