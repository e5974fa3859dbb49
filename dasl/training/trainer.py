"""The trainer: a plain loop over augmented batches, on one process or on many.

All randomness is keyed: the order of an epoch by (seed, epoch), a face's augmentation by (seed,
epoch, id), dropout by (seed, step). A run resumed at any step therefore continues exactly as if it
had not stopped, and many processes see the same data as one. Every process holds all faces on its
device and takes its part of each batch; Accelerate adds up their gradients.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import torch
from accelerate import Accelerator
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet
from dasl.errors import DaslError
from dasl.head.landmark_file import landmark_bytes
from dasl.head.morphable_model import MorphableModel
from dasl.network.confidence import config_from_calibration
from dasl.training.checkpoint import RunState, save_checkpoint
from dasl.training.config import TrainConfig, config_to_dict
from dasl.training.run import Run, prepare_run
from dasl.training.run_log import RunLog, progress_bar
from dasl.training.sampling import epoch_order
from dasl.training.step import make_batch, train_step
from dasl.training.validate import Validation, calibrate_confidence, validate
from dasl.weights.folder import save_weights

WEIGHTS_FOLDER = "weights"

FIRST_STAGE_FOLDER = "weights_stage1"


class Stopped(DaslError):
    """The run was asked to stop (SIGTERM or Ctrl-C); checkpoint and weights are written."""


def train(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool = False,
    accelerator: Accelerator | None = None,
) -> tuple[RunState, Validation]:
    """Train to the end of the config's epochs and export the averaged weights.

    Writes below `config.run.output`: the checkpoint, a JSON line per epoch in log.jsonl, and at the
    end the weights folder (with two stages also that of the first). Shows progress on stderr.

    Args:
        config: settings of the run.
        train_set: all training faces, real and rendered together; shuffled here.
        validation_set: faces for validation after each epoch.
        model: head model that made the labels.
        resume: continue from the checkpoint in the output folder.
        accelerator: the processes, if the caller has created one.

    Returns:
        The final state, whose `average` is the network that was exported, and its validation.

    Raises:
        ConfigError: the sets or the output folder do not fit the config.
        CheckpointError: no space or no permission for a checkpoint.
        NonFiniteLoss: a step's loss is NaN or infinite; the checkpoint before it remains.
        Stopped: SIGTERM or Ctrl-C; checkpoint and weights are of the last step done.
    """
    if config.run.threads is not None:
        torch.set_num_threads(config.run.threads)
    run, state = prepare_run(config, train_set, validation_set, model, resume, accelerator)
    main = run.accelerator.is_main_process
    log = RunLog(run.folder, config.run.tracker, state.step) if main else None
    measured: Validation | None = None
    with (
        _stop_requested() as stop,
        progress_bar(state.step, run.total_steps, run.batch_size, disable=not main) as bar,
    ):
        while state.step < run.total_steps:
            line = _train_epoch(run, state, bar, stop)
            measured = line["validation"]
            if log is not None:
                log.write(line)
            _save(run, state)
            if state.step < run.total_steps and _any_stops(run, stop):
                _stop(run, state)
    if log is not None:
        log.close()
    return state, _export(run, state, WEIGHTS_FOLDER, measured)


def _train_epoch(
    run: Run, state: RunState, bar: "tqdm[None]", stop: threading.Event
) -> dict[str, Any]:
    """Steps to the end of the current epoch, then validation; returns the line to log."""
    settings, accelerator = run.config.run, run.accelerator
    epoch, position = divmod(state.step, run.steps_per_epoch)
    share = run.config.data.annotated_share
    order = epoch_order(
        run.annotated, run.batch_size, run.steps_per_epoch, share, settings.seed, epoch, run.people
    )
    sums: dict[str, Tensor] = {}
    begun, saved = time.monotonic(), time.monotonic()
    for number in range(position, run.steps_per_epoch):
        rows, rounds = order.share(number, accelerator.process_index, accelerator.num_processes)
        batch = make_batch(run, state, rows, rounds, epoch)
        for name, value in train_step(run, state, batch).items():
            sums[name] = sums.get(name, torch.zeros_like(value)) + value
        bar.update(run.batch_size)
        if number + 1 == run.steps_per_epoch:
            break  # saved after validation: a resumed run must not skip that
        if _any_stops(run, stop):
            _stop(run, state)
        if time.monotonic() - saved > 60 * settings.checkpoint_minutes:
            _save(run, state)
            saved = time.monotonic()
    steps = run.steps_per_epoch - position
    means = {name: accelerator.reduce(value / steps, "mean") for name, value in sums.items()}
    loss = {name: round(value.item(), 6) for name, value in means.items()}
    speed = steps * run.batch_size / (time.monotonic() - begun)
    measured = _measure(run, state)
    if state.step == run.first_stage_steps < run.total_steps:
        _export(run, state, FIRST_STAGE_FOLDER, measured)
    if measured:
        bar.set_postfix_str(f"epoch {epoch + 1}, validation {_percent(measured['second'])}")
    return {
        "epoch": epoch + 1,
        "step": state.step,
        "learning_rate": run.learning_rate(state.step - 1),
        "loss": loss,
        "validation": measured,
        "images_per_second": round(speed, 1),
        "processes": accelerator.num_processes,
    }


def _measure(run: Run, state: RunState) -> Validation:
    """Validate the average on the main process; the others wait at the next step."""
    if not run.accelerator.is_main_process:
        return {}
    return validate(state.average, run.validation, run.model, run.bfloat16)


def _export(
    run: Run, state: RunState, folder: str, measured: Validation | None = None
) -> Validation:
    """Write the average as a weights folder, with a record of its training and validation.

    Args:
        run: the run.
        state: its state.
        folder: name below the run's folder.
        measured: the average's validation; None validates here.

    Returns:
        The validation in the folder's record.
    """
    if measured is None:
        measured = _measure(run, state)
    if run.accelerator.is_main_process:
        calibration = calibrate_confidence(state.average, run.validation, run.model, run.bfloat16)
        record = {
            "training": config_to_dict(run.config),
            "validation": measured,
            **config_from_calibration(calibration),
        }
        landmarks = landmark_bytes(run.model)
        save_weights(run.folder / folder, state.average, record, landmarks=landmarks)
    run.accelerator.wait_for_everyone()
    return measured


def _save(run: Run, state: RunState) -> None:
    if run.accelerator.is_main_process:
        save_checkpoint(run.checkpoint_path, state, run.config, run.faces.ids)


def _any_stops(run: Run, stop: threading.Event) -> bool:
    """Whether any process was asked to stop; all processes must stop after the same step."""
    if run.accelerator.num_processes == 1:
        return stop.is_set()
    asked = torch.tensor(float(stop.is_set()), device=run.accelerator.device)
    return bool(run.accelerator.reduce(asked, "sum").item() > 0)


def _stop(run: Run, state: RunState) -> NoReturn:
    _save(run, state)
    _export(run, state, WEIGHTS_FOLDER)
    raise Stopped(
        f"stopped after step {state.step} of {run.total_steps}; its weights so far are in "
        f"{run.folder / WEIGHTS_FOLDER}; continue with --resume"
    )


def _percent(summary: dict[str, float | None]) -> str:
    mean = summary["mean"]
    return "without a value" if mean is None else f"{100 * mean:.2f} %"


@contextmanager
def _stop_requested() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; the old handlers are restored afterwards."""
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
