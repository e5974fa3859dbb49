"""Pseudo-labels: what a teacher may see, and which teacher labels which face."""

import dataclasses

import pytest
import torch

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.pseudo_labels import crosswise_landmarks68, half_of, teacher_landmarks68
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from tests.dasl.invented_faces_2d import invented_faces_2d
from tests.dasl.tiny_model import tiny_model


@pytest.fixture
def faces() -> Faces2d:
    return invented_faces_2d(6)


def _network(seed: int) -> CoefficientNetwork:
    torch.manual_seed(seed)
    model = tiny_model()
    network = CoefficientNetwork(NetworkConfig.of_head(model))
    torch.nn.init.normal_(next(network.parameters()), std=0.1)
    return network


def test_a_teacher_sees_only_the_hand_placed_points_it_may(faces: Faces2d) -> None:
    model = tiny_model()
    network = _network(0)
    shown = torch.ones_like(faces.visible21)
    moved = dataclasses.replace(faces, landmarks21_crop=120 - faces.landmarks21_crop)
    blank, same, seen = (
        teacher_landmarks68(network, model, of, drawn)
        for of, drawn in ((faces, ~shown), (moved, ~shown), (moved, shown))
    )
    assert torch.equal(blank, same)
    assert not torch.equal(blank, seen)


def test_of_two_teachers_each_labels_the_half_that_it_was_not_trained_on(faces: Faces2d) -> None:
    model, shown = tiny_model(), torch.zeros_like(faces.visible21)
    first, second = _network(1), _network(2)
    landmarks = crosswise_landmarks68([first, second], model, faces, shown)
    alone = [teacher_landmarks68(each, model, faces, shown) for each in (first, second)]
    halves = [half_of(name) for name in faces.ids]
    assert set(halves) == {0, 1}
    for row, half in enumerate(halves):
        torch.testing.assert_close(landmarks[row], alone[1 - half][row], rtol=0, atol=1e-3)
    assert not torch.allclose(alone[0], alone[1], atol=0.1)


def test_a_single_teacher_labels_every_face(faces: Faces2d) -> None:
    model, shown = tiny_model(), torch.zeros_like(faces.visible21)
    network = _network(1)
    landmarks = crosswise_landmarks68([network], model, faces, shown)
    assert torch.equal(landmarks, teacher_landmarks68(network, model, faces, shown))
