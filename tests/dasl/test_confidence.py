"""Confidence from the disagreement of two passes."""

import math

import pytest
import torch

from dasl.confidence import (
    DEFAULT_SCALE,
    confidence_from_disagreement,
    disagreement,
    scale_from_disagreements,
    scale_of_weights,
)
from dasl.errors import WeightsError


def test_disagreement_is_the_mean_distance_over_the_faces_size():
    second = torch.zeros(1, 68, 3)
    second[0, 0] = torch.tensor([30.0, 0.0, 5.0])
    second[0, 1] = torch.tensor([0.0, 120.0, 5.0])  # a box of 30 x 120: size 60
    first = second + torch.tensor([3.0, 4.0, 100.0])  # 5 pixels away; depth does not count
    assert disagreement(first, second).item() == pytest.approx(5 / 60)


def test_confidence_falls_from_one_as_the_passes_part():
    values = confidence_from_disagreement(torch.tensor([0.0, 0.05, 1.0]), 0.05)
    assert values[0] == 1.0
    assert values[1].item() == pytest.approx(math.exp(-1))
    assert 0.0 <= values[2] < 0.01


def test_a_face_of_median_disagreement_has_a_confidence_of_four_fifths():
    fractions = torch.tensor([0.01, 0.03, 0.3])
    scale = scale_from_disagreements(fractions)
    assert confidence_from_disagreement(fractions, scale)[1].item() == pytest.approx(0.8)


def test_weights_bring_their_scale_or_take_the_default():
    assert scale_of_weights({"confidence_scale": 0.04}) == 0.04
    assert scale_of_weights({}) == DEFAULT_SCALE


@pytest.mark.parametrize("scale", [0, -1.0, True, "0.05", None, math.inf])
def test_a_scale_that_is_no_positive_number_is_refused(scale):
    with pytest.raises(WeightsError, match="confidence_scale"):
        scale_of_weights({"confidence_scale": scale})
