"""The tasks that can be scored here: benchmarks with files present, and protocol variants."""

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
        images: file stems of the images to score.
        left_out: the benchmark's other images; predictions for them are allowed.
        all_of_them: whether a submission must name each image; else the scorer knows them.
    """

    images: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    all_of_them: bool = True


@dataclass(frozen=True)
class Task:
    """One board with one variant of its protocol.

    Attributes:
        board: name of the benchmark.
        upload: the variant, as declared by the benchmark.
    """

    board: str
    upload: Upload

    @property
    def label(self) -> str:
        """The readable label."""
        return self.upload.label

    def command(self) -> str:
        """The equivalent shell command."""
        words = ["python -m eval score", self.board, "SUBMISSION.npz --root DATA"]
        return " ".join([*words, *shell_words(self.upload.choices)])

    def wanted(self, root: Path) -> Wanted:
        """The images that a submission must cover.

        Raises:
            BenchmarkError: the owner's data are incomplete.
        """
        left_out = self.upload.left_out
        images = tuple(name for name in self.upload.find_ids(root) if name not in left_out)
        return Wanted(images, left_out, self.upload.all_images)

    def is_here(self, root: Path) -> bool:
        """Whether the files needed for scoring are present."""
        try:
            return (self.upload.find_folder(root) / self.upload.needs).exists()
        except BenchmarkError:
            return False

    def score(self, submission: Submission, root: Path) -> ProtocolResult:
        """The result of `eval score`.

        Raises:
            EvalError: as for `eval score`.
        """
        return score(self.board, submission, root=root, **vars(self.upload.choices))


TASKS = tuple(
    Task(name, upload) for name, benchmark in BENCHMARKS.items() for upload in benchmark.uploads
)
"""Boards that need vertices or scans are left out: such files are too large to upload."""


def tasks_here(root: Path | None) -> dict[str, Task]:
    """The tasks that can be scored with the owner's data, by label; empty without data."""
    if root is None:
        return {}
    return {task.label: task for task in TASKS if task.is_here(root)}
