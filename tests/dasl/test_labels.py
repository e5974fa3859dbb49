"""Labels: what a fit may see, and that validation never sees a hand-placed point."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl.coefficients import euler_deg_from_rotation
from dasl.datasets.faces_2d import Faces2d, read_faces_2d
from dasl.errors import ConfigError
from dasl.frames import image_from_model
from dasl.labels import (
    DETECTED_OFFSET_PX,
    EARS,
    LabelWeights,
    fitted_landmarks68,
    label_observations,
    labelled_faces,
    load_training_sets,
    taught_landmarks68,
    wild_faces,
)
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork, NetworkConfig
from dasl.training.config import DataConfig
from dasl.training.face_set import FaceSet
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.dasl.observed_heads import real_heads
from tests.dasl.tiny_model import invented_faces, random_coefficients, tiny_model
from tools.label_report import detected_offset


@pytest.fixture
def faces() -> Faces2d:
    return invented_faces_2d(6)


def _with_other_hand_placed_points(faces: Faces2d) -> Faces2d:
    return dataclasses.replace(
        faces,
        landmarks21_crop=120 - faces.landmarks21_crop,
        visible21=torch.ones_like(faces.visible21),
    )


def _labels(faces: FaceSet) -> list[Tensor]:
    pose = [faces.rotation, faces.scale, faces.translation]
    return [faces.landmarks68_crop, *pose, faces.identity, faces.expression]


def test_the_aligners_offset_is_removed_in_x_and_y_only(faces: Faces2d) -> None:
    observed = label_observations(faces).points_image[:, :68]
    wanted = faces.detected68_crop - torch.tensor([*DETECTED_OFFSET_PX, 0.0])
    torch.testing.assert_close(observed, wanted)


def test_hand_placed_points_are_taken_as_they_are(faces: Faces2d) -> None:
    observed = label_observations(faces).points_image[:, 68:]
    torch.testing.assert_close(observed[..., :2], faces.landmarks21_crop)


def test_weights_are_as_documented(faces: Faces2d) -> None:
    weights = LabelWeights(detected_depth=0.25, hand_placed=8.0, ears=2.0)
    weight = label_observations(faces, weights).weight
    assert (weight[:, :68, :2] == 1).all()
    assert (weight[:, :68, 2] == 0.25).all()
    assert (weight[:, 68:, 2] == 0).all()
    of21 = weight[:, 68:, 0]
    ear = torch.zeros(21, dtype=torch.bool)
    ear[list(EARS)] = True
    assert (of21[faces.visible21 & ~ear] == 8).all()
    assert (of21[faces.visible21 & ear] == 2).all()
    assert (of21[~faces.visible21] == 0).all()
    assert torch.equal(weight[:, 68:, 1], of21)


def test_a_point_that_is_not_visible_has_no_say(faces: Faces2d) -> None:
    elsewhere = torch.where(faces.visible21[..., None], faces.landmarks21_crop, 77.0)
    moved = dataclasses.replace(faces, landmarks21_crop=elsewhere)
    model = tiny_model()
    found, wanted = (labelled_faces(model, each, 0.5, True) for each in (moved, faces))
    for one, other in zip(_labels(found), _labels(wanted), strict=True):
        torch.testing.assert_close(one, other)


def test_making_observations_leaves_the_faces_unchanged(faces: Faces2d) -> None:
    before = faces.detected68_crop.clone(), faces.landmarks21_crop.clone()
    labelled_faces(tiny_model(), faces, 0.5, False)
    assert torch.equal(before[0], faces.detected68_crop)
    assert torch.equal(before[1], faces.landmarks21_crop)


def test_training_labels_follow_the_hand_placed_points(faces: Faces2d) -> None:
    model = tiny_model()
    moved = labelled_faces(model, _with_other_hand_placed_points(faces), 0.5, True)
    plain = labelled_faces(model, faces, 0.5, True)
    assert float((moved.landmarks68_crop - plain.landmarks68_crop).abs().mean()) > 1.0


def test_validation_labels_never_use_the_hand_placed_points(faces: Faces2d) -> None:
    model = tiny_model()
    moved = labelled_faces(model, _with_other_hand_placed_points(faces), 0.5, False)
    plain = labelled_faces(model, faces, 0.5, False)
    for one, other in zip(_labels(moved), _labels(plain), strict=True):
        assert torch.equal(one, other)


def test_labels_are_the_fits_own_landmarks_and_coefficients(faces: Faces2d) -> None:
    model = tiny_model()
    found = labelled_faces(model, faces, 0.05, True)
    landmarks = model.landmarks68(found.identity, found.expression)
    torch.testing.assert_close(found.landmarks68_crop, image_from_model(landmarks, found.pose))
    assert found.coefficient_weight.tolist() == pytest.approx([0.05] * 6)
    assert found.ids == faces.ids
    assert torch.equal(found.images, faces.images)
    assert torch.equal(found.landmarks21_crop, faces.landmarks21_crop)
    assert torch.equal(found.visible21, faces.visible21)
    assert torch.equal(found.yaw_deg, faces.yaw_deg)


def test_labels_of_exact_points_lie_on_them(faces: Faces2d) -> None:
    exact = faces.detected68_crop + torch.tensor([*DETECTED_OFFSET_PX, 0.0])
    found = labelled_faces(
        tiny_model(), dataclasses.replace(faces, detected68_crop=exact), 0.5, True
    )
    off = (found.landmarks68_crop - faces.detected68_crop)[..., :2].norm(dim=-1)
    assert float(off.mean()) < 0.5


def test_fitted_landmarks_are_projected_by_the_fitted_pose() -> None:
    model, found = tiny_model(), random_coefficients(3)
    wanted = image_from_model(model.landmarks68(found.identity, found.expression), found.pose)
    torch.testing.assert_close(fitted_landmarks68(model, found), wanted)


# What a training run asks for.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with invented parquet files and a packed set."""
    pytest.importorskip("pyarrow", reason="pip install 'dasl[train]'")
    for split, count in (("train", 4), ("validation", 3)):
        path = tmp_path / f"faces_2d/{split}-00000-of-00001.parquet"
        write_faces_2d(invented_faces_2d(count), path)
    invented_faces(5).save(tmp_path / "packed.safetensors")
    return tmp_path


def test_both_splits_are_fitted_and_validation_without_its_hand_placed_points(root: Path) -> None:
    train, validation = load_training_sets(DataConfig(train_limit=2), root)
    assert (len(train), len(validation)) == (2, 3)
    assert train.identity.shape == (2, 100)
    moved = _with_other_hand_placed_points(invented_faces_2d(3))
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


def test_an_unknown_source_is_refused_by_name(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"or a \.safetensors file; got 'faces_3d'"):
        load_training_sets(DataConfig(train=("faces_3d",)), root)


def test_a_packed_set_that_does_not_exist_is_named(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.safetensors"):
        load_training_sets(DataConfig(train=("none.safetensors",)), root)


def test_the_offset_is_that_of_the_real_training_faces(data_root: Path) -> None:
    offset = detected_offset(read_faces_2d(data_root, "train", 3000))
    torch.testing.assert_close(offset, torch.tensor(DETECTED_OFFSET_PX), rtol=0, atol=0.1)


def test_a_teachers_points_are_averaged_with_the_detected_ones(faces: Faces2d) -> None:
    taught = faces.detected68_crop + torch.tensor([4.0, 2.0, 50.0])
    observed = label_observations(faces, taught68_crop=taught).points_image[:, :68]
    wanted = faces.detected68_crop - torch.tensor([*DETECTED_OFFSET_PX, 0.0]) / 2
    wanted = wanted + torch.tensor([2.0, 1.0, 0.0])
    torch.testing.assert_close(observed[..., :2], wanted[..., :2])
    depth = wanted[..., 2] - wanted[..., 2].mean(dim=1, keepdim=True)
    torch.testing.assert_close(observed[..., 2], depth)  # each side's own offset of z is dropped


def test_a_teacher_sees_only_the_hand_placed_points_it_may(faces: Faces2d) -> None:
    model = tiny_model()
    network = CoefficientNetwork(NetworkConfig(model.identity_count, model.expression_count))
    torch.nn.init.normal_(next(network.parameters()), std=0.1)
    shown = torch.ones_like(faces.visible21)
    moved = dataclasses.replace(faces, landmarks21_crop=120 - faces.landmarks21_crop)
    blank, same, seen = (
        taught_landmarks68(network, model, of, drawn)
        for of, drawn in ((faces, ~shown), (moved, ~shown), (moved, shown))
    )
    assert torch.equal(blank, same)
    assert not torch.equal(blank, seen)


def test_a_teacher_without_faces_to_label_is_refused(tmp_path: Path) -> None:
    config = DataConfig(train=("packed.safetensors",), teacher="weights")
    with pytest.raises(ConfigError, match=r"data\.teacher labels faces_2d"):
        load_training_sets(config, tmp_path)


def test_of_wild_faces_only_image_and_detected_points_are_known() -> None:
    faces = invented_faces_2d(5)
    wild = wild_faces(tiny_model(), faces)
    offset = torch.tensor(DETECTED_OFFSET_PX)
    torch.testing.assert_close(
        wild.landmarks68_crop[..., :2], faces.detected68_crop[..., :2] - offset
    )
    for known in (wild.landmarks68_crop[..., 2], wild.identity, wild.expression):
        assert known.abs().max() == 0
    assert wild.coefficient_weight.max() == 0


def test_300w_lp_without_its_head_model_is_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"set data\.head: bfm"):
        load_training_sets(DataConfig(train=("300w_lp",)), root)


def _real_heads_2d(count: int) -> Faces2d:
    """Faces of the embedded head, exactly detected, none hand-placed."""
    model = MorphableModel.load()
    truth = real_heads(model, count)
    points = image_from_model(model.landmarks68(truth.identity, truth.expression), truth.pose)
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
    found = load_training_sets(DataConfig(train=("mine",), validation="faces_2d"), root)[0]
    # No aligner's offset is taken off: only faces_2d is known to have one.
    apart = found.landmarks68_crop[..., :2] - flat.detected68_crop[..., :2]
    assert apart.mean().abs() < 0.2
    assert (found.yaw_deg - flat.yaw_deg).abs().max() < 5.0


def test_broken_rows_stop_a_run_unless_the_config_allows_a_share(root: Path) -> None:
    faces = _real_heads_2d(3)
    faces.detected68_crop[1] += 500.0
    write_faces_2d(faces, root / "mine/train-00000.parquet")
    config = DataConfig(train=("mine:detected",), validation="faces_2d")
    with pytest.raises(ConfigError, match="pixels outside the crop"):
        load_training_sets(config, root)
    tolerant = dataclasses.replace(config, broken_share=0.5)
    assert len(load_training_sets(tolerant, root)[0]) == 2
