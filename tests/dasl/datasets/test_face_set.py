"""Packed face sets."""

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dasl.datasets.face_set import (
    FaceSet,
    concatenate,
    load_face_set,
    pack_pictures,
    unpack_pictures,
)
from dasl.errors import ConfigError, ExportError, ShapeError
from tests.dasl.tiny_model import invented_faces


def tensors_of(faces: FaceSet) -> dict[str, torch.Tensor]:
    """Every tensor of a set, nested ones too, under the names that a file has for them."""
    coefficients = faces.coefficients
    nested = vars(faces) | vars(coefficients) | vars(coefficients.pose)
    return {name: value for name, value in nested.items() if isinstance(value, torch.Tensor)}


def assert_same(first: FaceSet, second: FaceSet) -> None:
    assert first.ids == second.ids
    wanted = tensors_of(second)
    assert len(wanted) == 11
    for name, tensor in tensors_of(first).items():
        assert torch.equal(tensor, wanted[name]), name


def test_a_set_survives_saving(tmp_path: Path) -> None:
    faces = invented_faces(5)
    faces.save(tmp_path / "new/faces.safetensors")
    assert_same(load_face_set(tmp_path / "new/faces.safetensors"), faces)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["faces.safetensors"]


def test_the_compact_format_is_small_and_close(tmp_path: Path) -> None:
    faces = invented_faces(5)
    smooth = torch.nn.functional.interpolate(faces.images[..., :6, :6].float(), size=120)
    faces = dataclasses.replace(faces, images=smooth.to(torch.uint8))
    faces.save(tmp_path / "whole.safetensors")
    faces.save(tmp_path / "compact.safetensors", webp_quality=90)
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("whole", "compact")]
    assert sizes[1] < sizes[0] / 5
    loaded = load_face_set(tmp_path / "compact.safetensors")
    assert loaded.ids == faces.ids
    assert torch.equal(loaded.visible21, faces.visible21)
    assert (loaded.images.float() - faces.images.float()).abs().mean() < 8
    for name in ("landmarks68_crop", "landmarks21_crop", "translation"):
        error = (tensors_of(loaded)[name] - tensors_of(faces)[name]).abs()
        assert error.max() < 0.07, name
    torch.testing.assert_close(
        loaded.coefficients.identity, faces.coefficients.identity, atol=1e-3, rtol=1e-3
    )


FLAT_NAMES = {
    "images",
    "landmarks68_crop",
    "landmarks21_crop",
    "visible21",
    "rotation",
    "scale",
    "translation",
    "identity",
    "expression",
    "coefficient_weight",
    "yaw_deg",
}
"""The tensors of a file since the first face sets: they stay readable, and are still written."""


def test_a_file_of_flat_tensors_is_read(tmp_path: Path) -> None:
    count = 2
    tensors = {
        "images": torch.full((count, 3, 120, 120), 7, dtype=torch.uint8),
        "landmarks68_crop": torch.rand(count, 68, 3),
        "landmarks21_crop": torch.rand(count, 21, 2),
        "visible21": torch.ones(count, 21, dtype=torch.bool),
        "rotation": torch.eye(3).repeat(count, 1, 1),
        "scale": torch.tensor([400.0, 500.0]),
        "translation": torch.tensor([[60.0, 61.0], [62.0, 63.0]]),
        "identity": torch.rand(count, 4),
        "expression": torch.rand(count, 2),
        "coefficient_weight": torch.tensor([1.0, 0.05]),
        "yaw_deg": torch.tensor([10.0, -70.0]),
    }
    assert set(tensors) == FLAT_NAMES
    header = {"format": "dasl-face-set-1", "ids": '["a.jpg", "b.jpg"]'}
    save_file(tensors, tmp_path / "old.safetensors", header)
    faces = load_face_set(tmp_path / "old.safetensors")
    assert faces.ids == ("a.jpg", "b.jpg")
    assert faces.coefficient_counts == (4, 2)
    for name, tensor in tensors_of(faces).items():
        assert torch.equal(tensor, tensors[name]), name


@pytest.mark.parametrize(
    ("quality", "marker", "names"),
    [
        (None, "dasl-face-set-2", FLAT_NAMES),
        (80, "dasl-face-set-2-webp", FLAT_NAMES - {"images"} | {"pictures", "picture_ends"}),
    ],
)
def test_files_are_written_in_a_format_that_is_kept(
    tmp_path: Path, quality: int | None, marker: str, names: set[str]
) -> None:
    path = tmp_path / "faces.safetensors"
    faces = invented_faces(2)
    faces.save(path, quality)
    header = {"format": marker, "head_id": faces.head_id, "ids": '["face0000", "face0001"]'}
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == header
        assert set(file.keys()) == names


@pytest.mark.parametrize(
    "change",
    [
        {"pictures": torch.zeros(40, dtype=torch.uint8)},
        {"picture_ends": torch.tensor([1, 2, 3])},
        {"picture_ends": torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)},
        {"scale": None},
        {"pictures": None},
    ],
    ids=[
        "noise for pictures",
        "wrong ends",
        "ends between bytes",
        "a tensor missing",
        "no pictures",
    ],
)
def test_a_damaged_compact_file_is_named(
    tmp_path: Path, change: dict[str, torch.Tensor | None]
) -> None:
    path = tmp_path / "faces.safetensors"
    invented_faces(3).save(path, webp_quality=50)
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    changed = {k: v for k, v in (tensors | change).items() if v is not None}
    save_file(changed, path, header)
    with pytest.raises(ConfigError, match=r"damaged|holds|has no pictures"):
        load_face_set(path)


@pytest.mark.parametrize("text", [None, "face0000", "3", "[1, 2]"])
def test_ids_that_are_no_list_of_names_are_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "faces.safetensors"
    invented_faces(2).save(path)
    with safe_open(path, framework="pt") as file:
        header = file.metadata() | {"ids": text}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, {key: value for key, value in header.items() if value is not None})
    with pytest.raises(ConfigError, match=r"faces\.safetensors: ids are .*wanted a JSON list"):
        load_face_set(path)


def test_selecting_and_concatenating_keep_ids_with_their_rows() -> None:
    faces = invented_faces(5)
    parts = [faces.select(torch.tensor([3, 1])), faces.select(torch.tensor([0]))]
    joined = concatenate(parts)
    assert joined.ids == ("face0003", "face0001", "face0000")
    assert_same(joined, faces.select(torch.tensor([3, 1, 0])))


def test_a_row_too_few_is_named() -> None:
    faces = invented_faces(3)
    with pytest.raises(ShapeError, match=r"scale must be \(3,\), got \(2,\)"):
        pose = dataclasses.replace(faces.coefficients.pose, scale=faces.coefficients.pose.scale[:2])
        coefficients = dataclasses.replace(faces.coefficients, pose=pose)
        dataclasses.replace(faces, coefficients=coefficients)
    with pytest.raises(ConfigError, match="visible21 must be a bool"):
        dataclasses.replace(faces, visible21=faces.visible21.float())


def test_sets_of_different_head_models_do_not_mix() -> None:
    faces = invented_faces(2)
    larger = dataclasses.replace(faces.coefficients, identity=torch.zeros(2, 9))
    other = dataclasses.replace(faces, coefficients=larger)
    with pytest.raises(ConfigError, match="different"):
        concatenate([faces, other])
    with pytest.raises(ConfigError, match="another"):
        concatenate([faces, dataclasses.replace(faces, head_id="another")])
    with pytest.raises(ConfigError, match="at least one"):
        concatenate([])


def test_a_foreign_or_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"no")
    for name in ("x.safetensors", "missing.safetensors"):
        with pytest.raises(ConfigError, match=name):
            load_face_set(tmp_path / name)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ExportError, match="cannot write the face set"):
        invented_faces(2).save(tmp_path / "file/faces.safetensors")


# Crops packed as WebP.


def test_crops_come_back_in_their_order() -> None:
    grey = torch.tensor([20, 120, 220], dtype=torch.uint8)[:, None, None, None]
    images = grey.expand(3, 3, 120, 120).contiguous()
    data, ends = pack_pictures(images, quality=80)
    assert ends[-1] == len(data) < images.numel() / 20
    unpacked = unpack_pictures(data, ends)
    assert (unpacked.int() - images.int()).abs().max() <= 2


def test_pictures_of_another_size_are_refused() -> None:
    data, ends = pack_pictures(torch.zeros(1, 3, 60, 120, dtype=torch.uint8), quality=80)
    with pytest.raises(ConfigError, match="wanted 120 x 120 pixels"):
        unpack_pictures(data, ends)
