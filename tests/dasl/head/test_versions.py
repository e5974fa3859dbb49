"""The id of a head: it follows the content, and a file that says another one is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dasl.errors import WeightsError
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.versions import (
    HEAD_1,
    HEAD_1_COUNTS,
    HEAD_ID_KEY,
    UNKNOWN_HEAD,
    head_id_of,
    id_of_file,
)

TENSORS = {"b": torch.tensor([1.0, 2.0]), "a": torch.tensor([[3]], dtype=torch.int64)}
NAMES = ("jawOpen", "cheekPuff")


def test_the_order_of_the_tensors_and_their_library_do_not_matter() -> None:
    again = {name: TENSORS[name].numpy() for name in ("a", "b")}
    assert head_id_of(again, list(NAMES)) == head_id_of(TENSORS, NAMES)


@pytest.mark.parametrize(
    ("tensors", "names"),
    [
        (TENSORS | {"b": torch.tensor([1.0, 2.0001])}, NAMES),
        (TENSORS | {"b": torch.tensor([[1.0], [2.0]])}, NAMES),
        (TENSORS | {"b": torch.tensor([1.0, 2.0]).double()}, NAMES),
        ({"c": TENSORS["b"], "a": TENSORS["a"]}, NAMES),
        (TENSORS | {"c": TENSORS["b"]}, NAMES),
        (TENSORS, NAMES[::-1]),
    ],
    ids=["value", "shape", "type", "name", "one more", "expressions in another order"],
)
def test_every_part_of_the_content_counts(
    tensors: dict[str, torch.Tensor], names: tuple[str, ...]
) -> None:
    assert head_id_of(tensors, names) != head_id_of(TENSORS, NAMES)


def test_a_loaded_head_has_the_id_of_its_file_in_any_precision() -> None:
    tensors, metadata = _stored()
    names = MorphableModel.load().expression_names
    wanted = head_id_of(tensors, names)
    assert MorphableModel.load().head_id == wanted
    assert MorphableModel.load(dtype=np.float64).head_id == wanted
    assert metadata.get(HEAD_ID_KEY, wanted) == wanted


def test_a_head_with_other_landmarks_has_another_id() -> None:
    model = MorphableModel.load()
    other = model.with_landmarks(
        model.landmarks68_vertices[::-1],
        model.landmarks68_weights,
        model.landmarks21_vertices,
        model.landmarks21_weights,
    )
    assert other.head_id != model.head_id


def test_a_head_file_that_says_another_id_is_refused(tmp_path: Path) -> None:
    tensors, metadata = _stored()
    path = tmp_path / "head.safetensors"
    save_file(tensors, path, metadata | {HEAD_ID_KEY: "0123456789ab"})
    with pytest.raises(WeightsError, match=r"id 0123456789ab.*rebuild it"):
        MorphableModel.load(path)


def test_a_file_without_an_id_belongs_to_head_1_if_it_has_its_numbers() -> None:
    assert id_of_file(None, *HEAD_1_COUNTS) == HEAD_1
    assert id_of_file(None, 40, 10) == UNKNOWN_HEAD
    assert id_of_file("0123456789ab", *HEAD_1_COUNTS) == "0123456789ab"


def _stored() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(EMBEDDED_HEAD, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, dict(file.metadata())


def test_arrays_that_are_not_contiguous_count_by_their_values() -> None:
    values = np.arange(6.0).reshape(2, 3)
    assert head_id_of({"a": values.T}, ()) == head_id_of({"a": values.T.copy()}, ())
