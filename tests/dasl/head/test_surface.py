"""Tests of the parts of a head and of its subdivided texture coordinates."""

import numpy as np
import pytest
import torch

from dasl.errors import ConfigError, DaslError
from dasl.head.surface import PARTS, head_surface
from tests.dasl.painted_head import head_model


def _uv_area(uv: np.ndarray, triangles: np.ndarray) -> float:
    first, second = (uv[triangles[:, k]] - uv[triangles[:, 0]] for k in (1, 2))
    return float((first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]).sum() / 2)


def test_the_whole_head_begins_with_the_model_itself() -> None:
    model, surface = head_model(), head_surface(head_model())
    count, count_uv = model.vertex_count, len(model.uv)
    np.testing.assert_array_equal(surface.kept[:count], np.arange(count))
    np.testing.assert_array_equal(surface.uv[:count_uv], model.uv)
    np.testing.assert_array_equal(surface.uv_vertex[:count_uv], model.uv_vertex)
    points = surface.points(model.mean_vertices)
    torch.testing.assert_close(points[:count], model.mean_vertices, rtol=0, atol=0)


def test_the_undivided_face_has_the_triangles_of_the_model() -> None:
    model, surface = head_model(), head_surface(head_model(), "face")
    assert surface.kept.max() < model.vertex_count
    of_model = set(map(tuple, model.triangles.tolist()))
    assert set(map(tuple, surface.kept[surface.triangles].tolist())) < of_model


@pytest.mark.parametrize("subdivisions", [0, 1])
@pytest.mark.parametrize("part", PARTS)
def test_a_texture_coordinate_belongs_to_the_vertex_of_its_corner(part, subdivisions) -> None:
    surface = head_surface(head_model(), part, subdivisions)
    np.testing.assert_array_equal(surface.uv_vertex[surface.uv_triangles], surface.triangles)
    assert set(surface.triangles.ravel()) == set(range(len(surface.kept)))
    assert set(surface.uv_triangles.ravel()) == set(range(len(surface.uv)))


def test_subdividing_keeps_the_islands_of_the_texture() -> None:
    coarse, fine = (head_surface(head_model(), "head", count) for count in (0, 1))
    assert len(fine.triangles) == 4 * len(head_model().triangles)
    np.testing.assert_array_equal(fine.triangles, head_model().dense_triangles)
    assert _uv_area(fine.uv, fine.uv_triangles) == pytest.approx(
        _uv_area(coarse.uv, coarse.uv_triangles), rel=1e-5
    )


def test_a_new_vertex_has_the_mean_coordinate_of_the_corners_it_lies_between() -> None:
    model, fine = head_model(), head_surface(head_model(), "head", 1)
    quad = np.unique(model.uv_triangles[:2])
    middle = fine.uv_triangles[0, 2]  # corner, edge, middle of the first quad
    np.testing.assert_allclose(fine.uv[middle], model.uv[quad].mean(axis=0), atol=1e-6)
    corner, edge = fine.uv_triangles[0, :2]
    np.testing.assert_array_equal(fine.uv[corner], model.uv[model.uv_triangles[0, 0]])
    ends = model.uv[model.uv_triangles[0, :2]]
    np.testing.assert_allclose(fine.uv[edge], ends.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("subdivisions", [0, 1])
def test_the_face_has_its_features_and_neither_ears_nor_neck(subdivisions: int) -> None:
    model = head_model()
    surface = head_surface(model, "face", subdivisions)
    kept = np.zeros(model.vertex_count, dtype=bool)
    kept[surface.kept[surface.kept < model.vertex_count]] = True
    for name in ("eyes", "nose", "lips", "brows"):
        assert kept[model.region(name)].all(), name
    assert not kept[model.region("ears")].any()
    chin = model.landmarks68_of(model.mean_vertices)[8, 1]
    points = surface.points(model.mean_vertices)
    assert points[:, 1].min() > chin - 0.015
    assert points[:, 2].min() > -0.06


def test_the_face_is_the_same_left_and_right() -> None:
    model = head_model()
    surface = head_surface(model, "face")
    mirrored = model.mirror_vertex[surface.kept]
    np.testing.assert_array_equal(np.sort(mirrored), surface.kept)


def test_points_of_a_subdivided_part_lie_on_the_dense_surface() -> None:
    model, surface = head_model(), head_surface(head_model(), "face", 1)
    dense = model.subdivide(model.mean_vertices)
    np.testing.assert_allclose(surface.points(model.mean_vertices), dense[surface.kept], atol=1e-7)


@pytest.mark.parametrize(
    ("part", "subdivisions", "message"),
    [("nose", 0, "head, face, got 'nose'"), ("face", 2, "0 or 1, got 2")],
)
def test_an_unknown_part_or_level_is_refused(part, subdivisions, message) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        head_surface(head_model(), part, subdivisions)
    assert isinstance(caught.value, DaslError)


@pytest.mark.parametrize("subdivisions", [0, 1])
def test_the_head_is_closed_under_the_neck(subdivisions: int) -> None:
    surface = head_surface(head_model(), "head", subdivisions)
    closed = surface.closed_triangles
    sides = np.stack([closed, np.roll(closed, -1, axis=1)], axis=-1).reshape(-1, 2)
    used = {(first, second) for first, second in sides.tolist()}
    ring = np.stack([surface.rim, np.roll(surface.rim, -1)], axis=1).tolist()
    assert len(ring) > 40
    # each edge of the rim is run along once by the skin and once backwards by the lid
    assert all((a, b) in used and (b, a) in used for a, b in ring)
    assert head_surface(head_model(), "face", subdivisions).rim.size == 0
