"""Confidence: the error to expect, from what the passes over a face say."""

import dataclasses
import math

import pytest
import torch

from dasl.errors import ShapeError, WeightsError
from dasl.geometry.coefficients import Coefficients, Pose, Whitening, pack
from dasl.network.confidence import (
    DEFAULT_CALIBRATION,
    FEWEST_FACES,
    Calibration,
    calibration_from_config,
    confidence_from_nme,
    config_from_calibration,
    disagreement,
    fit_calibration,
    nme_from_confidence,
    signals_of,
)
from dasl.network.passes import TwoPasses
from tests.dasl.tiny_model import random_coefficients, tiny_model

SIMPLE = Calibration(constant=0.02, landmarks=0.5, pose=0.001, identity=0.01)


def _agreeing(count: int = 2) -> tuple[TwoPasses, Whitening]:
    """Passes of one opinion, and whitening around the first face's."""
    actual = random_coefficients(count)
    mean = pack(actual)[0]
    return TwoPasses(actual, actual, actual, actual), Whitening(mean, torch.full_like(mean, 2.0))


def _shifted(actual: Coefficients, x: float) -> Coefficients:
    pose = actual.pose
    moved = Pose(pose.rotation, pose.scale, pose.translation + torch.tensor([x, 0.0]))
    return dataclasses.replace(actual, pose=moved)


def test_disagreement_is_the_mean_distance_over_the_faces_size():
    second = torch.zeros(1, 68, 3)
    second[0, 0] = torch.tensor([30.0, 0.0, 5.0])
    second[0, 1] = torch.tensor([0.0, 120.0, 5.0])  # a box of 30 x 120: size 60
    first = second + torch.tensor([3.0, 4.0, 100.0])  # 5 pixels away; depth does not count
    assert disagreement(first, second).item() == pytest.approx(5 / 60)


def test_passes_that_agree_on_a_usual_face_raise_no_signal():
    signals = signals_of(_agreeing()[0], tiny_model(), _agreeing()[1])
    torch.testing.assert_close(signals[0], torch.zeros(3), atol=1e-5, rtol=0)


def test_each_signal_answers_to_its_own_cause():
    passes, whitening = _agreeing()
    model = tiny_model()
    calm = signals_of(passes, model, whitening)
    apart = dataclasses.replace(passes, first=_shifted(passes.first, 6.0))
    of_landmarks = signals_of(apart, model, whitening) - calm
    assert (of_landmarks[:, 0] > 0.02).all()
    assert of_landmarks[:, 1:].abs().max() < 1e-5
    odd = dataclasses.replace(passes, result=_shifted(passes.result, 6.0))
    torch.testing.assert_close(signals_of(odd, model, whitening)[0, 1], torch.tensor(3.0))
    other = dataclasses.replace(passes.in_mirror, identity=passes.first.identity + 1.0)
    of_identity = signals_of(dataclasses.replace(passes, in_mirror=other), model, whitening)
    torch.testing.assert_close(of_identity[:, 2], torch.full((2,), math.sqrt(3)))


def test_expected_error_is_the_weighted_sum_and_grows_with_every_signal():
    signals = torch.tensor([[0.01, 2.0, 0.5], [0.02, 2.0, 0.5], [0.01, 3.0, 0.5], [0.01, 2.0, 0.6]])
    actual = SIMPLE.expected_nme(signals)
    assert actual[0].item() == pytest.approx(0.02 + 0.005 + 0.002 + 0.005)
    assert (actual[1:] > actual[0]).all()


def test_confidence_is_one_without_error_a_half_at_seven_percent_and_never_negative():
    errors = torch.tensor([0.0, 0.035, 0.07, 0.5, 10.0, math.inf])
    values = confidence_from_nme(errors)
    assert values[:3].tolist() == pytest.approx([1.0, 0.8, 0.5])
    assert (values.diff() < 0).all()
    assert values[-1] == 0.0


@pytest.mark.parametrize("error", [0.001, 0.035, 0.4])
def test_the_expected_error_can_be_read_back_from_confidence(error):
    confidence = float(confidence_from_nme(torch.tensor(error, dtype=torch.float64)))
    assert nme_from_confidence(confidence) == pytest.approx(error)
    assert nme_from_confidence(0.0) == math.inf


def test_a_fit_finds_the_calibration_that_made_the_errors():
    signals = torch.rand(300, 3, generator=torch.Generator().manual_seed(1))
    errors = SIMPLE.expected_nme(signals)
    errors[::7] = math.nan  # faces without hand-placed points
    actual = fit_calibration(signals, errors)
    assert dataclasses.astuple(actual) == pytest.approx(dataclasses.astuple(SIMPLE), abs=1e-4)


def test_a_signal_that_falls_with_the_error_is_left_out():
    signals = torch.rand(300, 3, generator=torch.Generator().manual_seed(1))
    actual = fit_calibration(signals, 0.05 - 0.02 * signals[:, 1] + 0.1 * signals[:, 0])
    assert actual is not None
    assert actual.pose == 0.0
    assert actual.landmarks > 0.05


def test_too_few_errors_give_no_calibration_and_other_numbers_are_named():
    signals = torch.rand(FEWEST_FACES, 3)
    errors = torch.full((FEWEST_FACES,), 0.03)
    errors[0] = math.nan
    assert fit_calibration(signals, errors) is None
    with pytest.raises(ShapeError, match=r"nme must be \(20,\) like signals, got \(3,\)"):
        fit_calibration(signals, errors[:3])


def test_weights_bring_their_calibration_or_take_the_default():
    assert calibration_from_config(config_from_calibration(SIMPLE)) == SIMPLE
    assert calibration_from_config(config_from_calibration(None)) == DEFAULT_CALIBRATION


@pytest.mark.parametrize("value", [-1.0, True, "0.05", None, math.inf, math.nan])
def test_a_number_that_is_none_is_refused(value):
    config = config_from_calibration(SIMPLE)
    config["expected_nme"]["pose"] = value
    with pytest.raises(WeightsError, match=r"expected_nme\.pose .* must be a number from 0"):
        calibration_from_config(config)


@pytest.mark.parametrize("actual", [0.05, {}, {"constant": 0.1}])
def test_a_calibration_of_other_parts_is_refused(actual):
    with pytest.raises(WeightsError, match="must hold constant, landmarks, pose, identity"):
        calibration_from_config({"expected_nme": actual})
