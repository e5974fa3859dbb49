"""The morphable model as a class, on an invented head of 12 vertices, and its files."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from dasl.errors import ShapeError, WeightsError
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from tests.dasl.head_shapes import random_shapes
from tests.dasl.tiny_model import E, K, V, tiny_model


def test_shapes_are_those_of_the_docstrings() -> None:
    model = tiny_model()
    identity, expression = random_shapes(model, 4)
    assert (model.vertex_count, model.identity_count, model.expression_count) == (V, K, E)
    assert model.vertices(identity, expression).shape == (4, V, 3)
    assert model.landmarks68(identity, expression).shape == (4, 68, 3)
    assert model.landmarks21(identity, expression).shape == (4, 21, 3)


def test_a_vertex_is_the_sum_worked_by_hand() -> None:
    model = tiny_model()
    actual = model.vertices(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([[0.0, 0.5]]))[0, 3]
    wanted = torch.from_numpy(
        model.mean_vertices[3]
        + 2 * model.identity_basis[0, 3]
        - model.identity_basis[2, 3]
        + 0.5 * model.expression_basis[1, 3]
    )
    torch.testing.assert_close(actual, wanted)


def test_no_coefficient_is_the_mean_head() -> None:
    model = tiny_model()
    actual = model.vertices(torch.zeros(1, K), torch.zeros(1, E))
    torch.testing.assert_close(actual[0], torch.from_numpy(model.mean_vertices))


def test_each_row_of_a_batch_is_as_on_its_own() -> None:
    model = tiny_model()
    identity, expression = random_shapes(model, 5)
    for points in (model.vertices, model.landmarks68, model.landmarks21):
        whole = points(identity, expression)
        for row in range(5):
            alone = points(identity[row : row + 1], expression[row : row + 1])
            torch.testing.assert_close(whole[row : row + 1], alone)


def test_landmarks_are_the_surface_points_of_the_moved_vertices() -> None:
    model = tiny_model()
    identity, expression = random_shapes(model, 5)
    vertices = model.vertices(identity, expression)
    torch.testing.assert_close(
        model.landmarks68(identity, expression), model.landmarks68_of(vertices)
    )


def test_landmarks_of_turned_and_moved_vertices_turn_and_move_with_them() -> None:
    model = tiny_model()
    vertices = model.vertices(*random_shapes(model, 2))
    moved = model.landmarks68_of(3 * vertices[..., [1, 2, 0]] + 7)
    torch.testing.assert_close(moved, 3 * model.landmarks68_of(vertices)[..., [1, 2, 0]] + 7)


def test_vertices_have_the_gradient_of_their_formula() -> None:
    model = tiny_model()
    leaves = [shape.double().requires_grad_() for shape in random_shapes(model, 2)]
    assert torch.autograd.gradcheck(model.vertices, leaves)


@pytest.mark.parametrize("points", ["vertices", "landmarks68", "landmarks21"])
def test_numpy_and_torch_give_the_same(head_model: MorphableModel, points: str) -> None:
    shapes = random_shapes(head_model, 2)
    in_torch = getattr(head_model, points)(*shapes)
    in_numpy = getattr(head_model, points)(*(shape.numpy() for shape in shapes))
    assert isinstance(in_numpy, np.ndarray) and in_numpy.dtype == np.float32
    np.testing.assert_allclose(in_numpy, in_torch.numpy(), rtol=0, atol=1e-6)


def test_numpy_and_torch_are_subdivided_alike(head_model: MorphableModel) -> None:
    vertices = head_model.vertices(*random_shapes(head_model, 2))
    in_numpy = head_model.subdivide(vertices.numpy())
    np.testing.assert_allclose(in_numpy, head_model.subdivide(vertices).numpy(), rtol=0, atol=1e-6)


def test_mirrored_expressions_swap_left_and_right() -> None:
    assert tiny_model().mirror_expression.tolist() == [1, 0]


def test_an_unknown_region_is_answered_with_the_known_ones(head_model: MorphableModel) -> None:
    with pytest.raises(ValueError, match=r"no region 'chin'; there are brows, ears, .*tongue"):
        head_model.region("chin")


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


def test_a_head_without_a_reference_is_its_own() -> None:
    model = tiny_model()
    np.testing.assert_array_equal(model.reference_vertices, model.mean_vertices)


def test_with_landmarks_moves_the_landmarks_and_nothing_else() -> None:
    model = tiny_model()
    at_vertex_four = torch.full((68, 3), 4), torch.tensor([[1.0, 0, 0]]).expand(68, 3)
    kept = model.landmarks21_vertices, model.landmarks21_weights
    changed = model.with_landmarks(*at_vertex_four, *kept)
    shapes = random_shapes(model, 2)
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


@pytest.mark.parametrize("key", ["expression_names", "region_names"])
@pytest.mark.parametrize("text", ["jawOpen", "3", "{}", '["jawOpen"]'])
def test_a_head_file_with_other_names_than_rows_is_refused(
    tmp_path: Path, key: str, text: str
) -> None:
    tensors, metadata = _stored()
    save_file(tensors, tmp_path / "head.safetensors", metadata | {key: text})
    with pytest.raises(WeightsError, match=rf"{key} is .*wanted a JSON list of \d+ names"):
        MorphableModel.load(tmp_path / "head.safetensors")


def test_the_embedded_head_is_at_most_eight_megabytes() -> None:
    assert EMBEDDED_HEAD.stat().st_size <= 8_000_000


def test_the_embedded_head_loads_in_double_precision(head_model: MorphableModel) -> None:
    double = MorphableModel.load(dtype=np.float64)
    shapes = random_shapes(head_model, 2)
    actual = double.vertices(*(shape.double() for shape in shapes))
    assert actual.dtype == torch.float64
    assert double.subdivide(actual).dtype == torch.float64
    torch.testing.assert_close(actual.float(), head_model.vertices(*shapes), rtol=0, atol=1e-6)
