"""The landmark map of training samples."""

import dataclasses

import torch

from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import (
    BLANK,
    blank_map,
    draw_landmark_map,
    map_points_from_21,
    map_points_from_68,
)
from dasl.network.torch_network import predict_landmarks
from dasl.training.augment.keyed_random import Draws, epoch_draws, id_keys
from dasl.training.augment.landmark_map import draw_own_maps, draw_training_maps, noisy_map_points
from dasl.training.config import LandmarkMapConfig
from tests.dasl.tiny_model import invented_faces

FACES = invented_faces(256)


def draws(count: int = 256) -> Draws:
    return epoch_draws(id_keys(FACES.ids[:count]), seed=0, epoch=0)


def test_maps_are_given_or_withheld_per_sample() -> None:
    maps = draw_training_maps(FACES, LandmarkMapConfig(given=0.25), draws())
    blank = (maps == BLANK).all(dim=3).all(dim=2)[:, 0]
    assert maps.shape == (256, 1, 120, 120)
    assert 0.65 < blank.float().mean() < 0.85
    never = draw_training_maps(FACES, LandmarkMapConfig(given=0.0), draws())
    assert bool((never == BLANK).all())


def test_without_errors_the_points_are_the_labels() -> None:
    exact = LandmarkMapConfig(hand_placed=0.0, jitter_px=(1e-6, 2e-6), shared_error=0.0, drop=0.0)
    points, drawn = noisy_map_points(FACES, exact, draws())
    torch.testing.assert_close(
        points, map_points_from_68(FACES.landmarks68_crop), atol=1e-3, rtol=0
    )
    assert bool(drawn.all())


def test_jitter_has_the_size_of_the_config() -> None:
    config = LandmarkMapConfig(hand_placed=0.0, jitter_px=(2.0, 2.0), shared_error=0.0, drop=0.2)
    points, drawn = noisy_map_points(FACES, config, draws())
    error = points - map_points_from_68(FACES.landmarks68_crop)
    assert abs(error.std().item() - 2.0) < 0.1
    assert 0.07 < (~drawn).float().mean() < 0.13  # half of the largest share


def test_hand_placed_points_are_drawn_only_where_there_are_enough() -> None:
    few = dataclasses.replace(FACES, visible21=torch.zeros(256, 21, dtype=torch.bool))
    config = LandmarkMapConfig(hand_placed=1.0, hand_placed_jitter_px=(0.0, 0.0))
    points, drawn = noisy_map_points(FACES, config, draws())
    placed, visible = map_points_from_21(FACES.landmarks21_crop, FACES.visible21)
    enough = visible.sum(dim=1) >= 5
    assert bool((drawn == visible)[enough].all())
    torch.testing.assert_close(points[enough], placed[enough])
    _, drawn = noisy_map_points(few, config, draws())
    assert drawn.float().mean() > 0.9


def test_own_maps_show_what_the_network_finds_without_a_map(
    constant_network: CoefficientNetwork, head_model: MorphableModel
) -> None:
    images = FACES.images[:8]
    maps = blank_map(torch.zeros(8, 3, 120, 120))
    own = draw_own_maps(maps, constant_network, images, head_model, 1.0, draws(8))
    actual = predict_landmarks(constant_network, images, maps, head_model)
    torch.testing.assert_close(own, draw_landmark_map(map_points_from_68(actual)))
    assert bool((maps == BLANK).all()), "the given maps must not change"


def test_own_maps_replace_their_share_and_leave_the_rest(
    constant_network: CoefficientNetwork, head_model: MorphableModel
) -> None:
    images = FACES.images[:64]
    given = torch.full((64, 1, 120, 120), 0.5)
    own = draw_own_maps(given, constant_network, images, head_model, 0.25, draws(64))
    kept = (own == 0.5).flatten(1).all(dim=1)
    assert 0.6 < kept.float().mean() < 0.9
    assert draw_own_maps(given, constant_network, images, head_model, 0.0, draws(64)) is given
