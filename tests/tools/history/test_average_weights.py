"""`python -m tools.history.average_weights`."""

from pathlib import Path

import pytest
import torch

from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import load_weights, save_weights
from tools.history.average_weights import main


def _saved(folder: Path, seed: int, identity_count: int = 3) -> CoefficientNetwork:
    torch.manual_seed(seed)
    network = CoefficientNetwork(NetworkConfig(identity_count, 2))
    save_weights(folder, network, {"from": seed})
    return network


def test_every_number_is_the_mean(tmp_path: Path) -> None:
    first, second = (_saved(tmp_path / str(seed), seed) for seed in (0, 1))
    words = [str(tmp_path / "0"), str(tmp_path / "1"), "--output", str(tmp_path / "mean")]
    assert main(words) == 0
    mean, config = load_weights(str(tmp_path / "mean"))
    assert config["from"] == 1
    others = second.state_dict()
    for name, tensor in first.state_dict().items():
        if tensor.is_floating_point():
            wanted = (tensor + others[name]) / 2
            torch.testing.assert_close(mean.state_dict()[name], wanted, atol=1e-3, rtol=1e-3)


def test_networks_of_different_sizes_have_no_mean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _saved(tmp_path / "0", 0)
    _saved(tmp_path / "1", 1, identity_count=5)
    words = [str(tmp_path / "0"), str(tmp_path / "1"), "--output", str(tmp_path / "mean")]
    assert main(words) == 1
    assert "the networks differ" in capsys.readouterr().err
    assert not (tmp_path / "mean").exists()
