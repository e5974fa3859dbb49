"""What can be scored here: benchmarks whose files the owner has, and variants of their protocol."""

from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.benchmark import Upload
from eval.benchmarks.choices import shell_words
from eval.benchmarks.scorer import score
from eval.errors import BenchmarkError
from eval.results.record import ProtocolResult
from eval.submissions.submission import Submission


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
        board: name of the benchmark.
        upload: the variant, as the benchmark declares it.
    """

    board: str
    upload: Upload

    @property
    def label(self) -> str:
        """For people."""
        return self.upload.label

    def command(self) -> str:
        """The same in a shell."""
        words = ["python -m eval score", self.board, "SUBMISSION.npz --root DATA"]
        return " ".join([*words, *shell_words(self.upload.choices)])

    def wanted(self, root: Path) -> Wanted:
        """The images that a submission answers.

        Raises:
            BenchmarkError: the owner's data are not complete.
        """
        left_out = self.upload.left_out
        images = tuple(name for name in self.upload.find_ids(root) if name not in left_out)
        return Wanted(images, left_out, self.upload.all_images)

    def is_here(self, root: Path) -> bool:
        """Whether the owner has the files to score with."""
        try:
            return (self.upload.find_folder(root) / self.upload.needs).exists()
        except BenchmarkError:
            return False

    def score(self, submission: Submission, root: Path) -> ProtocolResult:
        """What `eval score` gives.

        Raises:
            EvalError: as there.
        """
        return score(self.board, submission, root=root, **vars(self.upload.choices))


TASKS = tuple(
    Task(name, upload) for name, benchmark in BENCHMARKS.items() for upload in benchmark.uploads
)
"""Boards that need vertices or scans are scored at home: such files are too large to upload."""


def tasks_here(root: Path | None) -> dict[str, Task]:
    """The tasks that can be scored with the owner's data, by label; none without data."""
    if root is None:
        return {}
    return {task.label: task for task in TASKS if task.is_here(root)}
