"""Signals of the error head: their number, and that each answers to its own cause."""

import dataclasses

import numpy as np
import pytest
import torch

from dasl.geometry.coefficients import Pose, Whitening, pack
from dasl.network.error_signals import error_signals, picture_signals
from dasl.network.passes import TwoPasses
from tests.dasl.tiny_model import random_coefficients, tiny_model

IMAGES = torch.full((2, 3, 120, 120), 100.0)


def test_moving_one_prediction_changes_its_numbers_and_the_distances_to_it():
    actual = random_coefficients(2)
    mean = pack(actual)[0]
    whitening, count = Whitening(mean, torch.ones_like(mean)), len(mean)
    calm = TwoPasses(actual, actual, actual, actual)
    pose = actual.pose
    shifted = Pose(pose.rotation, pose.scale, pose.translation + torch.tensor([6.0, 0.0]))
    moved = dataclasses.replace(calm, in_mirror=dataclasses.replace(actual, pose=shifted))
    before, after = (error_signals(each, IMAGES, tiny_model(), whitening) for each in (calm, moved))
    assert before.shape == (2, 3 * count + 15 + 6)
    changed = np.flatnonzero(np.abs(after - before).max(axis=0) > 1e-4)
    # x of the mirror's prediction; its distances from the straight and from the first prediction
    assert changed.tolist() == [count + 7, *range(3 * count + 5, 3 * count + 15)]


def test_a_picture_is_told_by_its_light_and_sharpness():
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (3, 120, 120)).astype(np.uint8)
    soft = np.tile(np.linspace(60, 200, 120), (3, 120, 1)).astype(np.uint8)
    dark, bright = np.full_like(noise, 2), np.full_like(noise, 250)
    light, spread, black, white, sharp, coarse = picture_signals(
        np.stack([noise, soft, dark, bright])
    ).T
    assert light[2] == pytest.approx(2 / 255) and black.tolist()[2:] == [1.0, 0.0]
    assert light[3] == pytest.approx(250 / 255) and white.tolist()[2:] == [0.0, 1.0]
    assert spread[2] == 0.0 and spread[0] > 3.0
    assert sharp[0] > 1.0 > -2.0 > sharp[1]
    assert coarse[0] > coarse[1]
