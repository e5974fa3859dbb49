"""Changes of frame: hand-worked places, round trips of every pair, flips and windings."""

import pytest
import torch
from torch import Tensor

from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import (
    crop_from_image,
    flip_winding,
    image_from_crop,
    image_from_model,
    image_from_view,
    image_pose_from_crop,
    view_from_model,
)
from dasl.geometry.rotation import rotation_from_euler_deg

FRONTAL = Pose(torch.eye(3)[None], torch.tensor([400.0]), torch.tensor([[60.0, 50.0]]))


@pytest.fixture
def poses() -> Pose:
    """Five cameras, float64."""
    generator = torch.Generator().manual_seed(0)
    angles = 40 * torch.randn(5, 3, generator=generator, dtype=torch.float64)
    scale = 300 + 100 * torch.rand(5, generator=generator, dtype=torch.float64)
    translation = 60 + torch.randn(5, 2, generator=generator, dtype=torch.float64)
    return Pose(rotation_from_euler_deg(angles), scale, translation)


@pytest.fixture
def points_model() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return 0.1 * torch.randn(5, 7, 3, generator=generator, dtype=torch.float64)


BOXES = torch.tensor(
    [[0, 0, 120, 120], [10, 20, 250, 260], [-30, 5, 30, 65], [3.5, 4.25, 100, 100.75], [1, 1, 2, 2]]
).double()


def test_a_point_of_a_frontal_face_lands_where_worked_by_hand() -> None:
    # 0.1 m right and 0.05 m up at 400 px/m: 40 px right of 60, 20 px above 50, 8 px towards us.
    actual = image_from_model(torch.tensor([[[0.1, 0.05, 0.02]]]), FRONTAL)
    torch.testing.assert_close(actual, torch.tensor([[[100.0, 30.0, 8.0]]]))


def test_a_quarter_turn_about_y_takes_the_nose_to_the_side() -> None:
    turn = torch.tensor([[[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]])
    pose = Pose(turn, torch.tensor([100.0]), torch.tensor([[0.0, 0.0]]))
    actual = view_from_model(torch.tensor([[[0.0, 0.0, 0.3]]]), pose)
    torch.testing.assert_close(actual, torch.tensor([[[30.0, 0.0, 0.0]]]))


def test_up_in_the_model_is_up_on_the_picture() -> None:
    chin, forehead = image_from_model(torch.tensor([[[0, -0.1, 0], [0, 0.1, 0]]]), FRONTAL)[0]
    assert forehead[1] < chin[1]


def test_depth_has_the_scale_of_the_plane_and_no_offset(poses: Pose) -> None:
    origin = torch.zeros(5, 1, 3, dtype=torch.float64)
    actual = image_from_model(origin, poses)
    torch.testing.assert_close(actual[:, 0, :2], poses.translation)
    assert (actual[..., 2] == 0).all()


def test_image_from_model_is_view_then_image(poses: Pose, points_model: Tensor) -> None:
    by_steps = image_from_view(view_from_model(points_model, poses), poses)
    torch.testing.assert_close(image_from_model(points_model, poses), by_steps)


def test_model_points_come_back_from_the_image(poses: Pose, points_model: Tensor) -> None:
    x, y, z = image_from_model(points_model, poses).unbind(dim=-1)
    moved = [x - poses.translation[:, :1], poses.translation[:, 1:] - y, z]
    view = torch.stack(moved, dim=-1) / poses.scale[:, None, None]
    torch.testing.assert_close(view @ poses.rotation, points_model)


def test_each_row_of_a_batch_projects_as_on_its_own(poses: Pose, points_model: Tensor) -> None:
    whole = image_from_model(points_model, poses)
    for row in range(5):
        alone = image_from_model(points_model[row : row + 1], poses.rows(row, row + 1))
        torch.testing.assert_close(whole[row : row + 1], alone)


def test_the_corners_of_a_crop_are_the_corners_of_its_box() -> None:
    # Outer edges: crop -0.5 and 119.5 are the box's sides less the half pixel of pixel centres.
    corners = torch.tensor([[[-0.5, -0.5], [119.5, 119.5]]])
    actual = image_from_crop(corners, torch.tensor([[10.0, 20.0, 250.0, 260.0]]))
    torch.testing.assert_close(actual, torch.tensor([[[9.5, 19.5], [249.5, 259.5]]]))


def test_the_whole_photo_as_its_own_crop_changes_nothing() -> None:
    points = torch.tensor([[[3.0, 4.0, 5.0]]])
    box = torch.tensor([[0.0, 0.0, 120.0, 120.0]])
    torch.testing.assert_close(image_from_crop(points, box), points)


def test_depth_grows_with_the_pixel_of_the_crop() -> None:
    box = torch.tensor([[0.0, 0.0, 240.0, 240.0]])
    actual = image_from_crop(torch.tensor([[[59.5, 59.5, 7.0]]]), box)
    torch.testing.assert_close(actual, torch.tensor([[[119.5, 119.5, 14.0]]]))


@pytest.mark.parametrize("axes", [2, 3])
def test_crop_and_image_round_trip_both_ways(points_model: Tensor, axes: int) -> None:
    points = 1000 * points_model[..., :axes]
    torch.testing.assert_close(crop_from_image(image_from_crop(points, BOXES), BOXES), points)
    torch.testing.assert_close(image_from_crop(crop_from_image(points, BOXES), BOXES), points)


def test_the_photo_pose_projects_where_crop_then_photo_does(
    poses: Pose, points_model: Tensor
) -> None:
    by_steps = image_from_crop(image_from_model(points_model, poses), BOXES)
    actual = image_from_model(points_model, image_pose_from_crop(poses, BOXES))
    torch.testing.assert_close(actual, by_steps)


def test_flip_winding_keeps_the_corners_and_reverses_their_order() -> None:
    triangles = torch.tensor([[0, 1, 2], [7, 5, 9]])
    assert flip_winding(triangles).tolist() == [[0, 2, 1], [7, 9, 5]]
    assert torch.equal(flip_winding(flip_winding(triangles)), triangles)


def test_a_triangle_facing_us_in_the_model_faces_us_on_the_picture_once_flipped() -> None:
    corners_model = torch.tensor([[[0.0, 0, 0], [0.1, 0, 0], [0, 0.1, 0]]])
    corners = image_from_model(corners_model, FRONTAL)[0]
    first, second, third = corners[flip_winding(torch.tensor([[0, 1, 2]]))[0]]
    normal = torch.linalg.cross(second - first, third - first)
    assert normal[2] > 0


def test_projection_leaves_its_inputs_unchanged(poses: Pose, points_model: Tensor) -> None:
    before = points_model.clone(), BOXES.clone(), poses.rotation.clone()
    image_from_crop(image_from_model(points_model, poses), BOXES)
    after = points_model, BOXES, poses.rotation
    assert all(torch.equal(was, now) for was, now in zip(before, after, strict=True))


def test_projection_has_the_gradient_of_its_formula(points_model: Tensor) -> None:
    angles = torch.tensor([[20.0, -10.0, 5.0]], dtype=torch.float64)
    inputs = [
        points_model[:1],
        rotation_from_euler_deg(angles),
        torch.tensor([3.0]).double(),
        torch.tensor([[1.0, 2.0]]).double(),
    ]
    leaves = [value.clone().requires_grad_() for value in inputs]

    def project(points: Tensor, rotation: Tensor, scale: Tensor, translation: Tensor) -> Tensor:
        return image_from_model(points, Pose(rotation, scale, translation))

    assert torch.autograd.gradcheck(project, leaves)
