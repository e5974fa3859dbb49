"""Checkpoints: everything a run needs to go on, as tensors and JSON in one safetensors file."""

import copy
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from dasl.errors import ConfigError, WeightsError
from dasl.network import CoefficientNetwork
from dasl.training.config import TrainConfig, config_to_dict

FORMAT = "dasl-checkpoint-1"

FILE_NAME = "checkpoint.safetensors"

MAY_DIFFER = {
    "run": ("device", "threads", "checkpoint_minutes", "output", "bfloat16", "channels_last")
}
"""Settings that a resumed run may change: they are about the machine, not about the result."""


@dataclass
class RunState:
    """What changes during a run.

    Attributes:
        network: the weights being trained.
        average: moving average of the network, the one validated and exported.
        optimiser: AdamW over the network's parameters.
        step: optimiser steps done.
    """

    network: CoefficientNetwork
    average: CoefficientNetwork
    optimiser: torch.optim.AdamW
    step: int = 0

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the average towards the network; the decay ramps up from 2/11 (early steps)."""
        decay = min(decay, (1 + self.step) / (10 + self.step))
        current = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1.0 - decay)
            else:
                value.copy_(current[name])


def start_state(network: CoefficientNetwork, config: TrainConfig) -> RunState:
    """State at step 0; norms and biases have no weight decay."""
    settings = config.optimiser
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": others},
    ]
    optimiser = torch.optim.AdamW(
        groups,
        lr=settings.learning_rate,
        weight_decay=0.0,
        fused=True,
    )
    return RunState(network, copy.deepcopy(network).requires_grad_(False), optimiser)


def save_checkpoint(path: Path, state: RunState, config: TrainConfig, ids: tuple[str, ...]) -> None:
    """Write a checkpoint, whole or not at all: a kill at any moment leaves the one before.

    Args:
        path: file to replace.
        state: what to save.
        config: settings of the run, saved with it.
        ids: of the training faces in order; a resumed run must have the same.
    """
    tensors = {f"network/{name}": value for name, value in state.network.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in state.average.state_dict().items()}
    for name, parameter in state.network.named_parameters():
        for key, value in state.optimiser.state[parameter].items():
            tensors[f"optimiser/{name}/{key}"] = value
    header = {
        "format": FORMAT,
        "step": str(state.step),
        "config": json.dumps(config_to_dict(config)),
        "faces": _fingerprint(ids),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    try:
        save_file({k: v.contiguous().cpu() for k, v in tensors.items()}, temporary, header)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path, state: RunState, config: TrainConfig, ids: tuple[str, ...]) -> None:
    """Put a checkpoint into `state`, which was made from the same config.

    Raises:
        WeightsError: the file is missing, damaged or of another network.
        ConfigError: it belongs to a run with other settings or other faces.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the checkpoint {path}: {error}") from error
    if header.get("format") != FORMAT:
        raise WeightsError(f"{path} is not a checkpoint of this trainer ({FORMAT})")
    _check_same_run(path, header, config, ids)
    _load_module(path, state.network, tensors, "network/")
    _load_module(path, state.average, tensors, "average/")
    for name, parameter in state.network.named_parameters():
        prefix = f"optimiser/{name}/"
        state.optimiser.state[parameter] = {
            key.removeprefix(prefix): _like(value, parameter, key.removeprefix(prefix))
            for key, value in tensors.items()
            if key.startswith(prefix)
        }
    state.step = int(header["step"])


def _like(value: Tensor, parameter: Tensor, key: str) -> Tensor:
    if key == "step":
        return value.to(parameter.device)
    return torch.empty_like(parameter, requires_grad=False).copy_(value)


def _load_module(path: Path, module: nn.Module, tensors: dict[str, Tensor], prefix: str) -> None:
    state = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise WeightsError(f"{path} was made by another network: {error}") from error


def _fingerprint(ids: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _check_same_run(
    path: Path, header: dict[str, str], config: TrainConfig, ids: tuple[str, ...]
) -> None:
    saved: dict[str, dict[str, Any]] = json.loads(header["config"])
    wanted = config_to_dict(config)
    changed = [
        f"{section}.{key}: {values.get(key)!r} then, {wanted[section][key]!r} now"
        for section, values in saved.items()
        for key in wanted[section]
        if values.get(key) != wanted[section][key] and key not in MAY_DIFFER.get(section, ())
    ]
    if changed:
        raise ConfigError(
            f"{path} belongs to a run with other settings ({'; '.join(changed)}); "
            "resume with the same, or start anew with network.weights"
        )
    if header["faces"] != _fingerprint(ids):
        raise ConfigError(f"{path} was trained on other faces than those given now; start anew")
