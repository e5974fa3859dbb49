"""Labels: what a fit may see, and that validation never sees a hand-placed point."""

import dataclasses

import pytest
import torch
from torch import Tensor

from dasl.datasets.conventions import without_leaning
from dasl.datasets.face_rows import Faces2d
from dasl.datasets.face_set import FaceSet
from dasl.datasets.labels import (
    LabelWeights,
    half_way,
    label_observations,
    labelled_faces,
    wild_faces,
)
from dasl.geometry.coefficients import pack
from dasl.head.fitting import Observations
from dasl.head.landmarks import AFLW_EARS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from tests.dasl.invented_faces_2d import invented_faces_2d
from tests.dasl.tiny_model import tiny_model


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
    return [faces.landmarks68_crop, pack(faces.coefficients)]


def test_points_are_observed_as_they_are(faces: Faces2d) -> None:
    observed = label_observations(faces).points_image
    torch.testing.assert_close(observed[:, :68], faces.detected68_crop)
    torch.testing.assert_close(observed[:, 68:, :2], faces.landmarks21_crop)


def test_weights_are_as_documented(faces: Faces2d) -> None:
    weights = LabelWeights(detected_depth=0.25, hand_placed=8.0, ears=2.0)
    weight = label_observations(faces, weights).weight
    assert (weight[:, :68, :2] == 1).all()
    assert (weight[:, :68, 2] == 0.25).all()
    assert (weight[:, 68:, 2] == 0).all()
    of21 = weight[:, 68:, 0]
    ear = torch.zeros(21, dtype=torch.bool)
    ear[list(AFLW_EARS)] = True
    assert (of21[faces.visible21 & ~ear] == 8).all()
    assert (of21[faces.visible21 & ear] == 2).all()
    assert (of21[~faces.visible21] == 0).all()
    assert torch.equal(weight[:, 68:, 1], of21)


def test_a_point_that_is_not_visible_has_no_say(faces: Faces2d) -> None:
    elsewhere = torch.where(faces.visible21[..., None], faces.landmarks21_crop, 77.0)
    moved = dataclasses.replace(faces, landmarks21_crop=elsewhere)
    model = tiny_model()
    labels, wanted = (labelled_faces(model, each, 0.5, True) for each in (moved, faces))
    for one, other in zip(_labels(labels), _labels(wanted), strict=True):
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
    labelled = labelled_faces(model, faces, 0.05, True)
    landmarks = landmarks68_image(model, labelled.coefficients)
    wanted = without_leaning(landmarks, faces.detected68_crop, model)
    torch.testing.assert_close(labelled.landmarks68_crop, wanted)
    assert labelled.coefficient_weight.tolist() == pytest.approx([0.05] * 6)
    assert labelled.ids == faces.ids
    assert torch.equal(labelled.images, faces.images)
    assert torch.equal(labelled.landmarks21_crop, faces.landmarks21_crop)
    assert torch.equal(labelled.visible21, faces.visible21)
    assert torch.equal(labelled.yaw_deg, faces.yaw_deg)


def test_labels_of_exact_points_lie_on_them(faces: Faces2d) -> None:
    labelled = labelled_faces(tiny_model(), faces, 0.5, True)
    off = (labelled.landmarks68_crop - faces.detected68_crop)[..., :2].norm(dim=-1)
    assert float(off.mean()) < 0.5


def test_a_teacher_speaks_through_its_own_head_and_the_other_head_is_fitted(
    faces: Faces2d, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def landmarks(
        teachers: object, model: MorphableModel, of: Faces2d, drawn: torch.Tensor
    ) -> torch.Tensor:
        asked.append(model)
        return of.detected68_crop.nan_to_num()

    monkeypatch.setattr("dasl.datasets.labels.crosswise_landmarks68", landmarks)
    fitted, own = MorphableModel.load(), tiny_model()
    labelled = labelled_faces(fitted, faces, 0.05, True, ("teacher",), own)  # type: ignore[arg-type]
    assert asked == [own]
    assert labelled.head_id == fitted.head_id
    labelled_faces(fitted, faces, 0.05, True, ("teacher",))  # type: ignore[arg-type]
    assert asked[1] is fitted


def test_a_teachers_points_are_averaged_with_the_detected_ones(faces: Faces2d) -> None:
    pseudo_labels = faces.detected68_crop + torch.tensor([4.0, 2.0, 50.0])
    weights = LabelWeights(teacher=1.0)
    observed = label_observations(faces, weights, pseudo_labels).points_image[:, :68]
    wanted = faces.detected68_crop + torch.tensor([2.0, 1.0, 0.0])
    torch.testing.assert_close(observed[..., :2], wanted[..., :2])
    depth = wanted[..., 2] - wanted[..., 2].mean(dim=1, keepdim=True)
    torch.testing.assert_close(observed[..., 2], depth)  # each side's own offset of z is dropped


def test_a_teachers_points_weigh_as_much_as_they_are_said_to(faces: Faces2d) -> None:
    pseudo_labels = faces.detected68_crop + torch.tensor([4.0, 0.0, 0.0])
    weights = LabelWeights(teacher=3.0)
    observed = label_observations(faces, weights, pseudo_labels).points_image[:, :68]
    torch.testing.assert_close(observed[..., 0], faces.detected68_crop[..., 0] + 3.0)


def test_of_wild_faces_only_image_and_detected_points_are_known() -> None:
    faces = invented_faces_2d(5)
    wild = wild_faces(tiny_model(), faces)
    assert torch.equal(wild.landmarks68_crop[..., :2], faces.detected68_crop[..., :2])
    shape = wild.coefficients.identity, wild.coefficients.expression
    for known in (wild.landmarks68_crop[..., 2], *shape):
        assert known.abs().max() == 0
    assert wild.coefficient_weight.max() == 0


def test_landmarks_of_a_taught_label_lie_half_way_in_the_picture_and_keep_the_fit_s_depth() -> None:
    fitted, points = torch.zeros(2, 68, 3), torch.zeros(2, 68 + 21, 3)
    points[:, :68] = torch.tensor([4.0, -2.0, 9.0])
    points[:, 68:] = 100.0
    moved = half_way(fitted, Observations(points, torch.ones_like(points)))
    assert torch.equal(moved, torch.tensor([2.0, -1.0, 0.0]).expand(2, 68, 3))
