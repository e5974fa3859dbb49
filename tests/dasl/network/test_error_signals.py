"""Signals of the error head: their number, and that each answers to its own cause."""

import numpy as np
import pytest
import torch

from dasl.geometry.coefficients import Whitening
from dasl.network.confidence import confidence_from_nme
from dasl.network.error_signals import error_signals, least_nme, picture_signals
from dasl.network.recorded_passes import recorded_passes
from space.reconstruct.describe import HIGH_CONFIDENCE
from tests.dasl.tiny_model import tiny_model

IMAGES = np.full((2, 3, 120, 120), 100, np.uint8)


def test_moving_one_prediction_changes_the_distances_to_it_alone():
    random = np.random.default_rng(0)
    points = random.uniform(20, 100, (2, 1, 68, 3)).repeat(3, axis=1)
    outputs = random.normal(size=(2, 3, 11))
    calm = error_signals(outputs, points, IMAGES)
    assert calm.shape == (2, 15 + 6 + 33) and calm.dtype == np.float32
    assert calm[:, :15] == pytest.approx(np.log(1e-3))
    points[:, 1, 36:48, 0] += 6.0  # the eyes in the mirror's prediction
    moved = error_signals(outputs, points, IMAGES)
    changed = np.flatnonzero(np.abs(moved - calm).max(axis=0) > 1e-4)
    assert changed.tolist() == [5 + 3, 10 + 3]  # from the straight and from the first one
    size = np.sqrt(np.ptp(points[:, 2, :, :2], axis=1).prod(axis=1))
    assert moved[:, 8] == pytest.approx(np.log(6.0 / size + 1e-3), rel=1e-4)


def test_outputs_are_recorded_in_the_order_of_the_passes():
    model = tiny_model()
    count = 9 + model.identity_count + model.expression_count
    calls = []

    def run(inputs: torch.Tensor) -> torch.Tensor:
        calls.append(inputs)
        return torch.full((len(inputs), count), 0.01 * len(calls))

    mean = torch.zeros(count)
    mean[[0, 4]] = 1.0  # upright
    mean[6], mean[7:9] = 3.0, 60.0
    whitening = Whitening(mean, torch.ones(count))
    passes, signals = recorded_passes(run, whitening, torch.from_numpy(IMAGES), model)
    assert len(calls) == 3
    said = signals[:, 21:].reshape(2, 3, count)
    assert said[:, :, 0] == pytest.approx(np.array([[0.01, 0.02, 0.03]] * 2))
    assert passes.first.identity[0, 0].item() == pytest.approx(0.01)


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


def test_where_hardly_any_light_tells_things_apart_much_error_is_to_be_expected():
    ramp = np.tile(np.linspace(0, 255, 120), (1, 3, 120, 1))
    usual, faint = least_nme(ramp), least_nme(ramp * 0.04)
    assert usual[0] < 0.015
    assert 0.07 < faint[0] < least_nme(ramp * 0.01)[0]
    clear, dim = least_nme(ramp * 0.4), least_nme(ramp * 0.2)
    assert confidence_from_nme(clear[0]) > HIGH_CONFIDENCE > confidence_from_nme(dim[0])
    assert np.isfinite(least_nme(np.zeros_like(ramp))).all()
