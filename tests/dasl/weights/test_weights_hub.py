"""Weights to the hub and back, on a stand-in of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import (
    CARD_FILE,
    CONFIG_FILE,
    TENSOR_FILE,
    load_weights,
    save_weights,
)
from dasl.weights.publication import push_to_hub
from tests.hub_stand_in import SHA, Repos, asks_hub, hub_stand_in


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repos]:
    with hub_stand_in() as (address, repos):
        asks_hub(monkeypatch, address, tmp_path / "cache")
        yield repos


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    save_weights(folder, CoefficientNetwork(NetworkConfig(3, 2)), {"epochs": 3}, card="# card\n")
    (folder / "photo.jpg").write_bytes(b"not ours to publish")
    return folder


def test_pushed_weights_come_back_from_the_hub(hub: Repos, folder: Path) -> None:
    assert push_to_hub(folder, "user/repo").endswith(f"/user/repo/commit/{SHA}")
    again = folder.parent / "again"
    save_weights(again, *load_weights("user/repo", revision=SHA))
    assert sorted(hub["user/repo"]) == sorted([CARD_FILE, CONFIG_FILE, TENSOR_FILE])
    assert (again / TENSOR_FILE).read_bytes() == (folder / TENSOR_FILE).read_bytes()
    assert load_weights(again)[1] == {"epochs": 3}


def test_a_refused_upload_says_what_to_check(
    hub: Repos, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(WeightsError, match="HF_TOKEN") as refused:
        push_to_hub(folder, "user/repo")
    assert str(refused.value).startswith("user/repo: the hub did not take the weights")


def test_a_broken_folder_is_not_uploaded(folder: Path) -> None:
    (folder / TENSOR_FILE).write_bytes(b"")
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        push_to_hub(folder, "user/repo")  # fails before it talks to any hub


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (("user/nowhere",), "user/nowhere: there is no folder of that name"),
        (("user/empty", "v9"), "user/empty at revision v9: there is no folder"),
        (("user/empty",), f"user/empty has no {CONFIG_FILE}, {TENSOR_FILE}"),
    ],
)
def test_what_the_hub_lacks_is_named(hub: Repos, source: tuple[str, ...], words: str) -> None:
    hub["user/empty"] = {"other.txt": b"x"}
    with pytest.raises(WeightsError, match=words):
        load_weights(*source)


def test_no_connection_is_an_error_in_words(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks_hub(monkeypatch, "http://127.0.0.1:9", tmp_path / "cache")
    with pytest.raises(WeightsError, match="check the name, the revision and the connection") as e:
        load_weights("user/repo")
    assert str(e.value).startswith("user/repo: there is no folder")
    with pytest.raises(WeightsError, match=r"^user/repo: the hub did not take the weights"):
        push_to_hub(folder, "user/repo")
