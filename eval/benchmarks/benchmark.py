"""What a benchmark's folder declares; commands, pictures and the page are made from it.

A benchmark is scored under one protocol and has one board: its rows in `eval.leaderboard`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic

from eval.benchmarks.choices import C, Choices
from eval.benchmarks.protocol import Protocol
from eval.results.record import ProtocolResult
from eval.scoring.metrics import Float64s
from eval.submissions.submission import Submission


@dataclass(frozen=True, eq=False)
class PhotoFace:
    """One face of a benchmark on its photo, for pictures.

    Attributes:
        name: image id.
        photo: the file.
        truth_image: (L, 2) photo pixels, 0-based, integer = pixel centre, y down.
        predicted_image: the same; NaN rows are not drawn.
    """

    name: str
    photo: Path
    truth_image: Float64s
    predicted_image: Float64s


@dataclass(frozen=True)
class Upload:
    """One way to score a submission that is small enough to be sent to a page.

    Attributes:
        label: for people.
        find_folder: the benchmark's folder below a data root; raises BenchmarkError.
        find_ids: its file stems below a data root; raises BenchmarkError.
        needs: a file of the folder without which there is nothing to score with.
        left_out: stems that do not count.
        choices: of the protocol.
        all_images: whether each image that counts must be named; else the scorer knows which.
    """

    label: str
    find_folder: Callable[[Path], Path]
    find_ids: Callable[[Path], tuple[str, ...]]
    needs: str = ""
    left_out: tuple[str, ...] = ()
    choices: Choices = field(default_factory=Choices)
    all_images: bool = True


@dataclass(frozen=True)
class Benchmark(Generic[C]):
    """A protocol with what runs it.

    Attributes:
        protocol: its name is the benchmark's.
        choices: the class of what may be chosen; the shell's options are made from it.
        score: scores a submission; the root is None where DASL_DATA_ROOT is to be taken. Raises
            EvalError only.
        photo_faces: the faces of some ids with a submission's points, for pictures; otherwise as
            `score`. None where there is no photo to draw on.
        uploads: what a page may offer; none where submissions hold vertices.
    """

    protocol: Protocol
    choices: type[C]
    score: Callable[[Submission, Path | None, C], ProtocolResult]
    photo_faces: Callable[[Submission, Path | None, C, Sequence[str]], list[PhotoFace]] | None = (
        None
    )
    uploads: tuple[Upload, ...] = ()
