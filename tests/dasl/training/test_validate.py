"""The three uses of the map in validation."""

import pytest
import torch

from dasl.landmark_map import BLANK
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork
from dasl.training import validate as validation
from dasl.training.validate import MODES, validate
from tests.dasl.tiny_model import invented_faces


def test_a_network_that_ignores_the_map_has_one_error(
    constant_network: CoefficientNetwork, head_model: MorphableModel
) -> None:
    measured = validate(constant_network, invented_faces(8), head_model)
    assert tuple(measured) == MODES
    assert measured["blank"]["mean"] == measured["second"]["mean"]
    assert measured["blank"]["mean"] == measured["hand_placed"]["mean"]


def test_each_mode_sees_its_own_map(
    constant_network: CoefficientNetwork,
    head_model: MorphableModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[torch.Tensor] = []
    original = validation.predict_landmarks

    def record(network, images, maps, model, bfloat16=False):  # type: ignore[no-untyped-def]
        seen.append(maps)
        return original(network, images, maps, model, bfloat16)

    monkeypatch.setattr(validation, "predict_landmarks", record)
    validate(constant_network, invented_faces(4), head_model)
    blank, own, by_hand = seen
    assert bool((blank == BLANK).all())
    assert bool((own > 0).flatten(1).any(dim=1).all())
    assert not torch.equal(own, by_hand)
