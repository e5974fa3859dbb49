"""Packed face sets."""

import dataclasses
from pathlib import Path

import pytest
import torch

from dasl.errors import ConfigError, ExportError, ShapeError
from dasl.training.face_set import FaceSet, concatenate, load_face_set
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
