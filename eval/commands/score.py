"""`python -m eval score BENCHMARK SUBMISSION`: scores one submission under one protocol."""

import argparse
import math
import sys
from pathlib import Path
from typing import Any

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import add_options
from eval.benchmarks.scorer import score
from eval.commands.data_option import add_data_option, choices_of, refuse_no_data
from eval.errors import AboveLimit
from eval.leaderboard.files import save_record
from eval.leaderboard.report import result_text
from eval.results.record import ProtocolResult
from eval.results.units import SYMBOL, shown_text, shown_value
from eval.submissions.submission import read_submission

EXAMPLES = """examples:
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d
  DASL_DATA_ROOT=/data python -m eval score aflw2000-3d-reannotated mine.npz --json mine.json
  python -m eval score aflw2000-3d mine.npz --root /data --fail-above 3.5    # in a CI job

A submission is a .npz with ids (N,) str, landmarks (N, 68, 3) float in the pixels of pt3d_68
(1-based), and optionally meta (a JSON string). A failed face is a row of NaN.
python -m eval score BENCHMARK --help shows the options of one benchmark.
"""


def add(commands: Any) -> None:
    """Declare the command, with a parser of its own for each benchmark."""
    raw = argparse.RawDescriptionHelpFormatter
    scoring = commands.add_parser(
        "score", help="score a submission", epilog=EXAMPLES, formatter_class=raw
    )
    benchmarks = scoring.add_subparsers(dest="benchmark", required=True, metavar="BENCHMARK")
    for name, benchmark in BENCHMARKS.items():
        parser = benchmarks.add_parser(name, help=benchmark.protocol.listed_title)
        parser.add_argument(
            "submission", type=Path, metavar="SUBMISSION", help="the .npz with the predictions"
        )
        add_data_option(parser)
        parser.add_argument(
            "--json",
            type=Path,
            metavar="FILE",
            help="also write the record, with a CSV of per-image errors beside it",
        )
        parser.add_argument(
            "--plot",
            type=Path,
            metavar="FILE",
            help="also draw the CED curve, error by angle and regions (.png or .svg)",
        )
        parser.add_argument(
            "--worst",
            type=Path,
            metavar="FILE",
            help="also draw the faces with the largest errors (.png or .jpg), for your own use "
            "only: the photos must not be published",
        )
        parser.add_argument(
            "--fail-above",
            type=_limit,
            metavar="ERROR",
            help="exit with status 1 if the headline (in percent or degrees, as shown) is larger "
            "or a face failed; report and files are still written",
        )
        add_options(parser, benchmark.choices)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Score, save the record if asked, and report."""
    refuse_no_data(parser, options.root)
    choices = choices_of(parser, options)
    submission = read_submission(options.submission)
    result = score(options.benchmark, submission, root=options.root, **choices)
    if options.json:
        save_record(options.json, result)
    if options.plot:
        # Imported here: matplotlib takes half a second, and scoring alone does not need it.
        from eval.pictures.plots import plot_result

        plot_result(options.plot, result)
    if options.worst:
        from eval.pictures.worst_faces import write_worst

        write_worst(options.worst, result, submission, options.root, choices)
    report = result_text(result)
    if options.fail_above is not None and (words := above(result, options.fail_above)):
        sys.stdout.write(report)
        raise AboveLimit(words)
    return report


def above(result: ProtocolResult, limit: float) -> str:
    """Why a result is above a limit; "" if it is not.

    Args:
        result: of any benchmark; one with failed faces is always above, so failing does not pay.
        limit: of the headline, in the unit in which it is shown.

    Returns:
        A sentence for the user, or "".
    """
    if not result.is_complete:
        missing = result.expected - result.scored
        return f"{missing:,} of {result.expected:,} faces failed; --fail-above wants all scored"
    main = result.headline
    if shown_value(main.headline, main.unit) <= limit:
        return ""
    return (
        f"{main.label} is {shown_text(main.headline, main.unit)} {SYMBOL[main.unit]}, above "
        f"--fail-above {limit:g}"
    )


def _limit(text: str) -> float:
    """A finite number of at least 0."""
    value = float(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"wanted a number of at least 0, got {text}")
    return value
