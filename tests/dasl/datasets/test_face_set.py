"""Packed face sets."""

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dasl.datasets.face_set import FaceSet, concatenate, load_face_set
from dasl.errors import ConfigError, ExportError, ShapeError
from tests.dasl.tiny_model import invented_faces


def assert_same(first: FaceSet, second: FaceSet) -> None:
    for entry in dataclasses.fields(FaceSet):
        one, other = getattr(first, entry.name), getattr(second, entry.name)
        assert one == other if entry.name == "ids" else torch.equal(one, other), entry.name


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
    found = load_face_set(tmp_path / "compact.safetensors")
    assert found.ids == faces.ids
    assert torch.equal(found.visible21, faces.visible21)
    assert (found.images.float() - faces.images.float()).abs().mean() < 8
    for name in ("landmarks68_crop", "landmarks21_crop", "translation"):
        error = (getattr(found, name) - getattr(faces, name)).abs()
        assert error.max() < 0.07, name
    torch.testing.assert_close(found.identity, faces.identity, atol=1e-3, rtol=1e-3)


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


def test_selecting_and_concatenating_keep_ids_with_their_rows() -> None:
    faces = invented_faces(5)
    parts = [faces.select(torch.tensor([3, 1])), faces.select(torch.tensor([0]))]
    joined = concatenate(parts)
    assert joined.ids == ("face0003", "face0001", "face0000")
    assert_same(joined, faces.select(torch.tensor([3, 1, 0])))


def test_a_row_too_few_is_named() -> None:
    faces = invented_faces(3)
    with pytest.raises(ShapeError, match=r"scale must be \(3,\), got \(2,\)"):
        dataclasses.replace(faces, scale=faces.scale[:2])
    with pytest.raises(ConfigError, match="visible21 must be a bool"):
        dataclasses.replace(faces, visible21=faces.visible21.float())


def test_sets_of_different_head_models_do_not_mix() -> None:
    faces = invented_faces(2)
    other = dataclasses.replace(faces, identity=torch.zeros(2, 9))
    with pytest.raises(ShapeError, match="different"):
        concatenate([faces, other])
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
