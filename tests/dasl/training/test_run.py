"""What a run starts from, and its schedule."""

import copy
import dataclasses
from pathlib import Path

import pytest
import torch

from dasl.errors import ConfigError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.training.config import OptimiserConfig, config_from_dict
from dasl.training.run import (
    learning_rate,
    make_accelerator,
    prepare_run,
    scale_map_channel,
    wants_bfloat16,
)
from tests.dasl.tiny_model import invented_faces, tiny_model


def test_learning_rate_warms_up_peaks_and_ends_low() -> None:
    settings = OptimiserConfig(final_fraction=0.1)
    rates = [learning_rate(step, 101, 10, 1.0, settings) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.55) and rates[-1] == pytest.approx(0.1)


def test_an_exponential_decay_loses_the_same_share_every_step() -> None:
    settings = OptimiserConfig(decay="exponential", final_fraction=0.001)
    rates = [learning_rate(step, 7, 0, 2.0, settings) for step in range(7)]
    assert rates[0] == 2.0 and rates[-1] == pytest.approx(0.002)
    assert rates[3] / rates[2] == pytest.approx(rates[6] / rates[5])


@pytest.mark.parametrize(
    ("settings", "annotated", "message"),
    [
        ({"run": {"batch_size": 8}, "data": {"annotated_share": 0.5}}, 8, "give both kinds"),
        ({"run": {"batch_size": 8}, "data": {"annotated_share": 0.5}}, 0, "0 of 8 faces have 3D"),
        (
            {"data": {"annotated_share": 0.1}, "loss": {"self_critic": 1.0}},
            4,
            "critic sees 1 annotated of 8 faces a step; it needs at least 2",
        ),
    ],
)
def test_batches_that_cannot_be_made_are_refused(
    tmp_path: Path, settings: dict[str, dict[str, object]], annotated: int, message: str
) -> None:
    faces = dataclasses.replace(
        invented_faces(8), coefficient_weight=(torch.arange(8) < annotated).float()
    )
    settings["run"] = settings.get("run", {}) | {"output": str(tmp_path), "device": "cpu"}
    config = config_from_dict(settings)
    with pytest.raises(ConfigError, match=message):
        prepare_run(config, faces, faces, tiny_model(), resume=False)


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    faces, nobody = invented_faces(8), invented_faces(8).select(torch.zeros(0, dtype=torch.int64))
    config = config_from_dict({"run": {"output": str(tmp_path), "device": "cpu"}})
    with pytest.raises(ConfigError, match="the training set has 0 faces"):
        prepare_run(config, nobody, faces, tiny_model(), resume=False)


def test_one_process_of_several_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(ConfigError, match="add --multi_gpu"):
        make_accelerator(config_from_dict({"run": {"device": "cpu"}}))


def test_a_missing_gpu_and_a_foreign_precision_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="torch sees no GPU"):
        make_accelerator(config_from_dict({"run": {"device": "cuda"}}))
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.raises(ConfigError, match="mixed precision fp16"):
        wants_bfloat16(config_from_dict({}))
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    assert wants_bfloat16(config_from_dict({}))


def test_only_the_maps_channel_is_scaled(constant_network: CoefficientNetwork) -> None:
    network = copy.deepcopy(constant_network)
    torch.nn.init.ones_(network.backbone.stem[0].weight)
    scale_map_channel(network, 6.0)
    weight = network.backbone.stem[0].weight
    assert bool((weight[:, :3] == 1.0).all())
    assert bool((weight[:, 3] == 6.0).all())
