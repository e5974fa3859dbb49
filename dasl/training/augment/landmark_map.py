"""The landmark map of a training sample: drawn with errors, or left blank.

With exact points the network would learn to copy its map, and the second pass would add nothing.
Therefore points are jittered, shifted together and dropped. Each sample has its own error size,
from nearly none to useless.
"""

import math

import torch
from torch import Tensor

from dasl.datasets.face_set import FaceSet
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import (
    blank_map,
    draw_landmark_map,
    map_points_from_21,
    map_points_from_68,
)
from dasl.network.torch_network import predict_landmarks
from dasl.training.augment.keyed_random import Draws, few_sizes
from dasl.training.config import LandmarkMapConfig

LEAST_JITTER_PX = 1e-6
"""Replaces a jitter of 0, which has no logarithm."""

LEAST_HAND_PLACED = 5
"""With fewer visible hand-placed points than this, the map is drawn from label points."""


def draw_training_maps(faces: FaceSet, config: LandmarkMapConfig, draws: Draws) -> Tensor:
    """Draw the map of each sample.

    Args:
        faces: B faces after geometric augmentation.
        config: shares and sizes of the errors.
        draws: of the B faces.

    Returns:
        (B, 1, 120, 120) float32 in [-1, 1]; blank for samples without a map.
    """
    points, drawn = noisy_map_points(faces, config, draws)
    given = draws.chance("map given", config.given)
    return draw_landmark_map(points, drawn & given[:, None])


def draw_own_maps(
    maps: Tensor,
    network: CoefficientNetwork,
    images: Tensor,
    model: MorphableModel,
    share: float,
    draws: Draws,
) -> Tensor:
    """Replace some samples' maps by the landmarks that a network predicts without a map.

    Args:
        maps: (B, 1, 120, 120) from `draw_training_maps`.
        network: the averaged network; put in eval mode. No gradient flows through it.
        images: (B, 3, 120, 120) augmented crops, 0..255.
        model: head model.
        share: of the samples.
        draws: of the B faces.

    Returns:
        (B, 1, 120, 120) a new tensor.
    """
    chosen = draws.some("own map", share)
    if len(chosen) == 0:
        return maps
    network.eval()
    rows = few_sizes(chosen)
    blank = blank_map(images[rows])
    predicted = predict_landmarks(network, images[rows], blank, model)[: len(chosen)]
    return maps.index_copy(0, chosen, draw_landmark_map(map_points_from_68(predicted)))


def noisy_map_points(
    faces: FaceSet, config: LandmarkMapConfig, draws: Draws
) -> tuple[Tensor, Tensor]:
    """Points of the maps, before maps are left blank.

    Returns:
        (B, 18, 2) crop pixels, and (B, 18) bool: which are drawn.
    """
    labels = map_points_from_68(faces.landmarks68_crop)
    hand_placed, placed = map_points_from_21(faces.landmarks21_crop, faces.visible21)
    by_hand = draws.chance("map by hand", config.hand_placed)
    by_hand &= placed.sum(dim=1) >= LEAST_HAND_PLACED

    low, high = (math.log(max(value, LEAST_JITTER_PX)) for value in config.jitter_px)
    sigma = draws.uniform("map jitter", (), low, high).exp()
    small = draws.uniform("map jitter by hand", (), *config.hand_placed_jitter_px)
    kept = ~_dropped(labels.shape[1], config.drop, draws)
    moved = _move_together(labels, config, draws)

    points = torch.where(by_hand[:, None, None], hand_placed, moved)
    jitter = torch.where(by_hand, small, sigma)[:, None, None]
    points = points + draws.normal("map noise", tuple(points.shape[1:])) * jitter
    return points, torch.where(by_hand[:, None], placed, kept)


def _move_together(points: Tensor, config: LandmarkMapConfig, draws: Draws) -> Tensor:
    """In some samples, shift and scale all points by one common error."""
    size = draws.chance("map moved", config.shared_error)[:, None, None].float()
    shift = draws.normal("map shift", (1, 2)) * config.shared_shift_px * size
    scale = (draws.normal("map scale", (1, 1)) * config.shared_scale * size).exp()
    centre = points.mean(dim=1, keepdim=True)
    return (points - centre) * scale + centre + shift


def _dropped(points: int, most: float, draws: Draws) -> Tensor:
    """(B, P) bool: each sample loses a share of its points, itself uniform in [0, most]."""
    share = draws.uniform("map dropped share", (1,), 0.0, most)
    return draws.uniform("map dropped", (points,)) < share
