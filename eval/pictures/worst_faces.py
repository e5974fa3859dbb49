"""A sheet of the faces with a submission's largest errors, for users who have the photos."""

from collections.abc import Mapping
from pathlib import Path

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import chosen
from eval.errors import PictureError
from eval.pictures.contact_sheet import refuse_place, worst_ids, write_contact_sheet
from eval.results.record import ProtocolResult
from eval.submissions.submission import Submission


def write_worst(
    path: Path,
    result: ProtocolResult,
    submission: Submission,
    root: Path | None,
    choices: Mapping[str, object],
) -> None:
    """Write a contact sheet of the largest errors of the headline's score.

    Args:
        path: .png or .jpg, outside the project's folder.
        result: the submission's result.
        submission: the submission that was scored.
        root: with the benchmark's files; None takes DASL_DATA_ROOT.
        choices: the choices of the scoring.

    Raises:
        PictureError: the benchmark has no photos to draw on, or the path is refused.
        EvalError: as in scoring.
    """
    refuse_place(path)
    benchmark = BENCHMARKS[result.protocol]
    if benchmark.photo_faces is None:
        with_photos = sorted(name for name, each in BENCHMARKS.items() if each.photo_faces)
        raise PictureError(
            f"{result.protocol} has no photos to draw on, wanted one of {', '.join(with_photos)}; "
            "leave --worst away"
        )
    settled = chosen(benchmark.choices, choices)
    faces = benchmark.photo_faces(submission, root, settled, worst_ids(result.headline))
    write_contact_sheet(path, result, faces)
