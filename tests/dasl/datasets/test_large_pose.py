"""Faces turned to larger yaw: the picture and the labels must turn together."""

import dataclasses

import pytest
import torch

from dasl.datasets.face_set import FaceSet
from dasl.datasets.large_pose import LargePoseConfig, turn_faces, turnable
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import euler_deg_from_rotation, rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from tests.dasl.tiny_model import invented_faces, tiny_model

NOSE, LEFT_EYE, MOUTH = 30, 42, 51
YAWS = (30.0, -25.0, 12.0)


@pytest.fixture(scope="module")
def faces(head_model: MorphableModel) -> FaceSet:
    """Three mean heads on grey, each with a red, a green and a blue blot on its landmarks."""
    count = len(YAWS)
    angles = torch.tensor([[yaw, 5.0, -8.0] for yaw in YAWS])
    pose = Pose(
        rotation_from_euler_deg(angles),
        torch.full((count,), 480.0),
        torch.tensor([[60.0, 50.0]]).repeat(count, 1),
    )
    coefficients = Coefficients(
        pose,
        torch.zeros(count, head_model.identity_count),
        torch.zeros(count, head_model.expression_count),
    )
    points68 = landmarks68_image(head_model, coefficients)
    return FaceSet(
        ids=tuple(f"face{yaw:.0f}" for yaw in YAWS),
        head_id=head_model.head_id,
        images=_blots(points68[:, [NOSE, LEFT_EYE, MOUTH], :2]),
        landmarks68_crop=points68,
        landmarks21_crop=landmarks21_image(head_model, coefficients)[..., :2],
        visible21=torch.ones(count, 21, dtype=torch.bool),
        coefficients=coefficients,
        coefficient_weight=torch.full((count,), 0.05),
        yaw_deg=torch.tensor(YAWS),
    )


def _blots(points: torch.Tensor) -> torch.Tensor:
    """(N, 3, 120, 120): a blot of channel c around point c."""
    pixels = torch.arange(120.0)
    x = torch.exp(-((pixels - points[..., :1]) ** 2) / 8)
    y = torch.exp(-((pixels - points[..., 1:]) ** 2) / 8)
    return (100 + 150 * torch.einsum("ncx,ncy->ncyx", x, y)).to(torch.uint8)


@pytest.fixture(scope="module")
def turned(faces: FaceSet, head_model: MorphableModel) -> FaceSet:
    return turn_faces(head_model, faces, seed=4)


def test_what_lies_on_a_landmark_still_lies_on_it_after_the_turn(turned: FaceSet) -> None:
    for row, yaw in enumerate(YAWS):
        # The image's left eye is hidden once the nose points there.
        for channel, landmark in enumerate((NOSE, LEFT_EYE, MOUTH)):
            if landmark == LEFT_EYE and yaw < 0:
                continue
            at = turned.landmarks68_crop[row, landmark, :2]
            brightest = (turned.images[row, channel] == turned.images[row, channel].max()).nonzero()
            place = brightest.float().mean(dim=0).flip(0)
            assert (place - at).norm() < 2.5, (yaw, landmark)


def test_faces_turn_on_in_the_direction_in_which_they_look(turned: FaceSet) -> None:
    angles = euler_deg_from_rotation(turned.coefficients.pose.rotation)
    torch.testing.assert_close(angles[:, 0], turned.yaw_deg, atol=1e-3, rtol=0)
    assert (turned.yaw_deg.sign() == torch.tensor(YAWS).sign()).all()
    assert ((turned.yaw_deg.abs() >= 50) & (turned.yaw_deg.abs() <= 90)).all()
    assert (turned.yaw_deg - torch.tensor(YAWS)).abs().max() <= 55
    torch.testing.assert_close(angles[:, 1:], torch.tensor([[5.0, -8.0]]).repeat(3, 1))


def test_labels_are_the_fit_in_its_new_pose_in_a_crop_of_the_usual_kind(
    turned: FaceSet, faces: FaceSet, head_model: MorphableModel
) -> None:
    in_new_pose = dataclasses.replace(faces.coefficients, pose=turned.coefficients.pose)
    points = landmarks68_image(head_model, in_new_pose)
    torch.testing.assert_close(turned.landmarks68_crop, points, atol=1e-2, rtol=0)
    low, high = points[..., :2].amin(dim=1), points[..., :2].amax(dim=1)
    torch.testing.assert_close((high - low).amax(dim=1), torch.full((3,), 120 / 2**0.5))
    torch.testing.assert_close((high + low) / 2, torch.full((3, 2), 59.5), atol=1e-3, rtol=0)


def test_hand_placed_points_move_with_the_picture_and_the_far_ones_hide(
    turned: FaceSet, faces: FaceSet, head_model: MorphableModel
) -> None:
    in_new_pose = dataclasses.replace(faces.coefficients, pose=turned.coefficients.pose)
    wanted = landmarks21_image(head_model, in_new_pose)[..., :2]
    apart = (turned.landmarks21_crop - wanted).norm(dim=-1)
    assert apart[turned.visible21].median() < 1.0
    right_brow, left_brow = 0, 5
    for row, yaw in enumerate(YAWS):
        far, near = (right_brow, left_brow) if yaw > 0 else (left_brow, right_brow)
        assert not turned.visible21[row, far]
        assert turned.visible21[row, near]


def test_a_turn_follows_from_seed_and_id_alone(
    turned: FaceSet, faces: FaceSet, head_model: MorphableModel
) -> None:
    alone = turn_faces(head_model, faces.select(torch.tensor([2])), seed=4)
    assert alone.ids == turned.ids[2:]
    assert torch.equal(alone.images[0], turned.images[2])
    other = turn_faces(head_model, faces.select(torch.tensor([2])), seed=5)
    assert float(other.yaw_deg) != float(alone.yaw_deg)


def test_every_pixel_comes_from_the_photo(faces: FaceSet, head_model: MorphableModel) -> None:
    plain = dataclasses.replace(faces, images=torch.full_like(faces.images, 77))
    assert (turn_faces(head_model, plain).images == 77).all()


def test_only_well_labelled_faces_of_little_yaw_are_turned(faces: FaceSet) -> None:
    assert turnable(faces, LargePoseConfig()).tolist() == [0, 1, 2]
    assert turnable(faces, LargePoseConfig(source_yaw_deg=28)).tolist() == [1, 2]
    assert turnable(faces, LargePoseConfig(largest_turn_deg=27)).tolist() == [0, 1]
    wrong = dataclasses.replace(faces, landmarks21_crop=faces.landmarks21_crop.clone())
    wrong.landmarks21_crop[0] += 10.0
    unseen = dataclasses.replace(wrong, visible21=faces.visible21.clone())
    unseen.visible21[0] = False  # nothing is known against it
    assert turnable(wrong, LargePoseConfig()).tolist() == [1, 2]
    assert turnable(unseen, LargePoseConfig()).tolist() == [0, 1, 2]


def test_nothing_to_turn_and_another_head_model_are_named(
    faces: FaceSet, head_model: MorphableModel
) -> None:
    with pytest.raises(ConfigError, match="no face to turn"):
        turn_faces(head_model, faces.select(torch.tensor([], dtype=torch.int64)))
    with pytest.raises(ConfigError, match=f"is {head_model.head_id}; label them again"):
        turn_faces(head_model, invented_faces(2))
    with pytest.raises(ConfigError, match=f"is {tiny_model().head_id}; label them again"):
        turn_faces(tiny_model(), faces)


def test_impossible_angles_are_named() -> None:
    with pytest.raises(ConfigError, match="source_yaw_deg <= target_yaw_deg"):
        LargePoseConfig(source_yaw_deg=60)
    with pytest.raises(ConfigError, match="largest_turn_deg must be positive, got 0"):
        LargePoseConfig(largest_turn_deg=0)
