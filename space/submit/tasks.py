"""What can be scored here: benchmarks whose files the owner has, and variants of their protocol."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eval.benchmarks import BOARDS
from eval.benchmarks.aflw2000.data import IMAGE_COUNT, find_folder, find_ids
from eval.benchmarks.aflw2000.variants import NOT_IN_2DASL
from eval.errors import BenchmarkError
from eval.results.record import ProtocolResult

REANNOTATION = "reannotated_pts68.npy"


@dataclass(frozen=True)
class Wanted:
    """The images of a task.

    Attributes:
        images: file stems that count.
        left_out: others of the benchmark, which may be answered.
        all_of_them: whether each must be named; otherwise the scorer knows which.
    """

    images: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    all_of_them: bool = True


@dataclass(frozen=True)
class Task:
    """One board under one variant of its protocol.

    Attributes:
        label: for people.
        board: name of the protocol.
        left_out: images that the variant does not count.
        changed: options of `eval score` that differ from their defaults.
        needs: beside the benchmark's photos and mats, in its folder.
        all_images: see `Wanted`.
    """

    label: str
    board: str
    left_out: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""
    all_images: bool = True

    def command(self) -> str:
        """The same in a shell."""
        options = "".join(f" --{name} {value}" for name, value in self.changed.items())
        return f"python -m eval score {self.board} SUBMISSION.npz --root DATA{options}"

    def wanted(self, root: Path) -> Wanted:
        """The images that a submission answers.

        Raises:
            BenchmarkError: the owner's data are not complete.
        """
        images = tuple(name for name in find_ids(root, IMAGE_COUNT) if name not in self.left_out)
        return Wanted(images, self.left_out, self.all_images)

    def score(self, submission: Path, root: Path) -> ProtocolResult:
        """What `eval score` gives.

        Raises:
            EvalError: as there.
        """
        board = BOARDS[self.board]
        parser = argparse.ArgumentParser()
        board.add_options(parser)
        options = parser.parse_args([])
        for name, value in {**self.changed, "root": root}.items():
            setattr(options, name, value)
        return board.score_file(submission, options)


TASKS = (
    Task("AFLW2000-3D, 68 points", "aflw2000-3d"),
    Task(
        "AFLW2000-3D, the 1,998 images that 2DASL answered",
        "aflw2000-3d",
        left_out=NOT_IN_2DASL,
        changed={"subset": "2dasl-1998"},
    ),
    Task("AFLW2000-3D, re-annotated points", "aflw2000-3d-reannotated", needs=REANNOTATION),
    Task("AFLW2000-3D, head pose", "aflw2000-3d-pose", needs="image00002.mat", all_images=False),
)
"""Boards that need vertices or scans are scored at home: such files are too large to upload."""


def tasks_here(root: Path | None) -> dict[str, Task]:
    """The tasks that can be scored with the owner's data, by label; none without data."""
    if root is None:
        return {}
    try:
        folder = find_folder(root)
    except BenchmarkError:
        return {}
    return {task.label: task for task in TASKS if (folder / task.needs).exists()}
