"""Training sets: which sources a config may name, and what comes of each."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet
from dasl.datasets.pseudo_labels import half_of
from dasl.errors import ConfigError
from dasl.geometry.coefficients import pack
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.training.config import DataConfig
from dasl.training.training_sets import load_training_sets
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.dasl.observed_heads import real_heads
from tests.dasl.tiny_model import invented_faces


def _labels(faces: FaceSet) -> list[Tensor]:
    return [faces.landmarks68_crop, pack(faces.coefficients)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with invented parquet files and a packed set."""
    pytest.importorskip("pyarrow", reason="pip install 'dasl[train]'")
    for split, count in (("train", 4), ("validation", 3)):
        path = tmp_path / f"faces_2d/{split}-00000-of-00001.parquet"
        write_faces_2d(invented_faces_2d(count), path)
    faces = invented_faces(5)
    model = MorphableModel.load()
    at_rest = dataclasses.replace(
        faces.coefficients,
        identity=torch.zeros(5, model.identity_count),
        expression=torch.zeros(5, model.expression_count),
    )
    packed = dataclasses.replace(faces, head_id=model.head_id, coefficients=at_rest)
    packed.save(tmp_path / "packed.safetensors")
    return tmp_path


def test_both_splits_are_fitted_and_validation_without_its_hand_placed_points(root: Path) -> None:
    train, validation = load_training_sets(DataConfig(train_limit=2), root)
    assert (len(train), len(validation)) == (2, 3)
    assert train.coefficients.identity.shape == (2, MorphableModel.load().identity_count)
    faces = invented_faces_2d(3)
    moved = dataclasses.replace(
        faces,
        landmarks21_crop=120 - faces.landmarks21_crop,
        visible21=torch.ones_like(faces.visible21),
    )
    write_faces_2d(moved, root / "faces_2d/validation-00000-of-00001.parquet")
    _, again = load_training_sets(DataConfig(train_limit=2), root)
    for one, other in zip(_labels(again), _labels(validation), strict=True):
        assert torch.equal(one, other)


def test_packed_sets_are_found_in_the_root_and_joined_in_order(root: Path) -> None:
    config = DataConfig(train=("packed.safetensors",) * 2, validation="packed.safetensors")
    train, validation = load_training_sets(config, root)
    assert train.ids == validation.ids * 2
    shorter, _ = load_training_sets(dataclasses.replace(config, train_limit=2), root)
    assert shorter.ids == validation.ids[:2] * 2


def test_a_set_of_another_head_is_refused_with_what_to_do(root: Path) -> None:
    invented_faces(2).save(root / "other.safetensors")
    with pytest.raises(ConfigError, match=r"other\.safetensors belongs.*label the faces again"):
        load_training_sets(DataConfig(train=("other.safetensors",)), root)


def test_an_unknown_source_is_refused_by_name(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"or a \.safetensors file; got 'faces_3d'"):
        load_training_sets(DataConfig(train=("faces_3d",)), root)


def test_a_packed_set_that_does_not_exist_is_named(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.safetensors"):
        load_training_sets(DataConfig(train=("none.safetensors",)), root)


def test_a_teacher_without_faces_to_label_is_refused(tmp_path: Path) -> None:
    config = DataConfig(train=("packed.safetensors",), teachers=("weights",))
    with pytest.raises(ConfigError, match=r"data\.teachers label faces_2d"):
        load_training_sets(config, tmp_path)


def test_300w_lp_without_its_head_model_is_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"set data\.head: bfm"):
        load_training_sets(DataConfig(train=("300w_lp",)), root)


def _real_heads_2d(count: int) -> Faces2d:
    """Faces of the embedded head, exactly detected, none hand-placed."""
    model = MorphableModel.load()
    truth = real_heads(model, count)
    points = landmarks68_image(model, truth)
    invented = invented_faces_2d(count)
    return dataclasses.replace(
        invented,
        detected68_crop=points,
        visible21=torch.zeros(count, 21, dtype=torch.bool),
        yaw_deg=euler_deg_from_rotation(truth.pose.rotation)[:, 0],
    )


def test_a_folder_of_faces_is_fitted_as_it_is(root: Path) -> None:
    flat = _real_heads_2d(2)
    flat.detected68_crop[..., 2] = torch.nan
    unknown = dataclasses.replace(flat, yaw_deg=torch.full((2,), torch.nan))
    write_faces_2d(unknown, root / "mine/train-00000.parquet")
    actual = load_training_sets(DataConfig(train=("mine",), validation="faces_2d"), root)[0]
    # No aligner's offset is taken off: only faces_2d is known to have one.
    apart = actual.landmarks68_crop[..., :2] - flat.detected68_crop[..., :2]
    assert apart.mean().abs() < 0.2
    assert (actual.yaw_deg - flat.yaw_deg).abs().max() < 5.0


def test_broken_rows_stop_a_run_unless_the_config_allows_a_share(root: Path) -> None:
    faces = _real_heads_2d(3)
    faces.detected68_crop[1] += 500.0
    write_faces_2d(faces, root / "mine/train-00000.parquet")
    config = DataConfig(train=("mine:detected",), validation="faces_2d")
    with pytest.raises(ConfigError, match="lies outside the crop"):
        load_training_sets(config, root)
    tolerant = dataclasses.replace(config, broken_share=0.5)
    assert len(load_training_sets(tolerant, root)[0]) == 2


def test_a_half_holds_its_own_training_faces_and_all_of_validation(root: Path) -> None:
    write_faces_2d(invented_faces_2d(8), root / "faces_2d/train-00000-of-00001.parquet")
    names = invented_faces_2d(8).ids
    for half in (0, 1):
        config = DataConfig(train=("faces_2d:detected",), half=half)
        train, validation = load_training_sets(config, root)
        assert train.ids == tuple(name for name in names if half_of(name) == half)
        assert len(validation) == 3
