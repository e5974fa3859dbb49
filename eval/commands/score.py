"""`python -m eval score BENCHMARK SUBMISSION`: one submission under one protocol."""

import argparse
from pathlib import Path
from typing import Any

from eval.benchmarks import BENCHMARKS
from eval.commands.data_option import add_data_option, refuse_no_data
from eval.leaderboard.files import save_record
from eval.report import result_text

EXAMPLES = """examples:
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d
  DASL_DATA_ROOT=/data python -m eval score aflw2000-3d-reannotated mine.npz --json mine.json

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
            help="also draw the faces with the largest errors (.png or .jpg), for your eyes only: "
            "the photos are not free",
        )
        benchmark.add_options(parser)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Score, save the record if asked, and report."""
    refuse_no_data(parser, options.root)
    result = BENCHMARKS[options.benchmark].score_file(options.submission, options)
    if options.json:
        save_record(options.json, result)
    if options.plot:
        # Imported here: matplotlib takes half a second that scoring alone does not need.
        from eval.pictures.plots import plot_result

        plot_result(options.plot, result)
    if options.worst:
        from eval.pictures.worst_faces import write_worst

        write_worst(options.worst, result, options.submission, options)
    return result_text(result)
