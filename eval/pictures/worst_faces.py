"""The faces on which a submission is worst, drawn for the user who holds the benchmark's photos."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, AFLW2000_3D_REANNOTATED, load_variant
from eval.errors import PictureError
from eval.pictures.contact_sheet import Face, refuse_place, worst_ids, write_contact_sheet
from eval.results.record import ProtocolResult
from eval.submissions.submission import read_submission

DrawFaces = Callable[[Path, argparse.Namespace, Sequence[str]], list[Face]]


def write_worst(
    path: Path, result: ProtocolResult, submission: Path, options: argparse.Namespace
) -> None:
    """Write a contact sheet of the largest errors of the headline's score.

    Args:
        path: .png or .jpg, outside the project's folder.
        result: what the submission scored.
        submission: its file.
        options: of the command line that scored it.

    Raises:
        PictureError: the benchmark has no photos to draw on, or the place is refused.
        EvalError: as the scoring does.
    """
    refuse_place(path)
    draw = DRAW_FACES.get(result.protocol)
    if draw is None:
        raise PictureError(
            f"{result.protocol} has no photos to draw on, wanted one of "
            f"{', '.join(sorted(DRAW_FACES))}; leave --worst away"
        )
    faces = draw(submission, options, worst_ids(result.headline))
    write_contact_sheet(path, result, faces)


def _aflw2000_faces(
    path: Path, options: argparse.Namespace, ids: Sequence[str], *, reannotated: bool
) -> list[Face]:
    """Some faces with the annotation's and the submission's points."""
    benchmark = load_variant(options, reannotated=reannotated)
    others = {*benchmark.ids, *benchmark.left_out}
    predicted = read_submission(path).in_order(ids, left_out=others)[..., :2]
    rows = [benchmark.ids.index(name) for name in ids]
    truth = benchmark.landmarks68[rows, :, :2]
    first_pixel = 1.0  # both are in the frame of pt3d_68, which counts from 1
    return [
        Face(name, benchmark.image_paths[row], ours - first_pixel, theirs - first_pixel)
        for name, row, ours, theirs in zip(ids, rows, truth, predicted, strict=True)
    ]


DRAW_FACES: dict[str, DrawFaces] = {
    AFLW2000_3D.name: partial(_aflw2000_faces, reannotated=False),
    AFLW2000_3D_REANNOTATED.name: partial(_aflw2000_faces, reannotated=True),
}
