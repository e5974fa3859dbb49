"""The embedded head: its surface, the dense surface and the texture layout."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from dasl.head.morphable_model import MorphableModel
from eval.meshes.rays import cast_along_z
from tests.dasl.head_shapes import neutral, random_shapes
from tests.dasl.tensor_head import TensorHead

# Below this height the neck is cut open and may show its inside, metres.
COLLAR_Y = -0.055


@pytest.fixture(scope="module")
def head_model() -> TensorHead:
    """The embedded head model."""
    return TensorHead(MorphableModel.load())


def _directed_edges(triangles: Tensor) -> Tensor:
    return torch.cat([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


@pytest.mark.parametrize("name", ["triangles", "dense_triangles", "uv_triangles"])
def test_neighbouring_triangles_wind_the_same_way(head_model: TensorHead, name: str) -> None:
    # Two triangles that agree run along their common edge in opposite directions.
    _, uses = _directed_edges(getattr(head_model, name)).unique(dim=0, return_counts=True)
    assert int(uses.max()) == 1


@pytest.mark.parametrize("yaw_deg", [0, 90, 180, 270])
def test_whatever_is_seen_from_around_shows_its_outer_side(
    head_model: TensorHead, yaw_deg: int
) -> None:
    angle = np.radians(yaw_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    vertices = 1000 * head_model.mean_vertices.numpy() @ turn.T
    triangles = head_model.triangles.numpy()
    grid = np.stack(np.meshgrid(np.arange(-150, 150, 2.3), np.arange(-140, 150, 2.3)), axis=-1)
    hits = cast_along_z(vertices, triangles, grid.reshape(-1, 2))
    corners = vertices[triangles[hits.triangle[hits.hit]]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    above_the_collar = corners[:, :, 1].min(axis=1) > 1000 * COLLAR_Y
    assert above_the_collar.sum() > 4000
    assert (normals[above_the_collar, 2] > 0).all()


def test_the_dense_surface_has_at_least_18000_vertices(head_model: TensorHead) -> None:
    dense = head_model.subdivide(head_model.vertices(*neutral(head_model)))
    assert dense.shape[1] >= 18_000
    assert int(head_model.dense_triangles.max()) == dense.shape[1] - 1
    assert len(head_model.dense_triangles) == 4 * len(head_model.triangles)


def test_subdivision_keeps_a_constant_and_follows_an_affine_map(head_model: TensorHead) -> None:
    # float16 weights: rows sum to 1 within 2e-4.
    ones = head_model.subdivide(torch.ones(head_model.vertex_count, 3))
    torch.testing.assert_close(ones, torch.ones_like(ones), rtol=0, atol=2e-4)
    vertices = head_model.mean_vertices
    turned = head_model.subdivide(2 * vertices[:, [2, 0, 1]] + 1)
    wanted = 2 * head_model.subdivide(vertices)[:, [2, 0, 1]] + 1
    torch.testing.assert_close(turned, wanted, rtol=0, atol=2e-4)


def test_subdividing_a_batch_is_subdividing_each(head_model: TensorHead) -> None:
    vertices = head_model.vertices(*random_shapes(head_model, 3))
    whole = head_model.subdivide(vertices.reshape(3, 1, -1, 3))
    assert whole.shape[:2] == (3, 1)
    torch.testing.assert_close(whole[1, 0], head_model.subdivide(vertices[1]))


def test_the_dense_surface_stays_close_to_the_base_mesh(head_model: TensorHead) -> None:
    dense = head_model.subdivide(head_model.mean_vertices)[: head_model.vertex_count]
    moved = (dense - head_model.mean_vertices).norm(dim=1)
    assert float(moved[head_model.region("face")].max()) < 3e-3
    assert float(moved[head_model.region("face")].mean()) < 3e-4


def test_dense_triangles_face_as_the_base_triangles_they_come_from(
    head_model: TensorHead,
) -> None:
    # Each quad gives 2 base and 8 dense triangles, in the same order.
    base = _normals(head_model.mean_vertices, head_model.triangles).reshape(-1, 2, 3).sum(dim=1)
    dense = _normals(head_model.subdivide(head_model.mean_vertices), head_model.dense_triangles)
    agreement = (base * dense.reshape(-1, 8, 3).sum(dim=1)).sum(dim=1) > 0
    assert float(agreement.float().mean()) > 0.999


def _normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    first, second, third = vertices[triangles].unbind(dim=1)
    return torch.linalg.cross(second - first, third - first)


def test_texture_coordinates_lie_in_the_unit_square(head_model: TensorHead) -> None:
    assert float(head_model.uv.min()) >= 0
    assert float(head_model.uv.max()) <= 1


def test_texture_triangles_are_the_mesh_triangles(head_model: TensorHead) -> None:
    assert torch.equal(head_model.uv_vertex[head_model.uv_triangles], head_model.triangles)


def _texel_counts(triangles_uv: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """How many triangles cover each texel's centre: (size, size)."""
    counts = np.zeros((size, size), dtype=np.int64)
    for first, second, third in triangles_uv * size - 0.5:
        low = np.floor(np.minimum(np.minimum(first, second), third)).astype(int)
        high = np.ceil(np.maximum(np.maximum(first, second), third)).astype(int)
        low, high = np.clip(low, 0, size - 1), np.clip(high, 0, size - 1)
        u, v = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        inside = np.ones(u.shape, dtype=bool)
        for start, end in ((first, second), (second, third), (third, first)):
            side = (end[0] - start[0]) * (v - start[1]) - (end[1] - start[1]) * (u - start[0])
            inside &= side > 0
        counts[v[inside], u[inside]] += 1
    return counts


def test_texture_islands_do_not_overlap_and_use_the_room(head_model: TensorHead) -> None:
    counts = _texel_counts(
        head_model.uv.numpy()[head_model.uv_triangles.numpy()].astype(np.float64), 256
    )
    assert (counts > 1).sum() < 0.002 * counts.size
    assert (counts > 0).mean() > 0.5


def test_texture_triangles_are_not_turned_over(head_model: TensorHead) -> None:
    first, second, third = head_model.uv[head_model.uv_triangles].unbind(dim=1)
    (a, b), (c, d) = (second - first).unbind(dim=1), (third - first).unbind(dim=1)
    assert float((a * d - b * c > 0).float().mean()) > 0.999


def test_the_face_lies_upright_and_unmirrored_in_the_texture(head_model: TensorHead) -> None:
    face = head_model.region("face")[head_model.uv_vertex]
    position, uv = head_model.mean_vertices[head_model.uv_vertex[face]], head_model.uv[face]
    for axis in (0, 1):
        together = torch.corrcoef(torch.stack([position[:, axis], uv[:, axis]]))[0, 1]
        assert float(together) > 0.9
