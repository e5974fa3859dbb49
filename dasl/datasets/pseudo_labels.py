"""Pseudo-labels for self-training: landmarks predicted by previously trained networks.

Two networks, each trained on one half of the faces, label each other's half, since a network
reproduces the labels of its own training faces, noise included.
"""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.face_rows import Faces2d
from dasl.head.landmarks import IBUG_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import map_points_from_21
from dasl.network.passes import GivenPoints, two_passes
from dasl.network.torch_network import predictor_of

BATCH = 128


@torch.no_grad()
def teacher_landmarks68(
    network: CoefficientNetwork, model: MorphableModel, faces: Faces2d, drawn21: Tensor
) -> Tensor:
    """A network's landmarks, with hand-placed points in its map: (N, 68, 3) crop pixels.

    Args:
        network: the teacher; put in eval mode.
        model: its head model.
        faces: N faces.
        drawn21: (N, 21) bool, the hand-placed points that are drawn in its map.
    """
    network.eval()
    predict = predictor_of(network)
    landmarks = []
    for start in tqdm(range(0, len(faces), BATCH), desc="teacher", disable=None):
        rows = slice(start, start + BATCH)
        given = GivenPoints(*map_points_from_21(faces.landmarks21_crop[rows], drawn21[rows]))
        passes = two_passes(predict, faces.images[rows], model, given)
        landmarks.append(landmarks68_image(model, passes.result))
    return torch.cat(landmarks)


def half_of(name: str) -> int:
    """The half of the training faces, 0 or 1, that a face belongs to, by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[-1] % 2


def crosswise_landmarks68(
    teachers: Sequence[CoefficientNetwork], model: MorphableModel, faces: Faces2d, drawn21: Tensor
) -> Tensor:
    """Landmarks of one network, or of two, each for the half that it was not trained on.

    Args:
        teachers: one network; or two, trained on half 0 and on half 1.
        model: their head model.
        faces: N faces.
        drawn21: (N, 21) bool, the hand-placed points that are drawn in their maps.

    Returns:
        (N, 68, 3) crop pixels.
    """
    if len(teachers) == 1:
        return teacher_landmarks68(teachers[0], model, faces, drawn21)
    halves = torch.tensor([half_of(name) for name in faces.ids])
    landmarks = torch.zeros(len(faces), IBUG_POINTS, 3)
    for own, teacher in enumerate(teachers):
        rows = (halves != own).nonzero()[:, 0]
        if len(rows):
            landmarks[rows] = teacher_landmarks68(teacher, model, faces.select(rows), drawn21[rows])
    return landmarks
