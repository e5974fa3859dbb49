"""Weights of an older head on a newer one: mapped exactly, or refused with what to do."""

import json
from pathlib import Path

import pytest
import torch

from dasl.errors import WeightsError
from dasl.head.head_map import HeadMap
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1, HEAD_1_COUNTS
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import load_weights, save_weights
from dasl.weights.mapped import NEW_UNIT_STD, mapped_network, network_on_head

Heads = tuple[MorphableModel, MorphableModel]


def _old_network() -> CoefficientNetwork:
    torch.manual_seed(2)
    network = CoefficientNetwork(NetworkConfig(*HEAD_1_COUNTS))
    torch.nn.init.normal_(network.regressor.bias, std=0.1)
    mean = torch.randn(network.config.output_count) * 0.1
    mean[[0, 4]] += 1.0
    mean[6], mean[7:9] = 6.2, 60.0
    network.set_whitening(mean, 0.05 + torch.rand(network.config.output_count) * 0.1)
    return network.eval()


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """As the versions before head ids wrote it."""
    save_weights(tmp_path / "old", _old_network(), {"epochs": 3})
    path = tmp_path / "old/config.json"
    described = json.loads(path.read_text())
    described["format"] = "dasl-weights-1"
    del described["network"]["head_id"]
    path.write_text(json.dumps(described))
    return tmp_path / "old"


def test_a_mapped_network_answers_what_the_map_makes_of_the_old_answer(
    heads: Heads, shipped_map: HeadMap
) -> None:
    old = _old_network()
    mapped = mapped_network(old, shipped_map)
    images = torch.rand(4, 4, 120, 120, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        wanted = shipped_map.coefficients(old.coefficients(old(images)))
        actual = mapped.coefficients(mapped(images))
    torch.testing.assert_close(actual.identity, wanted.identity, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(actual.expression, wanted.expression, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(actual.pose.rotation, wanted.pose.rotation)
    torch.testing.assert_close(actual.pose.scale, wanted.pose.scale)
    # the offset is worked out at the mean scale, and by rows that are not yet of unit length
    assert (actual.pose.translation - wanted.pose.translation).abs().max() < 1.0
    assert mapped.config.head_id == heads[1].head_id
    assert old.config.head_id == HEAD_1 and old.regressor.out_features == 160


def test_the_mapped_whitening_is_whole(shipped_map: HeadMap) -> None:
    mapped = mapped_network(_old_network(), shipped_map)
    assert bool((mapped.whitening_std > 0).all())
    tongue = 9 + shipped_map.counts[0]  # the new head's first unit, which the old one lacks
    assert mapped.whitening_std[tongue] == pytest.approx(NEW_UNIT_STD)
    assert not mapped.regressor.weight[tongue].any()


def test_an_old_folder_loads_on_a_new_head_and_is_saved_as_one_of_it(
    heads: Heads, shipped_map: HeadMap, old_folder: Path, tmp_path: Path
) -> None:
    new = heads[1]
    stored, _ = load_weights(old_folder)
    assert stored.config.head_id == HEAD_1
    network, config = load_weights(old_folder, head_id=new.head_id)
    assert config == {"epochs": 3}
    assert network.config == NetworkConfig.of_head(new)
    save_weights(tmp_path / "new", network, config)
    described = json.loads((tmp_path / "new/config.json").read_text())
    assert described["format"] == "dasl-weights-2"
    assert described["network"]["head_id"] == new.head_id
    again, _ = load_weights(tmp_path / "new", head_id=new.head_id)
    assert again.config == network.config


def test_a_network_of_the_head_itself_stays_as_it_is() -> None:
    network = _old_network()
    assert network_on_head(network, HEAD_1, "these") is network


def test_weights_of_an_unknown_head_are_refused(
    heads: Heads, shipped_map: HeadMap, old_folder: Path
) -> None:
    path = old_folder / "config.json"
    described = json.loads(path.read_text())
    described["format"] = "dasl-weights-2"
    described["network"]["head_id"] = "0123456789ab"
    path.write_text(json.dumps(described))
    with pytest.raises(WeightsError, match=r"head 0123456789ab.*no map.*train again"):
        load_weights(old_folder, head_id=heads[1].head_id)


def test_weights_that_say_head_1_and_have_other_numbers_are_refused(
    heads: Heads, shipped_map: HeadMap
) -> None:
    network = CoefficientNetwork(NetworkConfig(40, 10))
    with pytest.raises(WeightsError, match=r"mine gives \(40, 10\).*has \(100, 51\)"):
        network_on_head(network, heads[1].head_id, "mine")
