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
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor, nn
from tqdm import tqdm

from dasl.confidence import CONFIG_KEY
from dasl.errors import DaslError
from dasl.morphable_model import MorphableModel
from dasl.network import network_input
from dasl.training.augment import augment
from dasl.training.checkpoint import RunState, save_checkpoint
from dasl.training.config import OptimiserConfig, TrainConfig, config_to_dict
from dasl.training.face_set import FaceSet
from dasl.training.map_draws import draw_own_maps, draw_training_maps
from dasl.training.run import Run, prepare_run
from dasl.training.validate import Validation, confidence_scale, validate
from dasl.weights import save_weights

LOG_NAME = "log.jsonl"

WEIGHTS_FOLDER = "weights"


class NonFiniteLoss(DaslError, RuntimeError):
    """The loss of a step is not a finite number; the message names the faces."""


class Stopped(DaslError):
    """The run was asked to stop (SIGTERM or Ctrl-C) and has written a checkpoint."""


def train(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool = False,
) -> tuple[RunState, Validation]:
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
        The final state, whose `average` is the network that was exported, and its validation.

    Raises:
        ConfigError: the sets or the output folder do not fit the config.
        NonFiniteLoss: a step's loss is NaN or infinite; the checkpoint before it remains.
        Stopped: SIGTERM or Ctrl-C; the checkpoint is of the last step done.
    """
    if config.run.threads is not None:
        torch.set_num_threads(config.run.threads)
    run, state = prepare_run(config, train_set, validation_set, model, resume)
    total = config.run.epochs * run.steps_per_epoch
    with _stop_requested() as stop, _progress(run, state.step, total) as bar:
        while state.step < total:
            _train_epoch(run, state, total, bar, stop)
    measured = validate(state.average, run.validation, run.model, config.run.bfloat16)
    scale = confidence_scale(state.average, run.validation, run.model, config.run.bfloat16)
    record = {
        "training": config_to_dict(config),
        "validation": measured,
        CONFIG_KEY: scale,
    }
    save_weights(Path(config.run.output) / WEIGHTS_FOLDER, state.average, record)
    return state, measured


def learning_rate(step: int, total: int, config: OptimiserConfig) -> float:
    """Linear warm-up to the peak, then a cosine to `final_fraction` of it at the last step."""
    warm_up = min(config.warm_up_steps, total // 4)
    if step < warm_up:
        return config.learning_rate * (step + 1) / warm_up
    share = (step - warm_up) / max(1, total - 1 - warm_up)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, share)))
    return config.learning_rate * (config.final_fraction + (1 - config.final_fraction) * cosine)


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
        if number + 1 == run.steps_per_epoch:
            break  # saved below, after validation: a resumed run must not skip that
        if stop.is_set():
            _stop(run, state, total)
        if time.monotonic() - saved > 60 * run.config.run.checkpoint_minutes:
            save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)
            saved = time.monotonic()
    steps = run.steps_per_epoch - position
    speed = steps * run.batch_size / (time.monotonic() - begun)
    measured = validate(state.average, run.validation, run.model, run.config.run.bfloat16)
    line = {
        "epoch": epoch + 1,
        "step": state.step,
        "learning_rate": rate,
        "loss": {name: round(value.item() / steps, 6) for name, value in sums.items()},
        "validation": measured,
        "images_per_second": round(speed, 1),
    }
    _log(run, line)
    save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)
    bar.set_postfix_str(f"epoch {epoch + 1}, validation {_percent(measured['second'])}")
    if stop.is_set() and state.step < total:
        _stop(run, state, total)


def _stop(run: Run, state: RunState, total: int) -> NoReturn:
    save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)
    raise Stopped(f"stopped after step {state.step} of {total}; go on with --resume")


def _percent(summary: dict[str, float | None]) -> str:
    mean = summary["mean"]
    return "without a value" if mean is None else f"{100 * mean:.2f} %"


def train_step(run: Run, state: RunState, rows: Tensor, rate: float) -> dict[str, Tensor]:
    """One optimiser step on the faces at `rows`; returns each term's mean over the batch."""
    config = run.config
    seed = step_seed(config.run.seed, state.step)
    torch.manual_seed(seed)  # dropout draws from the global generators
    generator = torch.Generator(run.faces.device).manual_seed(seed)
    batch = augment(run.faces.select(rows), config.augment, run.mirror, generator)
    maps = draw_training_maps(batch, config.landmark_map, generator)
    own_share = config.landmark_map.own_share
    maps = draw_own_maps(maps, state.average, batch.images, run.model, own_share, generator)
    inputs = network_input(batch.images, maps)
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
