"""Projecting coefficients: the points of the shape, put where the pose says."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image, vertices_image
from tests.dasl.tiny_model import random_coefficients, tiny_model

Project = Callable[[MorphableModel, Coefficients], Tensor]


@pytest.mark.parametrize(
    ("project", "points", "count"),
    [
        (landmarks68_image, MorphableModel.landmarks68, 68),
        (landmarks21_image, MorphableModel.landmarks21, 21),
        (vertices_image, MorphableModel.vertices, 12),
    ],
)
def test_points_are_projected_by_the_pose_of_their_face(
    project: Project, points: Callable[..., Tensor], count: int
) -> None:
    model, heads = tiny_model(), random_coefficients(3)
    placed = project(model, heads)
    assert placed.shape == (3, count, 3)
    wanted = image_from_model(points(model, heads.identity, heads.expression), heads.pose)
    torch.testing.assert_close(placed, wanted)
    alone = project(model, heads.rows(1, 2))
    torch.testing.assert_close(alone[0], placed[1])


def test_landmarks_lie_on_the_projected_surface() -> None:
    model, heads = tiny_model(), random_coefficients(2)
    on_surface = model.landmarks68_of(vertices_image(model, heads))
    torch.testing.assert_close(landmarks68_image(model, heads), on_surface, atol=1e-3, rtol=0)
