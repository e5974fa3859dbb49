"""Labels: what a fit may see, and that validation never sees a hand-placed point."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl.datasets.face_set import FaceSet
from dasl.datasets.faces_2d import Faces2d, read_faces_2d
from dasl.datasets.labels import (
    DETECTED_OFFSET_PX,
    EARS,
    HAND_PLACED_OFFSET_PX,
    LabelWeights,
    crosswise_landmarks68,
    fitted_landmarks68,
    half_of,
    label_observations,
    labelled_faces,
    taught_landmarks68,
    wild_faces,
    without_leaning,
    without_offsets,
)
from dasl.geometry.frames import IMAGE_AXES, image_from_model
from dasl.head.landmarks import MIRROR_68
from dasl.network.coefficient_network import CoefficientNetwork, NetworkConfig
from tests.dasl.invented_faces_2d import invented_faces_2d
from tests.dasl.tiny_model import random_coefficients, tiny_model
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
    moved = without_offsets(faces).detected68_crop - faces.detected68_crop
    wanted = -torch.tensor([*DETECTED_OFFSET_PX, 0.0])
    torch.testing.assert_close(moved, wanted.expand_as(moved), rtol=0, atol=1e-4)


def test_the_hand_placed_points_move_only_where_asked_and_seen(faces: Faces2d) -> None:
    kept = without_offsets(faces, hand_placed=False).landmarks21_crop
    assert torch.equal(kept, faces.landmarks21_crop)
    moved = without_offsets(faces).landmarks21_crop - faces.landmarks21_crop
    seen = moved[faces.visible21]
    wanted = -torch.tensor(HAND_PLACED_OFFSET_PX).expand_as(seen)
    torch.testing.assert_close(seen, wanted, rtol=0, atol=1e-4)
    assert moved[~faces.visible21].abs().max() == 0


def test_points_are_observed_as_they_are(faces: Faces2d) -> None:
    observed = label_observations(faces).points_image
    torch.testing.assert_close(observed[:, :68], faces.detected68_crop)
    torch.testing.assert_close(observed[:, 68:, :2], faces.landmarks21_crop)


def test_what_leans_the_same_way_in_every_heads_own_frame_is_removed() -> None:
    model = tiny_model()
    many = random_coefficients(3000)
    detected = fitted_landmarks68(model, many)
    leaning = torch.randn(68, 3, generator=torch.Generator().manual_seed(0))
    leaning = (leaning + leaning[list(MIRROR_68)] * torch.tensor([-1.0, 1.0, 1.0])) / 2
    offset = torch.einsum("nij,pj->npi", IMAGE_AXES[:, None] * many.pose.rotation, leaning)
    found = without_leaning(detected + offset, detected, model)
    left = found - detected
    for part in (offset, left):
        part[..., 2] -= part[..., 2].mean(dim=1, keepdim=True)
    assert float(left[..., :2].norm(dim=-1).mean()) < 0.2 * float(
        offset[..., :2].norm(dim=-1).mean()
    )
    assert float(left[..., 2].abs().mean()) < 0.4 * float(offset[..., 2].abs().mean())
    flat = detected.clone()
    flat[..., 2] = torch.nan
    without = without_leaning(detected + offset, flat, model)
    assert torch.equal(without[..., 2], (detected + offset)[..., 2])
    torch.testing.assert_close(without[..., :2], found[..., :2])


def test_a_few_faces_hardly_say_how_a_method_leans(faces: Faces2d) -> None:
    detected = faces.detected68_crop
    shifted = detected + torch.tensor([0.0, 3.0, 0.0])
    found = without_leaning(shifted, detected, tiny_model())
    assert float((found - shifted).abs().max()) < 0.3


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


def test_labels_are_the_fits_coefficients_and_its_landmarks_without_leaning(
    faces: Faces2d,
) -> None:
    model = tiny_model()
    found = labelled_faces(model, faces, 0.05, True)
    landmarks = image_from_model(model.landmarks68(found.identity, found.expression), found.pose)
    wanted = without_leaning(landmarks, faces.detected68_crop, model)
    torch.testing.assert_close(found.landmarks68_crop, wanted)
    assert found.coefficient_weight.tolist() == pytest.approx([0.05] * 6)
    assert found.ids == faces.ids
    assert torch.equal(found.images, faces.images)
    assert torch.equal(found.landmarks21_crop, faces.landmarks21_crop)
    assert torch.equal(found.visible21, faces.visible21)
    assert torch.equal(found.yaw_deg, faces.yaw_deg)


def test_labels_of_exact_points_lie_on_them(faces: Faces2d) -> None:
    found = labelled_faces(tiny_model(), faces, 0.5, True)
    off = (found.landmarks68_crop - faces.detected68_crop)[..., :2].norm(dim=-1)
    assert float(off.mean()) < 0.5


def test_fitted_landmarks_are_projected_by_the_fitted_pose() -> None:
    model, found = tiny_model(), random_coefficients(3)
    wanted = image_from_model(model.landmarks68(found.identity, found.expression), found.pose)
    torch.testing.assert_close(fitted_landmarks68(model, found), wanted)


# What a training run asks for.


def test_the_offset_is_that_of_the_real_training_faces(data_root: Path) -> None:
    offset = detected_offset(read_faces_2d(data_root, "train", 3000))
    shared = torch.tensor(DETECTED_OFFSET_PX) - torch.tensor(HAND_PLACED_OFFSET_PX)
    torch.testing.assert_close(offset, shared, rtol=0, atol=0.1)


def test_a_teachers_points_are_averaged_with_the_detected_ones(faces: Faces2d) -> None:
    taught = faces.detected68_crop + torch.tensor([4.0, 2.0, 50.0])
    weights = LabelWeights(taught=1.0)
    observed = label_observations(faces, weights, taught).points_image[:, :68]
    wanted = faces.detected68_crop + torch.tensor([2.0, 1.0, 0.0])
    torch.testing.assert_close(observed[..., :2], wanted[..., :2])
    depth = wanted[..., 2] - wanted[..., 2].mean(dim=1, keepdim=True)
    torch.testing.assert_close(observed[..., 2], depth)  # each side's own offset of z is dropped


def test_a_teachers_points_weigh_as_much_as_they_are_said_to(faces: Faces2d) -> None:
    taught = faces.detected68_crop + torch.tensor([4.0, 0.0, 0.0])
    weights = LabelWeights(taught=3.0)
    observed = label_observations(faces, weights, taught).points_image[:, :68]
    torch.testing.assert_close(observed[..., 0], faces.detected68_crop[..., 0] + 3.0)


def test_a_teacher_sees_only_the_hand_placed_points_it_may(faces: Faces2d) -> None:
    model = tiny_model()
    network = _network(0)
    shown = torch.ones_like(faces.visible21)
    moved = dataclasses.replace(faces, landmarks21_crop=120 - faces.landmarks21_crop)
    blank, same, seen = (
        taught_landmarks68(network, model, of, drawn)
        for of, drawn in ((faces, ~shown), (moved, ~shown), (moved, shown))
    )
    assert torch.equal(blank, same)
    assert not torch.equal(blank, seen)


def test_of_wild_faces_only_image_and_detected_points_are_known() -> None:
    faces = invented_faces_2d(5)
    wild = wild_faces(tiny_model(), faces)
    assert torch.equal(wild.landmarks68_crop[..., :2], faces.detected68_crop[..., :2])
    for known in (wild.landmarks68_crop[..., 2], wild.identity, wild.expression):
        assert known.abs().max() == 0
    assert wild.coefficient_weight.max() == 0


def _network(seed: int) -> CoefficientNetwork:
    torch.manual_seed(seed)
    model = tiny_model()
    network = CoefficientNetwork(NetworkConfig(model.identity_count, model.expression_count))
    torch.nn.init.normal_(next(network.parameters()), std=0.1)
    return network


def test_of_two_teachers_each_labels_the_half_that_it_was_not_trained_on(faces: Faces2d) -> None:
    model, shown = tiny_model(), torch.zeros_like(faces.visible21)
    first, second = _network(1), _network(2)
    found = crosswise_landmarks68([first, second], model, faces, shown)
    alone = [taught_landmarks68(each, model, faces, shown) for each in (first, second)]
    halves = [half_of(name) for name in faces.ids]
    assert set(halves) == {0, 1}
    for row, half in enumerate(halves):
        torch.testing.assert_close(found[row], alone[1 - half][row], rtol=0, atol=1e-3)
    assert not torch.allclose(alone[0], alone[1], atol=0.1)


def test_a_single_teacher_labels_every_face(faces: Faces2d) -> None:
    model, shown = tiny_model(), torch.zeros_like(faces.visible21)
    network = _network(1)
    found = crosswise_landmarks68([network], model, faces, shown)
    assert torch.equal(found, taught_landmarks68(network, model, faces, shown))
