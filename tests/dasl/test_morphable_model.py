"""The morphable model as a class (on an invented head) and the embedded head itself."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from dasl.errors import ShapeError, WeightsError
from dasl.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.training.augment import MIRROR_21, MIRROR_68
from eval.rays import cast_along_z
from tests.dasl.tiny_model import E, K, V, tiny_model

ARKIT_NAMES = """
browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight
eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight
eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight
mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight
mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft
noseSneerRight
"""
REGIONS = ("brows", "ears", "eye_sockets", "eyeballs", "eyes", "face", "inner_mouth", "jaw")
REGIONS += ("lips", "mouth", "nose", "skin", "teeth", "tongue")
MIRROR_X = torch.tensor([-1.0, 1.0, 1.0])
# Below this height the neck is cut open and may show its inside, metres.
COLLAR_Y = -0.055


@pytest.fixture(scope="module")
def head() -> MorphableModel:
    """The embedded head."""
    return MorphableModel.load()


def _shapes(model: MorphableModel, count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(11)
    identity = torch.randn(count, model.identity_count, generator=generator)
    return identity, torch.rand(count, model.expression_count, generator=generator)


def _neutral(model: MorphableModel, **expressions: float) -> tuple[Tensor, Tensor]:
    expression = torch.zeros(1, model.expression_count)
    for name, value in expressions.items():
        expression[0, model.expression_names.index(name)] = value
    return torch.zeros(1, model.identity_count), expression


# The class, on 12 vertices.


def test_shapes_are_those_of_the_docstrings() -> None:
    model = tiny_model()
    identity, expression = _shapes(model, 4)
    assert (model.vertex_count, model.identity_count, model.expression_count) == (V, K, E)
    assert model.vertices(identity, expression).shape == (4, V, 3)
    assert model.landmarks68(identity, expression).shape == (4, 68, 3)
    assert model.landmarks21(identity, expression).shape == (4, 21, 3)


def test_a_vertex_is_the_sum_worked_by_hand() -> None:
    model = tiny_model()
    found = model.vertices(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([[0.0, 0.5]]))[0, 3]
    wanted = (
        model.mean_vertices[3]
        + 2 * model.identity_basis[0, 3]
        - model.identity_basis[2, 3]
        + 0.5 * model.expression_basis[1, 3]
    )
    torch.testing.assert_close(found, wanted)


def test_no_coefficient_is_the_mean_head() -> None:
    model = tiny_model()
    found = model.vertices(torch.zeros(1, K), torch.zeros(1, E))
    torch.testing.assert_close(found[0], model.mean_vertices)


def test_each_row_of_a_batch_is_as_on_its_own() -> None:
    model = tiny_model()
    identity, expression = _shapes(model, 5)
    for points in (model.vertices, model.landmarks68, model.landmarks21):
        whole = points(identity, expression)
        for row in range(5):
            alone = points(identity[row : row + 1], expression[row : row + 1])
            torch.testing.assert_close(whole[row : row + 1], alone)


def test_landmarks_are_the_surface_points_of_the_moved_vertices() -> None:
    model = tiny_model()
    identity, expression = _shapes(model, 5)
    vertices = model.vertices(identity, expression)
    torch.testing.assert_close(
        model.landmarks68(identity, expression), model.landmarks68_of(vertices)
    )


def test_landmarks_of_turned_and_moved_vertices_turn_and_move_with_them() -> None:
    model = tiny_model()
    vertices = model.vertices(*_shapes(model, 2))
    moved = model.landmarks68_of(3 * vertices[..., [1, 2, 0]] + 7)
    torch.testing.assert_close(moved, 3 * model.landmarks68_of(vertices)[..., [1, 2, 0]] + 7)


def test_vertices_have_the_gradient_of_their_formula() -> None:
    model = tiny_model().double()
    leaves = [shape.double().requires_grad_() for shape in _shapes(model, 2)]
    assert torch.autograd.gradcheck(model.vertices, leaves)


def test_no_basis_enters_a_checkpoint(head: MorphableModel) -> None:
    assert tiny_model().state_dict() == {}
    assert head.state_dict() == {}
    assert list(head.parameters()) == []


def test_mirrored_expressions_swap_left_and_right() -> None:
    assert tiny_model().mirror_expression.tolist() == [1, 0]


def test_an_unknown_region_is_answered_with_the_known_ones(head: MorphableModel) -> None:
    with pytest.raises(ValueError, match=r"no region 'chin'; there are brows, ears, .*tongue"):
        head.region("chin")


def test_a_missing_batch_axis_is_named_with_the_remedy() -> None:
    wanted = re.escape("identity must be (B, 3), got (3,); add a batch axis")
    with pytest.raises(ShapeError, match=wanted):
        tiny_model().vertices(torch.zeros(3), torch.zeros(2))


def test_wrong_counts_are_named() -> None:
    model = tiny_model()
    with pytest.raises(ShapeError, match=re.escape("identity must be (B, 3), got (1, 4)")):
        model.landmarks68(torch.zeros(1, 4), torch.zeros(1, 2))
    with pytest.raises(ShapeError, match=re.escape("expression must be (2, 2), got (1, 2)")):
        model.landmarks21(torch.zeros(2, 3), torch.zeros(1, 2))


def test_with_prior_recentres_and_rescales_the_same_space() -> None:
    model = tiny_model()
    shift, factor = torch.tensor([0.5, 0.0, -1.0]), torch.tensor([2.0, 1.0, 0.5])
    identity, expression = _shapes(model, 3)
    found = model.with_prior(shift, factor).landmarks68(identity, expression)
    torch.testing.assert_close(found, model.landmarks68(shift + factor * identity, expression))


def test_with_landmarks_moves_the_landmarks_and_nothing_else() -> None:
    model = tiny_model()
    at_vertex_four = torch.full((68, 3), 4), torch.tensor([[1.0, 0, 0]]).expand(68, 3)
    kept = model.landmarks21_vertices, model.landmarks21_weights
    changed = model.with_landmarks(*at_vertex_four, *kept)
    shapes = _shapes(model, 2)
    wanted = model.vertices(*shapes)[:, 4:5].expand(2, 68, 3)
    torch.testing.assert_close(changed.landmarks68(*shapes), wanted)
    torch.testing.assert_close(changed.landmarks21(*shapes), model.landmarks21(*shapes))


# Files.


def _stored() -> tuple[dict[str, Tensor], dict[str, str]]:
    with safe_open(EMBEDDED_HEAD, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def test_a_missing_head_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.safetensors.*tools\.build_head_model"):
        MorphableModel.load(tmp_path / "none.safetensors")


def test_a_damaged_head_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(EMBEDDED_HEAD.read_bytes()[:5000])
    with pytest.raises(WeightsError, match=r"cannot read the head model .*cut\.safetensors"):
        MorphableModel.load(path)


@pytest.mark.parametrize("name", ["uv", "landmarks68_vertices", "subdivision_data", "regions"])
def test_a_head_file_without_a_tensor_is_refused_by_the_tensors_name(
    tmp_path: Path, name: str
) -> None:
    tensors, metadata = _stored()
    del tensors[name]
    save_file(tensors, tmp_path / "head.safetensors", metadata)
    with pytest.raises(WeightsError, match=f"lacks {name}"):
        MorphableModel.load(tmp_path / "head.safetensors")


def test_a_head_file_without_names_is_refused(tmp_path: Path) -> None:
    tensors, _ = _stored()
    save_file(tensors, tmp_path / "head.safetensors")
    with pytest.raises(WeightsError, match="lacks region_names, expression_names"):
        MorphableModel.load(tmp_path / "head.safetensors")


def test_the_embedded_head_is_at_most_eight_megabytes() -> None:
    assert EMBEDDED_HEAD.stat().st_size <= 8_000_000


def test_the_embedded_head_loads_in_double_precision(head: MorphableModel) -> None:
    double = MorphableModel.load(dtype=torch.float64)
    shapes = _shapes(head, 2)
    found = double.vertices(*(shape.double() for shape in shapes))
    assert found.dtype == torch.float64
    assert double.subdivide(found).dtype == torch.float64
    torch.testing.assert_close(found.float(), head.vertices(*shapes), rtol=0, atol=1e-6)


# The embedded head: names and numbers.


def test_expressions_are_the_51_arkit_names_in_alphabetical_order(head: MorphableModel) -> None:
    assert list(head.expression_names) == ARKIT_NAMES.split()
    assert head.expression_count == 51


def test_there_are_about_100_identities_and_a_few_are_asymmetric(head: MorphableModel) -> None:
    assert head.identity_count == 100
    assert set(head.identity_mirror_sign.tolist()) == {1.0, -1.0}
    assert (head.identity_mirror_sign > 0).sum() > 3 * (head.identity_mirror_sign < 0).sum()


@pytest.mark.parametrize("name", REGIONS)
def test_every_named_region_is_there_and_left_right_symmetric(
    head: MorphableModel, name: str
) -> None:
    mask = head.region(name)
    assert mask.shape == (head.vertex_count,)
    assert mask.dtype == torch.bool
    assert 50 < int(mask.sum()) < head.vertex_count
    if name != "skin":
        assert torch.equal(mask, mask[head.mirror_vertex])


def test_parts_of_the_head_lie_where_an_anatomist_expects_them(head: MorphableModel) -> None:
    height = {name: float(head.mean_vertices[head.region(name), 1].mean()) for name in REGIONS}
    assert height["jaw"] < height["mouth"] < height["nose"] < height["eyes"] < height["brows"]
    depth = {name: float(head.mean_vertices[head.region(name), 2].mean()) for name in REGIONS}
    assert depth["tongue"] < depth["teeth"] < depth["lips"] < depth["nose"]
    assert depth["ears"] < depth["eyes"]
    assert depth["eyeballs"] < depth["eyes"]


def test_the_face_is_of_human_size_in_metres(head: MorphableModel) -> None:
    points = head.landmarks68(*_neutral(head))[0]
    outer_eye_corners = float((points[45] - points[36]).norm())
    assert 0.075 < outer_eye_corners < 0.105
    nasion_to_chin = float((points[27] - points[8]).norm())
    assert 0.09 < nasion_to_chin < 0.135


# The embedded head: surface.


def _directed_edges(triangles: Tensor) -> Tensor:
    return torch.cat([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


@pytest.mark.parametrize("name", ["triangles", "dense_triangles", "uv_triangles"])
def test_neighbouring_triangles_wind_the_same_way(head: MorphableModel, name: str) -> None:
    # Two triangles that agree run along their common edge in opposite directions.
    _, uses = _directed_edges(getattr(head, name)).unique(dim=0, return_counts=True)
    assert int(uses.max()) == 1


@pytest.mark.parametrize("yaw_deg", [0, 90, 180, 270])
def test_whatever_is_seen_from_around_shows_its_outer_side(
    head: MorphableModel, yaw_deg: int
) -> None:
    angle = np.radians(yaw_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    vertices = 1000 * head.mean_vertices.numpy() @ turn.T
    triangles = head.triangles.numpy()
    grid = np.stack(np.meshgrid(np.arange(-150, 150, 2.3), np.arange(-140, 150, 2.3)), axis=-1)
    hits = cast_along_z(vertices, triangles, grid.reshape(-1, 2))
    corners = vertices[triangles[hits.triangle[hits.hit]]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    above_the_collar = corners[:, :, 1].min(axis=1) > 1000 * COLLAR_Y
    assert above_the_collar.sum() > 5000
    assert (normals[above_the_collar, 2] > 0).all()


def test_the_dense_surface_has_at_least_18000_vertices(head: MorphableModel) -> None:
    dense = head.subdivide(head.vertices(*_neutral(head)))
    assert dense.shape[1] >= 18_000
    assert int(head.dense_triangles.max()) == dense.shape[1] - 1
    assert len(head.dense_triangles) == 4 * len(head.triangles)


def test_subdivision_keeps_a_constant_and_follows_an_affine_map(head: MorphableModel) -> None:
    # float16 weights: rows sum to 1 within 2e-4.
    ones = head.subdivide(torch.ones(head.vertex_count, 3))
    torch.testing.assert_close(ones, torch.ones_like(ones), rtol=0, atol=2e-4)
    vertices = head.mean_vertices
    turned = head.subdivide(2 * vertices[:, [2, 0, 1]] + 1)
    wanted = 2 * head.subdivide(vertices)[:, [2, 0, 1]] + 1
    torch.testing.assert_close(turned, wanted, rtol=0, atol=2e-4)


def test_subdividing_a_batch_is_subdividing_each(head: MorphableModel) -> None:
    vertices = head.vertices(*_shapes(head, 3))
    whole = head.subdivide(vertices.reshape(3, 1, -1, 3))
    assert whole.shape[:2] == (3, 1)
    torch.testing.assert_close(whole[1, 0], head.subdivide(vertices[1]))


def test_the_dense_surface_stays_close_to_the_base_mesh(head: MorphableModel) -> None:
    dense = head.subdivide(head.mean_vertices)[: head.vertex_count]
    moved = (dense - head.mean_vertices).norm(dim=1)
    assert float(moved[head.region("face")].max()) < 3e-3
    assert float(moved[head.region("face")].mean()) < 3e-4


def test_dense_triangles_face_as_the_base_triangles_they_come_from(head: MorphableModel) -> None:
    # Each quad gives 2 base and 8 dense triangles, in the same order.
    base = _normals(head.mean_vertices, head.triangles).reshape(-1, 2, 3).sum(dim=1)
    dense = _normals(head.subdivide(head.mean_vertices), head.dense_triangles)
    agreement = (base * dense.reshape(-1, 8, 3).sum(dim=1)).sum(dim=1) > 0
    assert float(agreement.float().mean()) > 0.999


def _normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    first, second, third = vertices[triangles].unbind(dim=1)
    return torch.linalg.cross(second - first, third - first)


# The embedded head: mirroring.


def test_mirror_vertex_is_its_own_inverse_and_mirrors_the_mean(head: MorphableModel) -> None:
    mirror = head.mirror_vertex
    assert torch.equal(mirror[mirror], torch.arange(head.vertex_count))
    torch.testing.assert_close(head.mean_vertices[mirror] * MIRROR_X, head.mean_vertices)


def test_a_mirrored_identity_gives_the_mirrored_head(head: MorphableModel) -> None:
    identity, _ = _shapes(head, 3)
    neutral = torch.zeros(3, 51)
    mirrored = head.vertices(head.identity_mirror_sign * identity, neutral)
    wanted = head.vertices(identity, neutral)[:, head.mirror_vertex] * MIRROR_X
    torch.testing.assert_close(mirrored, wanted, rtol=0, atol=1e-6)


def test_a_mirrored_expression_gives_the_mirrored_head(head: MorphableModel) -> None:
    # The artist's face units are symmetric within 2.3 mm (lips of mouthFunnel), mostly exactly.
    expression = torch.eye(51)
    mean = torch.zeros(51, head.identity_count)
    mirrored = head.vertices(mean, expression[:, head.mirror_expression])
    wanted = head.vertices(mean, expression)[:, head.mirror_vertex] * MIRROR_X
    distance = (mirrored - wanted).norm(dim=-1)
    assert float(distance.max()) < 2.3e-3
    assert float((distance < 1e-4).float().mean()) > 0.98


# The embedded head: landmarks.


def _corner_sets(triangles: Tensor) -> set[tuple[int, ...]]:
    return {tuple(row) for row in triangles.sort(dim=1).values.tolist()}


@pytest.mark.parametrize(("name", "between_lips"), [("landmarks68", ()), ("landmarks21", (18,))])
def test_landmarks_lie_on_the_surface(
    head: MorphableModel, name: str, between_lips: tuple[int, ...]
) -> None:
    weights = getattr(head, f"{name}_weights")
    assert float(weights.min()) >= 0
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(weights)))
    known = _corner_sets(head.triangles)
    corners = getattr(head, f"{name}_vertices").sort(dim=1).values.tolist()
    off = [row for row, triple in enumerate(corners) if tuple(triple) not in known]
    assert tuple(off) == between_lips


def test_all_68_landmarks_lie_on_skin(head: MorphableModel) -> None:
    on_skin = (head.region("skin") | head.region("inner_mouth"))[head.landmarks68_vertices]
    assert on_skin.all()


@pytest.mark.parametrize(
    ("name", "mirror"), [("landmarks68", MIRROR_68), ("landmarks21", MIRROR_21)]
)
def test_left_and_right_landmarks_mirror_each_other(
    head: MorphableModel, name: str, mirror: tuple[int, ...]
) -> None:
    # The mesh's quads are split along one diagonal, not symmetrically: half a millimetre.
    points = getattr(head, name)(*_neutral(head))[0]
    distance = (points[list(mirror)] * MIRROR_X - points).norm(dim=1)
    assert float(distance.max()) < 0.8e-3


def test_landmarks_are_in_ibug_order_seen_by_a_viewer(head: MorphableModel) -> None:
    points = head.landmarks68(*_neutral(head))[0]
    x, y, z = points.unbind(dim=1)
    assert x[0] < x[36] < x[39] < 0 < x[42] < x[45] < x[16]
    assert (x[0:17].diff() > 0).all()
    assert (x[17:27].diff() > 0).all()
    assert (y[27:31].diff() < 0).all()
    assert int(y.argmin()) == 8
    assert int(z.argmax()) == 30
    assert (y[37:39] > y[40:42].flip(0)).all()
    assert y[51] > y[62] >= y[66] > y[57]


def test_both_sets_of_landmarks_agree_where_they_name_the_same_point(head: MorphableModel) -> None:
    points68 = head.landmarks68(*_neutral(head))[0]
    points21 = head.landmarks21(*_neutral(head))[0]
    same = {8: 39, 9: 42, 14: 30, 17: 48, 19: 54}
    distance = (points21[list(same)] - points68[list(same.values())]).norm(dim=1)
    assert float(distance.max()) < 4e-3


def test_an_open_jaw_parts_the_inner_lips_by_at_least_15_mm(head: MorphableModel) -> None:
    points = head.landmarks68(*_neutral(head, jawOpen=1.0))[0]
    assert float((points[62] - points[66]).norm()) >= 0.015
    assert points[66, 1] < points[62, 1]
    closed = head.landmarks68(*_neutral(head))[0]
    assert float((closed[62] - closed[66]).norm()) < 0.004


def test_an_open_jaw_shows_teeth(head: MorphableModel) -> None:
    vertices = 1000 * head.vertices(*_neutral(head, jawOpen=1.0))[0].numpy()
    points = 1000 * head.landmarks68(*_neutral(head, jawOpen=1.0))[0].numpy()
    low, high = points[60:68, :2].min(axis=0), points[60:68, :2].max(axis=0)
    grid = np.stack(np.meshgrid(*np.linspace(low, high, 60).T), axis=-1).reshape(-1, 2)
    triangles = head.triangles.numpy()
    seen = cast_along_z(vertices, triangles, grid).triangle
    teeth = head.region("teeth").numpy()[triangles].all(axis=1)
    assert teeth[seen].mean() > 0.05


def test_blinking_closes_the_eye_on_its_own_side(head: MorphableModel) -> None:
    def openings(**expressions: float) -> tuple[float, float]:
        y = head.landmarks68(*_neutral(head, **expressions))[0, :, 1]
        right_eye = y[37:39].mean() - y[40:42].mean()
        left_eye = y[43:45].mean() - y[46:48].mean()
        return float(right_eye), float(left_eye)

    right, left = openings()
    shut_right, still_left = openings(eyeBlinkRight=1.0)
    assert shut_right < 0.3 * right
    assert still_left == pytest.approx(left, abs=1e-4)


# The embedded head: texture layout.


def test_texture_coordinates_lie_in_the_unit_square(head: MorphableModel) -> None:
    assert float(head.uv.min()) >= 0
    assert float(head.uv.max()) <= 1


def test_texture_triangles_are_the_mesh_triangles(head: MorphableModel) -> None:
    assert torch.equal(head.uv_vertex[head.uv_triangles], head.triangles)


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


def test_texture_islands_do_not_overlap_and_use_the_room(head: MorphableModel) -> None:
    counts = _texel_counts(head.uv.numpy()[head.uv_triangles.numpy()].astype(np.float64), 256)
    assert (counts > 1).sum() < 0.002 * counts.size
    assert (counts > 0).mean() > 0.5


def test_texture_triangles_are_not_turned_over(head: MorphableModel) -> None:
    first, second, third = head.uv[head.uv_triangles].unbind(dim=1)
    (a, b), (c, d) = (second - first).unbind(dim=1), (third - first).unbind(dim=1)
    assert float((a * d - b * c > 0).float().mean()) > 0.999


def test_the_face_lies_upright_and_unmirrored_in_the_texture(head: MorphableModel) -> None:
    face = head.region("face")[head.uv_vertex]
    position, uv = head.mean_vertices[head.uv_vertex[face]], head.uv[face]
    for axis in (0, 1):
        together = torch.corrcoef(torch.stack([position[:, axis], uv[:, axis]]))[0, 1]
        assert float(together) > 0.9
