"""The faces on which a submission is worst, drawn for the user who holds the benchmark's photos."""

import argparse
from pathlib import Path

from eval.benchmarks import BENCHMARKS
from eval.errors import PictureError
from eval.pictures.contact_sheet import refuse_place, worst_ids, write_contact_sheet
from eval.results.record import ProtocolResult


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
    photo_faces = BENCHMARKS[result.protocol].photo_faces
    if photo_faces is None:
        with_photos = sorted(name for name, each in BENCHMARKS.items() if each.photo_faces)
        raise PictureError(
            f"{result.protocol} has no photos to draw on, wanted one of {', '.join(with_photos)}; "
            "leave --worst away"
        )
    faces = photo_faces(submission, options, worst_ids(result.headline))
    write_contact_sheet(path, result, faces)
