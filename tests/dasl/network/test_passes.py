"""The network's two passes over a crop."""

from dataclasses import replace

import pytest
import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.geometry.similarity import CENTRE, roll_rad, transform_points, transform_pose
from dasl.head.mirror import mirrored
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.landmark_map import BLANK
from dasl.network.passes import (
    CLOSER_MARGIN,
    CLOSER_SCALES,
    TILT_DEG,
    GivenPoints,
    closer,
    mean_of,
    two_passes,
)
from tests.dasl.head_shapes import turned_face


def test_the_mean_of_two_poses_is_half_way() -> None:
    def at(yaw_deg: float, scale: float) -> Coefficients:
        rotation = rotation_from_euler_deg(torch.tensor([[yaw_deg, 0.0, 0.0]]))
        pose = Pose(rotation, torch.tensor([scale]), torch.tensor([[yaw_deg, 0.0]]))
        return Coefficients(pose, torch.zeros(1, 2), torch.zeros(1, 1))

    mean = mean_of(at(10.0, 100.0), at(30.0, 400.0))
    expected = rotation_from_euler_deg(torch.tensor([[20.0, 0.0, 0.0]]))
    torch.testing.assert_close(mean.pose.rotation, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(mean.pose.scale, torch.tensor([200.0]))
    torch.testing.assert_close(mean.pose.translation, torch.tensor([[20.0, 0.0]]))


def test_a_face_fills_the_closer_picture(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    landmarks = landmarks68_image(head_model, face)
    change = closer(landmarks, 0.0, roll_rad(face.pose))
    moved = transform_points(landmarks, change)[..., :2]
    low, high = moved.amin(dim=1)[0], moved.amax(dim=1)[0]
    seen = transform_pose(face.pose, change)
    assert roll_rad(seen).item() == pytest.approx(0.0, abs=1e-5)
    assert abs(roll_rad(face.pose).item()) > 0.1
    torch.testing.assert_close((low + high) / 2, torch.full((2,), CENTRE), atol=1e-3, rtol=0)
    torch.testing.assert_close((high - low).max(), torch.tensor(CROP_SIZE / CLOSER_MARGIN))


@pytest.mark.parametrize("spread", [0.0, 1e-9, 1e9])
def test_landmarks_of_no_face_ask_for_no_extreme_picture(spread: float) -> None:
    change = closer(torch.randn(2, 68, 3) * spread, 10.0, torch.tensor([0.0, 2.0]))
    low, high = CLOSER_SCALES
    assert bool(((change.scale >= low) & (change.scale <= high)).all())


def test_the_second_pass_sees_the_face_closer_and_tilted_once_in_a_mirror(
    head_model: MorphableModel,
) -> None:
    face = turned_face(head_model)
    landmarks, roll = landmarks68_image(head_model, face), roll_rad(face.pose)
    nose = landmarks[0, 30, :2].round().long()
    images = torch.zeros(1, 3, 120, 120)
    images[:, :, nose[1], nose[0]] = 255.0
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def predict(pictures: torch.Tensor, maps: torch.Tensor) -> Coefficients:
        """What a network without errors would say."""
        seen.append((pictures, maps))
        if len(seen) == 1:
            return face
        change = closer(landmarks, -TILT_DEG if len(seen) == 2 else TILT_DEG, roll)
        there = replace(face, pose=transform_pose(face.pose, change))
        return mirrored(head_model, there) if len(seen) == 2 else there

    passes = two_passes(predict, images, head_model)
    (first_image, first_map), *second_pass = seen
    assert torch.equal(first_image, images)
    assert bool((first_map == BLANK).all())
    for (image, drawn), tilt_deg in zip(second_pass, (-TILT_DEG, TILT_DEG), strict=True):
        nose_tip = transform_points(landmarks[:, 30:31], closer(landmarks, tilt_deg, roll))[0, 0]
        column, row = (round(value) for value in nose_tip[:2].tolist())
        column = 119 - column if tilt_deg < 0 else column
        assert drawn[0, 0, row, column] > 0.5
        assert image[0, 0, row - 1 : row + 2, column - 1 : column + 2].max() > 50
    for answer in (passes.in_mirror, passes.straight, passes.result):
        torch.testing.assert_close(
            landmarks68_image(head_model, answer), landmarks, atol=0.3, rtol=0
        )
    torch.testing.assert_close(passes.straight.pose.rotation, face.pose.rotation)


def test_the_result_is_the_mean_of_the_two_predictions_with_landmarks(
    head_model: MorphableModel,
) -> None:
    answers = [turned_face(head_model, seed) for seed in range(3)]
    shown = iter([answers[0], mirrored(head_model, answers[1]), answers[2]])
    passes = two_passes(lambda *_: next(shown), torch.zeros(1, 3, 120, 120), head_model)
    wanted = (answers[1].identity + answers[2].identity) / 2
    torch.testing.assert_close(passes.result.identity, wanted)
    torch.testing.assert_close(passes.in_mirror.identity, answers[1].identity)
    assert passes.first is answers[0]


def test_faces_without_given_points_have_their_own_drawn(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    two = Coefficients(
        Pose(*(t.repeat(2, *[1] * (t.ndim - 1)) for t in vars(face.pose).values())),
        face.identity.repeat(2, 1),
        face.expression.repeat(2, 1),
    )
    maps: list[torch.Tensor] = []

    def predict(pictures: torch.Tensor, drawn: torch.Tensor) -> Coefficients:
        maps.append(drawn)
        return two

    landmarks = landmarks68_image(head_model, face)
    chin = landmarks[:, 8:9]  # never a point of the map
    drawn = torch.tensor([[True] * 18, [False] * 18])
    given = GivenPoints(chin[..., :2].expand(2, 18, 2), drawn)
    two_passes(predict, torch.zeros(2, 3, 120, 120), head_model, given)
    first, _, third = maps
    assert bool((first[1] == BLANK).all())
    column, row = chin[0, 0, :2].round().long().tolist()
    assert first[0, 0, row, column] > 0.5
    assert (third[0, 0] > 0.5).sum() < (third[1, 0] > 0.5).sum()  # one dot, and eighteen


def test_a_first_pass_that_was_made_is_not_repeated(head_model: MorphableModel) -> None:
    first = turned_face(head_model)
    answers = iter([mirrored(head_model, first), first])
    passes = two_passes(
        lambda *_: next(answers), torch.zeros(1, 3, 120, 120), head_model, None, first
    )
    assert passes.first is first
    assert next(answers, None) is None
