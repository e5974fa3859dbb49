"""Coefficients in a mirror."""

import torch

from dasl.head.landmarks import MIRROR_68
from dasl.head.mirror import mirrored
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from tests.dasl.head_shapes import turned_face


def test_a_mirrored_face_has_mirrored_landmarks(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    points = landmarks68_image(head_model, face)[0]
    seen = landmarks68_image(head_model, mirrored(head_model, face))[0][list(MIRROR_68)]
    seen = torch.stack([119 - seen[:, 0], seen[:, 1], seen[:, 2]], dim=1)
    assert (seen - points).norm(dim=1).max() < 0.3  # points of the middle lie on one side of it


def test_mirroring_twice_changes_nothing(head_model: MorphableModel) -> None:
    face = turned_face(head_model)
    again = mirrored(head_model, mirrored(head_model, face))
    torch.testing.assert_close(again.pose.rotation, face.pose.rotation)
    torch.testing.assert_close(again.pose.translation, face.pose.translation)
    torch.testing.assert_close(again.identity, face.identity)
    torch.testing.assert_close(again.expression, face.expression)
