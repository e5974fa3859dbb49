"""Output of a run: a progress bar, a JSON line for each epoch, and curves if requested."""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dasl.atomic_files import replacing
from dasl.errors import ConfigError, ExportError

LOG_NAME = "log.jsonl"


def make_output_folder(folder: Path) -> None:
    """Create the output folder, before minutes are spent on loading faces.

    Raises:
        ExportError: it cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ExportError(
            f"cannot write the output folder {folder}: {error.strerror}; set run.output"
        ) from error


class RunLog:
    """The JSON lines of a run and, if requested, a tracker's curves."""

    def __init__(self, folder: Path, tracker: str, resumed_step: int) -> None:
        """Open the log.

        Args:
            folder: output folder of the run.
            tracker: none, tensorboard or trackio.
            resumed_step: lines of later steps come from a run that was killed before its next
                checkpoint; they are dropped, since these steps are repeated.

        Raises:
            ConfigError: the tracker is not installed.
            ExportError: the folder cannot be written.
        """
        self._path = folder / LOG_NAME
        make_output_folder(folder)
        try:
            self._drop_after(resumed_step)
        except OSError as error:
            raise ExportError(f"cannot write the output folder {folder}: {error}") from error
        self._tracker = _make_tracker(tracker, folder)

    def write(self, line: dict[str, Any]) -> None:
        """Append the line of one epoch.

        Raises:
            ExportError: the log cannot be written: no space, no permission.
        """
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise ExportError(f"cannot write the log {self._path}: {error}; free space") from error
        if self._tracker is not None:
            self._tracker.log(_flat(line), step=line["step"])

    def close(self) -> None:
        """Close the tracker."""
        if self._tracker is not None:
            self._tracker.finish()

    def _drop_after(self, step: int) -> None:
        if not self._path.exists():
            return
        lines = [line for line in self._path.read_text(encoding="utf-8").splitlines() if line]
        kept = [line for line in lines if _step_of(line) <= step]
        with replacing(self._path) as temporary:
            temporary.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def progress_bar(steps_done: int, total_steps: int, batch_size: int, disable: bool) -> "tqdm[None]":
    """A bar with images done, rate and time left, on stderr; less frequent without a terminal."""
    return tqdm(
        total=total_steps * batch_size,
        initial=steps_done * batch_size,
        unit=" images",
        file=sys.stderr,
        mininterval=0.5 if sys.stderr.isatty() else 30.0,
        disable=disable,
    )


def _step_of(line: str) -> int:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return sys.maxsize  # an incomplete line, from a full disk


def _make_tracker(name: str, folder: Path) -> Any:
    if name == "none":
        return None
    from accelerate.tracking import TensorBoardTracker, TrackioTracker

    try:
        if name == "tensorboard":
            tracker = TensorBoardTracker("tensorboard", logging_dir=folder)
        else:
            tracker = TrackioTracker(folder.name or "dasl")
        tracker.start()
        return tracker
    except ImportError as error:
        raise ConfigError(
            f"run.tracker is {name}, which is not installed; pip install {name}, or set it to none"
        ) from error


def _flat(line: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Numbers of a nest of dictionaries under names with slashes."""
    flat: dict[str, float] = {}
    for key, value in line.items():
        if key == "step":  # the axis itself
            continue
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}/")
        elif isinstance(value, int | float):
            flat[prefix + key] = float(value)
    return flat
