"""Checkpoints that cannot be written or read."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.training import checkpoint
from dasl.training.checkpoint import (
    FILE_NAME,
    CheckpointError,
    RunState,
    load_checkpoint,
    save_checkpoint,
    start_state,
)
from dasl.training.config import TrainConfig, config_from_dict
from dasl.training.learner import Learner

CONFIG = TrainConfig()
IDS = ("a", "b")


def state(identity_count: int = 3, kind: str = "adamw", direct: bool = False) -> RunState:
    torch.manual_seed(0)
    network = CoefficientNetwork(NetworkConfig(identity_count, 2))
    learner = Learner(network, lambda raw: raw, False, direct, False, False)
    settings = config_from_dict({"optimiser": {"kind": kind}}).optimiser
    return start_state(learner, settings, None)


def test_a_full_disk_is_named_and_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"the one before")

    def full(_tensors: object, file: Path, _header: object) -> None:
        Path(file).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(CheckpointError, match=r"No space left.*free some space.*--resume"):
        save_checkpoint(path, state(), CONFIG, IDS)
    assert path.read_bytes() == b"the one before"
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError, match="cannot write the checkpoint"):
        save_checkpoint(tmp_path / "file" / FILE_NAME, state(), CONFIG, IDS)


@pytest.mark.parametrize(
    "other", [{"identity_count": 4}, {"direct": True}], ids=["network", "auxiliary head"]
)
def test_a_checkpoint_of_another_architecture_is_named(
    tmp_path: Path, other: dict[str, int]
) -> None:
    save_checkpoint(tmp_path / FILE_NAME, state(), CONFIG, IDS)
    with pytest.raises(WeightsError, match=r"checkpoint\.safetensors: tensor "):
        load_checkpoint(tmp_path / FILE_NAME, state(**other), CONFIG, IDS)  # type: ignore[arg-type]


def test_a_checkpoint_of_another_head_is_named_with_what_to_do(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / FILE_NAME, state(), CONFIG, IDS)
    other = state()
    config = other.learner.network.config
    other.learner.network.config = replace(config, head_id="another")
    with pytest.raises(WeightsError, match=rf"head {config.head_id}, wanted head another; start"):
        load_checkpoint(tmp_path / FILE_NAME, other, CONFIG, IDS)


def test_a_checkpoint_from_before_heads_had_ids_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    save_file({"learner/a": torch.zeros(1)}, path, {"format": "dasl-checkpoint-2"})
    with pytest.raises(WeightsError, match=r"start a new run, from its weights.*network\.weights"):
        load_checkpoint(path, state(), CONFIG, IDS)


@pytest.mark.parametrize("content", [b"", b"not tensors"])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(WeightsError, match="cannot read the checkpoint"):
        load_checkpoint(tmp_path / FILE_NAME, state(), CONFIG, IDS)


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_the_optimisers_moments_come_back(tmp_path: Path, kind: str) -> None:
    first, second = state(kind=kind), state(kind=kind)
    sum(p.square().sum() for p in first.learner.parameters()).backward()  # type: ignore[union-attr]
    first.optimiser.step()
    first.step = 1
    save_checkpoint(tmp_path / FILE_NAME, first, CONFIG, IDS)
    load_checkpoint(tmp_path / FILE_NAME, second, CONFIG, IDS)
    assert second.step == 1
    for one, other in zip(first.learner.parameters(), second.learner.parameters(), strict=True):
        moments = first.optimiser.state[one]
        assert moments and moments.keys() == second.optimiser.state[other].keys()
        for key, value in moments.items():
            assert torch.equal(value, second.optimiser.state[other][key])
