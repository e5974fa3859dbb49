"""What a benchmark's folder declares; commands, pictures and the page are made from it.

A benchmark is scored under one protocol and has one board: its rows in `eval.leaderboard`.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.benchmarks.protocol import Protocol
from eval.results.record import ProtocolResult
from eval.scoring.metrics import Float64s


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
        options: of the command line that differ from their defaults.
        all_images: whether each image that counts must be named; else the scorer knows which.
    """

    label: str
    find_folder: Callable[[Path], Path]
    find_ids: Callable[[Path], tuple[str, ...]]
    needs: str = ""
    left_out: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    all_images: bool = True


@dataclass(frozen=True)
class Benchmark:
    """A protocol with what runs it.

    Attributes:
        protocol: its choices; its name is the benchmark's.
        add_options: declares the options of the command line beyond the common ones.
        score_file: scores the submission at a path; the options are those of the command line,
            `root` None where DASL_DATA_ROOT is to be taken. Raises EvalError only.
        photo_faces: the faces of some ids with a submission's points, for pictures; options as
            above. None where there is no photo to draw on.
        uploads: what a page may offer; none where submissions hold vertices.
    """

    protocol: Protocol
    add_options: Callable[[argparse.ArgumentParser], None]
    score_file: Callable[[Path, argparse.Namespace], ProtocolResult]
    photo_faces: Callable[[Path, argparse.Namespace, Sequence[str]], list[PhotoFace]] | None = None
    uploads: tuple[Upload, ...] = ()
