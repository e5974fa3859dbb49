"""The name of weights in results."""

from pathlib import Path

import torch

from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.network.tensors import weights_hash
from dasl.weights.folder import load_weights, save_weights
from dasl.weights.revision import is_of, weights_revision

CONFIG = NetworkConfig(3, 2, head_id="aaaabbbbcccc")


def test_the_hash_follows_the_tensors_and_not_where_they_lie(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_weights(tmp_path / "a", CoefficientNetwork(CONFIG), {"epochs": 3})
    network, _ = load_weights(tmp_path / "a")
    save_weights(tmp_path / "b", network, {"epochs": 4})
    again, _ = load_weights(tmp_path / "b")
    assert weights_hash(again.stored()) == weights_hash(network.stored())
    with torch.no_grad():
        again.regressor.bias[0] += 1e-3
    assert weights_hash(again.stored()) != weights_hash(network.stored())


def test_a_revision_names_source_content_and_a_head_that_is_not_the_weights_own() -> None:
    torch.manual_seed(0)
    network = CoefficientNetwork(CONFIG).stored()
    content = weights_hash(network)
    own = weights_revision(None, network, CONFIG.head_id)
    assert own == f"embedded@{content}"
    mapped = weights_revision("user/repo", network, "dddd")
    assert mapped == f"user/repo@{content} on head dddd"
    assert is_of(own, network, CONFIG.head_id) and not is_of(own, network, "dddd")
    assert is_of(mapped, network, "dddd") and not is_of(mapped, network, CONFIG.head_id)
    assert not is_of("embedded", network, CONFIG.head_id)
