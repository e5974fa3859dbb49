"""The three uses of the map in validation."""

import pytest
import torch

from dasl.geometry.coefficients import Coefficients
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import BLANK
from dasl.training import validate as validation
from dasl.training.validate import MODES, validate
from tests.dasl.tiny_model import invented_faces


@pytest.mark.usefixtures("from_one_distance")
def test_a_network_that_ignores_the_map_has_one_error(
    constant_network: CoefficientNetwork, head_model: MorphableModel
) -> None:
    measured = validate(constant_network, invented_faces(8), head_model)
    assert tuple(measured) == MODES
    assert measured["blank"]["mean"] == measured["second"]["mean"]
    assert measured["blank"]["mean"] == measured["hand_placed"]["mean"]


@pytest.mark.usefixtures("from_one_distance")
def test_each_mode_sees_its_own_map(
    constant_network: CoefficientNetwork,
    head_model: MorphableModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[torch.Tensor] = []
    predict = validation.predictor_of(constant_network)

    def record(images: torch.Tensor, maps: torch.Tensor) -> Coefficients:
        seen.append(maps)
        return predict(images, maps)

    monkeypatch.setattr(validation, "predictor_of", lambda *_: record)
    validate(constant_network, invented_faces(4), head_model)
    blank, own_mirrored, own, by_hand, by_hand_mirrored, by_hand_again = seen
    assert bool((blank == BLANK).all())
    assert bool((own > 0).flatten(1).any(dim=1).all())
    assert not torch.equal(own_mirrored, by_hand_mirrored)
    assert torch.equal(by_hand.flip(-1), by_hand_mirrored)
    torch.testing.assert_close(by_hand_again, by_hand)
