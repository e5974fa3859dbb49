"""`python -m eval compare BENCHMARK A B`: which of two methods is better, with significance."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import add_options
from eval.benchmarks.scorer import score
from eval.commands.data_option import add_data_option, choices_of, refuse_no_data
from eval.errors import ComparisonError
from eval.leaderboard.files import load_record
from eval.leaderboard.report import comparison_text
from eval.results.record import ProtocolResult
from eval.scoring.comparison import compare

RECORD_SUFFIX = ".json"
EXAMPLES = """examples:
  python -m eval compare aflw2000-3d mine.npz theirs.npz --root /data/aflw2000_3d
  python -m eval compare aflw2000-3d mine.json theirs.json

A .json is a record from eval score --json, with its .per_image.csv beside it. It keeps its scoring
options, and comparing two records needs no data. Any other file is a submission and is scored
first. Only images that both methods scored are compared.
"""


def add(commands: Any) -> None:
    """Declare the command, with a parser of its own for each benchmark."""
    raw = argparse.RawDescriptionHelpFormatter
    comparing = commands.add_parser(
        "compare", help="compare two methods image by image", epilog=EXAMPLES, formatter_class=raw
    )
    benchmarks = comparing.add_subparsers(dest="benchmark", required=True, metavar="BENCHMARK")
    for name, benchmark in BENCHMARKS.items():
        parser = benchmarks.add_parser(name, help=benchmark.protocol.listed_title)
        for place, which in (("first", "A"), ("second", "B")):
            parser.add_argument(
                place, type=Path, metavar=which, help="a submission, or a record (.json)"
            )
        add_data_option(parser)
        add_options(parser, benchmark.choices)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Score the submissions, compare, and report."""
    paths = (options.first, options.second)
    if any(path.suffix != RECORD_SUFFIX for path in paths):
        refuse_no_data(parser, options.root)
    choices = choices_of(parser, options)
    first, second = (_result(path, options, choices) for path in paths)
    return comparison_text(compare(first, second))


def _result(
    path: Path, options: argparse.Namespace, choices: Mapping[str, object]
) -> ProtocolResult:
    """The record at a path, or the score of the submission there."""
    if path.suffix != RECORD_SUFFIX:
        return score(options.benchmark, path, root=options.root, **choices)
    result = load_record(path)
    if result.protocol != options.benchmark:
        raise ComparisonError(
            f"{path} must be a record of {options.benchmark}, got {result.protocol}; "
            f"score its submission with eval score {options.benchmark}"
        )
    return result
