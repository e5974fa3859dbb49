"""The closed-form pose: exact for exact points, a rotation for any points."""

import torch
from torch import Tensor

from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.geometry.weak_perspective import weak_perspective_pose


def _poses(count: int) -> Pose:
    generator = torch.Generator().manual_seed(5)
    angles = 40 * torch.randn(count, 3, generator=generator, dtype=torch.float64)
    scale = 300 + 100 * torch.rand(count, generator=generator, dtype=torch.float64)
    translation = 60 * torch.randn(count, 2, generator=generator, dtype=torch.float64)
    return Pose(rotation_from_euler_deg(angles), scale, translation)


def _points(count: int) -> Tensor:
    """(count, 30, 3), metres, off the origin."""
    generator = torch.Generator().manual_seed(6)
    return 0.1 * torch.randn(count, 30, 3, generator=generator, dtype=torch.float64) + 0.05


def test_the_pose_of_known_points_comes_back() -> None:
    truth = _poses(12)
    points = _points(12)
    weight = torch.rand(12, 30, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    actual = weak_perspective_pose(points, image_from_model(points, truth), weight)
    torch.testing.assert_close(actual.rotation, truth.rotation, rtol=0, atol=1e-4)
    torch.testing.assert_close(actual.scale, truth.scale, rtol=1e-4, atol=0)
    torch.testing.assert_close(actual.translation, truth.translation, rtol=0, atol=1e-2)


def test_the_first_pose_ignores_points_of_weight_zero() -> None:
    truth = _poses(3)
    points = _points(3)
    seen = image_from_model(points, truth)
    weight = torch.ones(3, 30, dtype=torch.float64)
    weight[:, :6] = 0
    wild = seen.clone()
    wild[:, :6] = 1e4
    actual, wanted = (weak_perspective_pose(points, image, weight) for image in (wild, seen))
    torch.testing.assert_close(actual.rotation, wanted.rotation)


def test_noisy_points_still_give_a_rotation() -> None:
    noise = torch.randn(5, 30, 2, generator=torch.Generator().manual_seed(8), dtype=torch.float64)
    actual = weak_perspective_pose(_points(5), 50 * noise, torch.ones(5, 30, dtype=torch.float64))
    rotation = actual.rotation
    identity = torch.eye(3, dtype=torch.float64).expand(5, 3, 3)
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), identity)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(5, dtype=torch.float64))


def test_one_set_of_model_points_serves_all_faces() -> None:
    truth, points = _poses(4), _points(1)
    seen = image_from_model(points.expand(4, 30, 3), truth)
    actual = weak_perspective_pose(points, seen, torch.ones(4, 30, dtype=torch.float64))
    torch.testing.assert_close(actual.rotation, truth.rotation, rtol=0, atol=1e-4)
