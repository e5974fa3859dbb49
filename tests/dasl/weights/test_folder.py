import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.network.identity_statistics import bytes_of_statistics, plain_statistics
from dasl.weights.folder import (
    CARD_FILE,
    CONFIG_FILE,
    STATISTICS_FILE,
    TENSOR_FILE,
    load_graph,
    load_statistics,
    load_weights,
    save_weights,
    weights_folder,
)

CONFIG = NetworkConfig(identity_count=3, expression_count=2, batch_norm_momentum=0.05)


@pytest.fixture(scope="module")
def network() -> CoefficientNetwork:
    torch.manual_seed(0)
    network = CoefficientNetwork(CONFIG)
    network.set_whitening(torch.arange(14.0) * 1e5, torch.full((14,), 1e-9))
    return network.eval()


@pytest.fixture
def folder(tmp_path: Path, network: CoefficientNetwork) -> Path:
    folder = tmp_path / "weights"
    save_weights(folder, network, {"epochs": 3}, card="# card\n")
    return folder


def test_statistics_of_identities_come_along_where_there_are_any(folder: Path) -> None:
    assert load_statistics(folder) is None
    content = bytes_of_statistics(plain_statistics(3))
    (folder / STATISTICS_FILE).write_bytes(content)
    read = load_statistics(folder)
    assert read is not None
    assert read.count == 3
    (folder / STATISTICS_FILE).write_bytes(content[:-3])
    with pytest.raises(WeightsError, match=STATISTICS_FILE):
        load_statistics(folder)


def test_a_saved_network_comes_back(folder: Path, network: CoefficientNetwork) -> None:
    loaded, config = load_weights(folder)
    assert config == {"epochs": 3}
    assert loaded.config == CONFIG
    assert not loaded.training
    for name, tensor in loaded.state_dict().items():
        wanted = network.state_dict()[name]
        assert tensor.dtype == wanted.dtype
        assert not tensor.is_meta
        if tensor.ndim >= 2:
            wanted = wanted.half().float()
        assert torch.equal(tensor, wanted), name  # vectors are kept to the last bit


def test_a_second_save_changes_nothing(folder: Path, tmp_path: Path) -> None:
    loaded, config = load_weights(folder)
    save_weights(tmp_path / "again", loaded, config)
    first, second = ((f / TENSOR_FILE).read_bytes() for f in (folder, tmp_path / "again"))
    assert first == second


def test_a_loaded_network_can_be_trained_on(folder: Path) -> None:
    loaded, _ = load_weights(folder)
    loaded.train()
    loaded(torch.rand(2, 4, 120, 120)).sum().backward()
    assert all(parameter.grad is not None for parameter in loaded.parameters())


def test_channels_last_networks_are_saved_alike(
    tmp_path: Path, network: CoefficientNetwork
) -> None:
    plain, other = tmp_path / "plain", tmp_path / "other"
    save_weights(plain, network, {})
    loaded, _ = load_weights(plain)
    loaded.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    save_weights(other, loaded, {})
    assert (plain / TENSOR_FILE).read_bytes() == (other / TENSOR_FILE).read_bytes()


def test_nothing_but_the_documented_files_is_left(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == sorted([CARD_FILE, CONFIG_FILE, TENSOR_FILE])
    assert load_graph(folder) is None


def test_a_card_survives_a_save_without_one(folder: Path, network: CoefficientNetwork) -> None:
    save_weights(folder, network, {})
    assert (folder / CARD_FILE).read_text() == "# card\n"


def _edit(folder: Path, change: str) -> None:
    tensors = load_file(folder / TENSOR_FILE)
    if change == "missing":
        del tensors["regressor.bias"]
    elif change == "unexpected":
        tensors["head_model.basis"] = torch.zeros(2, 3)
    elif change == "shape":
        tensors["regressor.weight"] = torch.zeros(7, 2304)
    elif change == "type":
        tensors["regressor.bias"] = torch.zeros(14, dtype=torch.int32)
    elif change == "nan":
        tensors["regressor.bias"] = torch.full((14,), float("nan"))
    save_file(tensors, folder / TENSOR_FILE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("missing", "tensor regressor.bias is missing"),
        ("unexpected", r"tensor head_model.basis \(2, 3\) is not expected"),
        ("shape", r"tensor regressor.weight is \(7, 2304\), wanted \(14, 2304\)"),
        ("type", "tensor regressor.bias is int32"),
        ("nan", "tensor regressor.bias has values that are not finite"),
    ],
)
def test_tensors_must_fit_exactly(folder: Path, change: str, message: str) -> None:
    _edit(folder, change)
    with pytest.raises(WeightsError, match=rf"model\.safetensors: {message}"):
        load_weights(folder)


@pytest.mark.parametrize("name", [CONFIG_FILE, TENSOR_FILE])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsError, match=rf"^[^(]*{name}: cannot read it"):
        load_weights(folder)


@pytest.mark.parametrize("keep", [0, 5, 1000])
def test_truncated_tensors_are_refused(folder: Path, keep: int) -> None:
    path = folder / TENSOR_FILE
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        load_weights(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[1]", "wanted an object"),
        ('{"format": "dasl-weights-1", "network": {}, "extra": 1}', r"unknown keys \['extra'\]"),
        ('{"format": "2", "network": {}, "config": {}}', "format is '2'"),
        ('{"format": "dasl-weights-1", "network": {}, "config": {}}', "lacks .*'backbone'"),
    ],
)
def test_a_corrupt_config_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / CONFIG_FILE).write_text(text)
    with pytest.raises(WeightsError, match=rf"config\.json: .*{message}"):
        load_weights(folder)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("backbone", "__import__('os')", "wanted one of"),
        ("identity_count", "100", "whole number"),
        ("head_id", None, "head_id is None, wanted the id"),
        ("dropout", "much", "dropout|compar|not supported"),
        ("layers", 3, r"unknown keys \['layers'\]"),
    ],
)
def test_a_bad_network_setting_is_refused(
    folder: Path, field: str, value: object, message: str
) -> None:
    described = json.loads((folder / CONFIG_FILE).read_text())
    described["network"][field] = value
    (folder / CONFIG_FILE).write_text(json.dumps(described))
    with pytest.raises(WeightsError, match=message):
        load_weights(folder)


def test_a_diverged_network_is_not_saved(tmp_path: Path) -> None:
    network = CoefficientNetwork(CONFIG)
    torch.nn.init.constant_(network.regressor.weight, 1e6)  # beyond float16
    with pytest.raises(WeightsError, match=r"regressor\.weight is not finite"):
        save_weights(tmp_path / "diverged", network, {})
    assert not (tmp_path / "diverged").exists()


def test_a_config_that_json_cannot_hold_is_refused(
    tmp_path: Path, network: CoefficientNetwork
) -> None:
    for value in (object(), float("nan")):
        with pytest.raises(WeightsError, match="JSON"):
            save_weights(tmp_path / "w", network, {"value": value})


def test_a_failed_save_leaves_the_earlier_one(
    folder: Path, network: CoefficientNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write = Path.write_bytes

    def full_disk(path: Path, data: bytes) -> int:
        if data.startswith(b"{"):  # the config, which is written beside the tensors
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(WeightsError, match="No space left"):
        save_weights(folder, network, {"epochs": 4})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, network: CoefficientNetwork) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match=r"cannot write model\.safetensors"):
        save_weights(tmp_path / "file" / "weights", network, {})


def test_a_folder_wins_over_a_hub_id_of_its_name(
    tmp_path: Path, network: CoefficientNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_weights(Path("user/repo"), network, {"here": True})
    assert load_weights("user/repo")[1] == {"here": True}


def test_neither_folder_nor_hub_id_says_what_is_wanted(tmp_path: Path) -> None:
    for source in (tmp_path / "nowhere", "a/b/c", "../weights"):
        with pytest.raises(WeightsError, match="no such folder"):
            weights_folder(source)
