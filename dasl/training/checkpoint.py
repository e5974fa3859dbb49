"""Checkpoints: the full state of a run, as tensors and JSON in one safetensors file."""

import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from dasl.atomic_files import replacing
from dasl.errors import ConfigError, DaslError, WeightsError
from dasl.head.versions import HEAD_ID_KEY
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.tensors import check_tensors
from dasl.training.config import OptimiserConfig, TrainConfig, config_to_dict
from dasl.training.critic import Adversary
from dasl.training.learner import Learner

FORMAT = "dasl-checkpoint-3"

FILE_NAME = "checkpoint.safetensors"

MAY_DIFFER = {
    "run": (
        "device",
        "threads",
        "checkpoint_minutes",
        "output",
        "bfloat16",
        "channels_last",
        "tracker",
    )
}
"""Settings that a resumed run may change, since they do not affect the result."""


class CheckpointError(DaslError, OSError):
    """A checkpoint cannot be written: no space, no permission."""


@dataclass
class RunState:
    """The mutable state of a run.

    Attributes:
        learner: the module being trained.
        average: moving average of its network, the one validated and exported.
        optimiser: over the learner's parameters.
        adversary: the critics, if the loss has one.
        step: optimiser steps done.
    """

    learner: Learner
    average: CoefficientNetwork
    optimiser: torch.optim.Optimizer
    adversary: Adversary | None = None
    step: int = 0

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the average towards the network; the decay ramps up from 2/11 (early steps)."""
        decay = min(decay, (1 + self.step) / (10 + self.step))
        current = self.learner.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1.0 - decay)
            else:
                value.copy_(current[name])

    def parts(self) -> dict[str, tuple[nn.Module, torch.optim.Optimizer | None]]:
        """All modules by name, each with its optimiser."""
        critics = self.adversary
        return {
            "learner": (self.learner, self.optimiser),
            "average": (self.average, None),
        } | ({n: (p, critics.optimisers[n]) for n, p in critics.parts.items()} if critics else {})


def start_state(learner: Learner, config: OptimiserConfig, adversary: Adversary | None) -> RunState:
    """State at step 0; norms and biases have no weight decay."""
    matrices = [p for p in learner.parameters() if p.ndim > 1]
    others = [p for p in learner.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    rate = config.learning_rate
    optimiser: torch.optim.Optimizer
    if config.kind == "sgd":
        nesterov = config.momentum > 0
        optimiser = torch.optim.SGD(groups, rate, config.momentum, nesterov=nesterov)
    else:
        optimiser = torch.optim.AdamW(groups, rate, fused=True)
    average = copy.deepcopy(learner.network).requires_grad_(False)
    return RunState(learner, average, optimiser, adversary)


def save_checkpoint(path: Path, state: RunState, config: TrainConfig, ids: tuple[str, ...]) -> None:
    """Write a checkpoint atomically; if the process is killed, the previous one remains.

    Args:
        path: file to replace.
        state: what to save.
        config: settings of the run, saved with it.
        ids: of the training faces in order; a resumed run must have the same.

    Raises:
        CheckpointError: it cannot be written, for example because the disk is full.
    """
    tensors: dict[str, Tensor] = {}
    for part, (module, optimiser) in state.parts().items():
        tensors |= {f"{part}/{name}": value for name, value in module.state_dict().items()}
        for name, parameter in module.named_parameters() if optimiser else ():
            moments = optimiser.state[parameter] if optimiser else {}
            for key, value in moments.items():
                if value is not None:
                    tensors[f"{part} optimiser/{name}/{key}"] = value
    header = {
        "format": FORMAT,
        HEAD_ID_KEY: state.learner.network.config.head_id,
        "step": str(state.step),
        "config": json.dumps(config_to_dict(config)),
        "faces": _fingerprint(ids),
    }
    stored = {k: v.detach().contiguous().cpu() for k, v in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            save_file(stored, temporary, header)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"cannot write the checkpoint {path}: {error}; the previous one, if any, is intact: "
            "free some space and continue with --resume"
        ) from error


def load_checkpoint(path: Path, state: RunState, config: TrainConfig, ids: tuple[str, ...]) -> None:
    """Put a checkpoint into `state`, which was made from the same config.

    Raises:
        WeightsError: the file is missing, damaged, of another network or of another head.
        ConfigError: it belongs to a run with other settings or other faces.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the checkpoint {path}: {error}") from error
    if header.get("format") != FORMAT:
        raise WeightsError(
            f"{path} is not a checkpoint of this trainer ({FORMAT}); start a new run, from its "
            "weights folder if it has one (network.weights)"
        )
    head_id = state.learner.network.config.head_id
    if header[HEAD_ID_KEY] != head_id:
        raise WeightsError(
            f"{path} belongs to head {header[HEAD_ID_KEY]}, wanted head {head_id}; start a new "
            "run, from its weights folder if it has one (network.weights)"
        )
    _check_same_run(path, header, config, ids)
    for part, (module, optimiser) in state.parts().items():
        _load_module(path, module, _under(tensors, f"{part}/"))
        if optimiser is not None:
            _load_moments(module, optimiser, _under(tensors, f"{part} optimiser/"))
    state.step = int(header["step"])


def _load_moments(
    module: nn.Module, optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]
) -> None:
    """Load the optimiser's state of each parameter, in the parameter's own memory layout."""
    fused = bool(optimiser.defaults.get("fused"))
    for name, parameter in module.named_parameters():
        moments = _under(tensors, f"{name}/")
        optimiser.state[parameter] = {
            key: torch.empty_like(parameter, requires_grad=False).copy_(value)
            if value.shape == parameter.shape
            # The step count is on the device only for a fused optimiser.
            else value.to(parameter.device if fused else "cpu")
            for key, value in moments.items()
        }


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _load_module(path: Path, module: nn.Module, tensors: dict[str, Tensor]) -> None:
    floating = {k: v for k, v in module.state_dict().items() if v.is_floating_point()}
    check_tensors(str(path), {k: v for k, v in tensors.items() if k in floating}, floating)
    module.load_state_dict(tensors, strict=True)


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
            "resume with the same, or start a new run with network.weights"
        )
    if header["faces"] != _fingerprint(ids):
        raise ConfigError(f"{path} was trained on other faces than the given ones; start a new run")
