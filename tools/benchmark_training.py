"""Images per second of the trainer, with and without selecting, augmenting and drawing.

    python -m tools.benchmark_training configs/lite0.yaml
    python -m tools.benchmark_training configs/resnet50.yaml --faces 4096 --steps 50

Painted heads replace the config's own faces; their content does not affect the time. "steps" is
the whole work of an epoch; "batches" is selecting, augmenting and drawing alone; "learning" is
steps on one prepared batch.
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.painted import paint_face_set
from dasl.errors import DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.training.config import TrainConfig, load_config
from dasl.training.run import prepare_run
from dasl.training.step import make_batch, train_step

PAINTED = 64
"""Number of painted heads; they are repeated under other names."""

WARM_UP = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit status."""
    options = _options(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            overrides = [*options.overrides, f"run.output={folder}"]
            rates = measure(load_config(options.config, overrides), options.faces, options.steps)
    except DaslError as error:
        print(f"benchmark_training: {error}", file=sys.stderr)
        return 1
    for name, rate in rates.items():
        print(f"{name:10} {rate:10.1f} images a second")
    return 0


def measure(config: TrainConfig, faces: int, steps: int) -> dict[str, float]:
    """Images per second of whole steps, of making batches, and of learning alone."""
    model = MorphableModel.load()
    run, state = prepare_run(config, _many(model, faces), _many(model, 2), model, resume=False)
    rows = torch.arange(run.batch_size)
    rounds = torch.zeros_like(rows)
    ready = make_batch(run, state, rows, rounds, epoch=0)
    work: dict[str, Callable[[int], object]] = {
        "steps": lambda n: train_step(run, state, make_batch(run, state, rows, rounds, n)),
        "batches": lambda n: make_batch(run, state, rows, rounds, n),
        "learning": lambda _: train_step(run, state, ready),
    }
    device = run.faces.device
    return {
        name: run.batch_size * steps / _seconds(one, steps, device) for name, one in work.items()
    }


def _seconds(one: Callable[[int], object], steps: int, device: torch.device) -> float:
    for number in range(WARM_UP):
        one(number)
    _wait(device)
    begun = time.perf_counter()
    for number in range(steps):
        one(number)
    _wait(device)
    return time.perf_counter() - begun


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _many(model: MorphableModel, count: int) -> FaceSet:
    few = paint_face_set(model, min(count, PAINTED), seed=0)
    copies = concatenate([few] * -(-count // len(few))).select(torch.arange(count))
    return dataclasses.replace(copies, ids=tuple(f"painted-{n}" for n in range(count)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmark_training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", type=Path, help="YAML file, for example configs/lite0.yaml")
    parser.add_argument("--faces", type=int, default=512, help="in the set (default 512)")
    parser.add_argument("--steps", type=int, default=10, help="timed (default 10)")
    parser.add_argument("--set", dest="overrides", metavar="KEY=VALUE", action="append", default=[])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
