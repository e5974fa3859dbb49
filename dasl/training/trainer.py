"""The trainer: a plain loop over augmented batches.

All chance is keyed by (seed, epoch) for the order and by (seed, step) for everything within a
step, so that a run resumed at any step goes on exactly as if it had not stopped.
"""

import hashlib
import json
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from dasl.coefficients import Whitening
from dasl.errors import ConfigError, DaslError
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork, NetworkConfig, load_imagenet_backbone, network_input
from dasl.training.augment import Mirror, augment
from dasl.training.checkpoint import (
    FILE_NAME,
    RunState,
    load_checkpoint,
    save_checkpoint,
    start_state,
)
from dasl.training.config import OptimiserConfig, TrainConfig
from dasl.training.face_set import FaceSet
from dasl.training.map_draws import draw_training_maps
from dasl.training.objective import Objective
from dasl.training.validate import validate
from dasl.training.whitening import training_whitening
from dasl.weights import load_weights, save_weights

LOG_NAME = "log.jsonl"

WEIGHTS_FOLDER = "weights"


class NonFiniteLoss(DaslError, RuntimeError):
    """The loss of a step is not a finite number; the message names the faces."""


class Stopped(DaslError):
    """The run was asked to stop (SIGTERM or Ctrl-C) and has written a checkpoint."""


@dataclass(frozen=True)
class Run:
    """What stays fixed during a run."""

    config: TrainConfig
    faces: FaceSet
    validation: FaceSet
    model: MorphableModel
    mirror: Mirror
    objective: Objective

    @property
    def batch_size(self) -> int:
        """Faces a step; a set smaller than a batch is one batch."""
        return min(self.config.run.batch_size, len(self.faces))

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches only: a small rest would disturb batch normalisation."""
        return len(self.faces) // self.batch_size

    @property
    def checkpoint_path(self) -> Path:
        """Where the checkpoint is written."""
        return Path(self.config.run.output) / FILE_NAME


def train(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool = False,
) -> RunState:
    """Train to the end of the config's epochs and export the averaged weights.

    Writes below `config.run.output`: the checkpoint, a JSON line per epoch in log.jsonl, and at
    the end the weights folder. Shows progress on stderr.

    Args:
        config: settings of the run.
        train_set: all training faces, real and rendered together; shuffled here.
        validation_set: faces for the measure after each epoch.
        model: head model that made the labels.
        resume: go on from the checkpoint in the output folder.

    Returns:
        The final state; `average` is the network that was exported.

    Raises:
        ConfigError: the sets or the output folder do not fit the config.
        NonFiniteLoss: a step's loss is NaN or infinite; the checkpoint before it remains.
        Stopped: SIGTERM or Ctrl-C; the checkpoint is of the last step done.
    """
    torch.set_num_threads(config.run.threads or torch.get_num_threads())
    run, state = _prepare(config, train_set, validation_set, model, resume)
    total = config.run.epochs * run.steps_per_epoch
    with _stop_requested() as stop, _progress(run, state.step, total) as bar:
        while state.step < total:
            _train_epoch(run, state, total, bar, stop)
    save_checkpoint(run.checkpoint_path, state, config, run.faces.ids)
    save_weights(state.average, Path(config.run.output) / WEIGHTS_FOLDER)
    return state


def learning_rate(step: int, total: int, config: OptimiserConfig) -> float:
    """Linear warm-up to the peak, then a cosine to `final_fraction` of it at the last step."""
    warm_up = min(config.warm_up_steps, total // 4)
    if step < warm_up:
        return config.learning_rate * (step + 1) / warm_up
    share = (step - warm_up) / max(1, total - 1 - warm_up)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, share)))
    return config.learning_rate * (config.final_fraction + (1 - config.final_fraction) * cosine)


def _prepare(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool,
) -> tuple[Run, RunState]:
    checkpoint = Path(config.run.output) / FILE_NAME
    if checkpoint.exists() and not resume:
        raise ConfigError(f"{checkpoint} exists; pass --resume to go on, or set run.output")
    for name, faces in (("training", train_set), ("validation", validation_set)):
        if len(faces) < 2:
            raise ConfigError(f"the {name} set has {len(faces)} faces; give at least 2")
    device = config.run.device
    torch.manual_seed(config.run.seed)
    model = model.to(device)
    faces = train_set.to(device)
    mirror = Mirror(model.identity_mirror_sign, model.mirror_expression).to(device)
    network = _make_network(config, faces, model, mirror)
    objective = Objective(
        model, Whitening(network.whitening_mean, network.whitening_std), config.loss
    )
    run = Run(config, faces, validation_set.to(device), model, mirror, objective)
    state = start_state(network, config)
    if resume and checkpoint.exists():
        load_checkpoint(checkpoint, state, config, faces.ids)
    return run, state


def _make_network(
    config: TrainConfig, faces: FaceSet, model: MorphableModel, mirror: Mirror
) -> CoefficientNetwork:
    settings = config.network
    if settings.weights is not None:
        network = load_weights(settings.weights)
    else:
        counts = (model.identity_count, model.expression_count)
        network = CoefficientNetwork(
            NetworkConfig(*counts, backbone=settings.backbone, dropout=settings.dropout)
        )
        if settings.imagenet:
            path = Path(settings.imagenet_file) if settings.imagenet_file else None
            load_imagenet_backbone(network, path)
        whitening = training_whitening(faces, config.augment, mirror, config.run.seed)
        network.set_whitening(whitening.mean, whitening.std)
    layout = torch.channels_last if config.run.channels_last else torch.contiguous_format
    return network.to(config.run.device, memory_format=layout)


def _train_epoch(
    run: Run, state: RunState, total: int, bar: "tqdm[None]", stop: threading.Event
) -> None:
    """Steps to the end of the epoch that `state.step` lies in, then validate, log and save."""
    epoch, position = divmod(state.step, run.steps_per_epoch)
    order = epoch_order(len(run.faces), run.config.run.seed, epoch)
    sums: dict[str, Tensor] = {}
    begun, saved = time.monotonic(), time.monotonic()
    for number in range(position, run.steps_per_epoch):
        rows = order[number * run.batch_size : (number + 1) * run.batch_size]
        rate = learning_rate(state.step, total, run.config.optimiser)
        for name, value in train_step(run, state, rows, rate).items():
            sums[name] = sums.get(name, torch.zeros_like(value)) + value
        bar.update(run.batch_size)
        late = time.monotonic() - saved > 60 * run.config.run.checkpoint_minutes
        if late or stop.is_set():
            save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)
            saved = time.monotonic()
        if stop.is_set():
            raise Stopped(f"stopped after step {state.step} of {total}; go on with --resume")
    steps = run.steps_per_epoch - position
    seconds = time.monotonic() - begun
    measured = validate(state.average, run.validation, run.model, run.config.run.bfloat16)
    line = {
        "epoch": epoch + 1,
        "step": state.step,
        "learning_rate": rate,
        "loss": {name: round(value.item() / steps, 6) for name, value in sums.items()},
        "validation": measured,
        "images_per_second": round(steps * run.batch_size / seconds, 1),
    }
    _log(run, line)
    bar.set_postfix_str(f"epoch {epoch + 1}, validation {100 * measured['second']['mean']:.2f} %")
    save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)


def train_step(run: Run, state: RunState, rows: Tensor, rate: float) -> dict[str, Tensor]:
    """One optimiser step on the faces at `rows`; returns each term's mean over the batch."""
    config = run.config
    seed = step_seed(config.run.seed, state.step)
    torch.manual_seed(seed)  # dropout draws from the global generators
    generator = torch.Generator(run.faces.device).manual_seed(seed)
    batch = augment(run.faces.select(rows), config.augment, run.mirror, generator)
    inputs = network_input(batch.images, draw_training_maps(batch, config.landmark_map, generator))
    if config.run.channels_last:
        inputs = inputs.contiguous(memory_format=torch.channels_last)

    _set_train_mode(state.network, config.network.frozen_batch_norm)
    with torch.autocast(inputs.device.type, torch.bfloat16, enabled=config.run.bfloat16):
        raw = state.network(inputs)
    terms = run.objective.terms(raw.float(), batch)
    total = run.objective.total(terms)
    if not bool(torch.isfinite(total).all()):
        _raise_non_finite(terms, total, batch.ids, state.step)

    state.optimiser.zero_grad(set_to_none=True)
    total.mean().backward()
    norm = nn.utils.clip_grad_norm_(state.network.parameters(), config.optimiser.clip_norm)
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    state.optimiser.step()
    state.step += 1
    state.update_average(config.optimiser.average_decay)
    means = {name: value.detach().mean() for name, value in terms.items()}
    return means | {"total": total.detach().mean(), "gradient_norm": norm.detach()}


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """(count,) int64: the order of the faces in one epoch."""
    generator = torch.Generator().manual_seed(_seed_of(f"order/{seed}/{epoch}"))
    return torch.randperm(count, generator=generator)


def step_seed(seed: int, step: int) -> int:
    """Seed of all that is drawn within a step."""
    return _seed_of(f"step/{seed}/{step}")


def _seed_of(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")


def _set_train_mode(network: nn.Module, frozen_batch_norm: bool) -> None:
    network.train()
    if frozen_batch_norm:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def _raise_non_finite(
    terms: dict[str, Tensor], total: Tensor, ids: tuple[str, ...], step: int
) -> None:
    bad = (~torch.isfinite(total)).nonzero()[:, 0].tolist()
    named = [name for name, value in terms.items() if not bool(torch.isfinite(value).all())]
    faces = ", ".join(ids[i] for i in bad[:8]) + (" ..." if len(bad) > 8 else "")
    raise NonFiniteLoss(
        f"the loss ({', '.join(named)}) of step {step} is not finite for {len(bad)} of {len(ids)} "
        f"faces: {faces}; check their labels, or lower optimiser.learning_rate"
    )


def _log(run: Run, line: dict[str, object]) -> None:
    path = Path(run.config.run.output) / LOG_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _progress(run: Run, step: int, total: int) -> "tqdm[None]":
    return tqdm(
        total=total * run.batch_size,
        initial=step * run.batch_size,
        unit=" images",
        file=sys.stderr,
        mininterval=0.5 if sys.stderr.isatty() else 30.0,
    )


@contextmanager
def _stop_requested() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; handlers are put back afterwards."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may handle signals
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
