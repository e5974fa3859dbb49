"""The declaration of a benchmark; commands, pictures and the page are generated from it.

A benchmark is scored under one protocol and has one board (its rows in `eval.leaderboard`).
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
        photo: path of the photo.
        truth_image: (L, 2) photo pixels, 0-based, integer = pixel centre, y down.
        predicted_image: the same; NaN rows are not drawn.
    """

    name: str
    photo: Path
    truth_image: Float64s
    predicted_image: Float64s


@dataclass(frozen=True)
class Upload:
    """One way to score a submission that is small enough to upload to the page.

    Attributes:
        label: shown on the page.
        find_folder: the benchmark's folder below a data root; raises BenchmarkError.
        find_ids: its file stems below a data root; raises BenchmarkError.
        needs: a file of the folder that scoring needs.
        left_out: stems that do not count.
        choices: of the protocol.
        all_images: True if a submission must name each image that counts; False leaves the check
            to the scorer.
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
    """A protocol with the functions that run it.

    Attributes:
        protocol: its name is the benchmark's.
        choices: the class of the choices; the shell's options are generated from it.
        score: scores a submission; a root of None takes DASL_DATA_ROOT. Raises EvalError only.
        photo_faces: the faces of some ids with a submission's points, for pictures; otherwise as
            `score`. None if there are no photos to draw on.
        uploads: offered on the page; empty if submissions hold vertices.
    """

    protocol: Protocol
    choices: type[C]
    score: Callable[[Submission, Path | None, C], ProtocolResult]
    photo_faces: Callable[[Submission, Path | None, C, Sequence[str]], list[PhotoFace]] | None = (
        None
    )
    uploads: tuple[Upload, ...] = ()
