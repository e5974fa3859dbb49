"""Packed faces of an older head on a newer one: mapped, or refused with what to do."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dasl.datasets.face_set import FaceSet, load_face_set
from dasl.datasets.mapped_faces import faces_on_head
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.head.head_map import HeadMap
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1, HEAD_1_COUNTS, UNKNOWN_HEAD
from dasl.training.config import DataConfig
from dasl.training.training_sets import HeadSource, load_entry
from tests.dasl.tiny_model import invented_faces

Heads = tuple[MorphableModel, MorphableModel]


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A packed set of head 1, as the versions before head ids wrote it."""
    random = torch.Generator().manual_seed(4)
    faces = invented_faces(3)
    coefficients = Coefficients(
        faces.coefficients.pose,
        torch.randn(3, HEAD_1_COUNTS[0], generator=random),
        torch.rand(3, HEAD_1_COUNTS[1], generator=random),
    )
    path = tmp_path / "old.safetensors"
    return _without_id(replace(faces, coefficients=coefficients), path)


def _without_id(faces: FaceSet, path: Path) -> Path:
    faces.save(path)
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        ids = file.metadata()["ids"]
    save_file(tensors, path, {"format": "dasl-face-set-1", "ids": ids})
    return path


def test_an_old_set_is_of_head_1_and_its_coefficients_are_mapped(
    heads: Heads, shipped_map: HeadMap, old_file: Path, tmp_path: Path
) -> None:
    new = heads[1]
    old = load_face_set(old_file)
    assert old.head_id == HEAD_1
    mapped = faces_on_head(old, new.head_id, "old")
    assert mapped.head_id == new.head_id
    assert mapped.coefficient_counts == (new.identity_count, new.expression_count)
    wanted = shipped_map.coefficients(old.coefficients)
    torch.testing.assert_close(mapped.coefficients.identity, wanted.identity)
    torch.testing.assert_close(mapped.coefficients.pose.scale, wanted.pose.scale)
    assert torch.equal(mapped.landmarks68_crop, old.landmarks68_crop)
    mapped.save(tmp_path / "new.safetensors")
    assert load_face_set(tmp_path / "new.safetensors").head_id == new.head_id


def test_training_takes_an_old_set_to_its_head(
    heads: Heads, shipped_map: HeadMap, old_file: Path, tmp_path: Path
) -> None:
    head = HeadSource(heads[1])
    faces = load_entry(str(old_file), "train", DataConfig(), tmp_path, head)
    assert faces.head_id == heads[1].head_id


def test_a_set_of_the_head_itself_stays_as_it_is(old_file: Path) -> None:
    faces = load_face_set(old_file)
    assert faces_on_head(faces, HEAD_1, "mine") is faces


def test_a_set_of_an_unknown_head_is_refused(
    heads: Heads, shipped_map: HeadMap, tmp_path: Path
) -> None:
    faces = load_face_set(_without_id(invented_faces(2), tmp_path / "tiny.safetensors"))
    assert faces.head_id == UNKNOWN_HEAD
    with pytest.raises(ConfigError, match=r"mine does not say its head.*label the faces again"):
        faces_on_head(faces, heads[1].head_id, "mine")
    named = replace(faces, head_id="0123456789ab")
    with pytest.raises(ConfigError, match=r"head 0123456789ab.*label the faces again"):
        faces_on_head(named, heads[1].head_id, "mine")
    claimed = replace(faces, head_id=HEAD_1)
    with pytest.raises(ConfigError, match=r"mine has \(3, 2\).*\(100, 51\)"):
        faces_on_head(claimed, heads[1].head_id, "mine")


def test_the_pose_keeps_the_face_in_its_place(heads: Heads, shipped_map: HeadMap) -> None:
    straight = Pose(torch.eye(3)[None], torch.tensor([550.0]), torch.tensor([[60.0, 60.0]]))
    mean = Coefficients(straight, *(torch.zeros(1, count) for count in HEAD_1_COUNTS))
    pose = shipped_map.coefficients(mean).pose
    assert float(pose.scale) == pytest.approx(550.0 / shipped_map.size)
    # offset.y metres up on the new head: the origin lies as many pixels lower (y down)
    lower = float(shipped_map.offset[1]) * float(pose.scale)
    assert float(pose.translation[0, 1]) == pytest.approx(60.0 + lower, abs=1e-3)
