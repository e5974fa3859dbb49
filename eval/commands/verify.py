"""`python -m eval verify RECORD --submission FILE`: recomputes a record from its predictions."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import Choices, add_options, given_options
from eval.benchmarks.scorer import score
from eval.commands.data_option import add_data_option, refuse_no_data
from eval.errors import RecordError
from eval.leaderboard.differences import differences
from eval.leaderboard.files import load_record
from eval.results.record import ProtocolResult
from eval.results.truths import truth_name
from eval.results.units import SYMBOL, shown_text

# Fields that may differ between two runs of one submission.
OF_THE_RUN = ("truth_source", "warnings", "package_version", "created", "provenance")
MOST_SHOWN = 5
EXAMPLES = """examples:
  python -m eval verify theirs.json --submission theirs.npz --root /data/aflw2000_3d
  python -m eval verify theirs.json --submission theirs.npz --root /data --scored-with "--yaw a.npy"

Options that are words (subset, z rule, ...) are taken from the record; give seeds and files with
--scored-with. If any figure, id or option differs, it is named and the exit status is 1.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "verify",
        help="recompute a record from its predictions, and compare",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("record", type=Path, metavar="RECORD", help="a .json of eval score")
    parser.add_argument(
        "--submission", type=Path, required=True, metavar="FILE", help="its predictions, a .npz"
    )
    add_scoring_options(parser)


def add_scoring_options(parser: argparse.ArgumentParser) -> None:
    """Declare the data folder, and the scoring options that the record does not state."""
    add_data_option(parser)
    parser.add_argument(
        "--scored-with",
        default="",
        metavar="OPTIONS",
        help='options of eval score that the record does not state, as one text: "--yaw FILE"',
    )


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Score again and compare."""
    refuse_no_data(parser, options.root)
    record = load_record(options.record)
    refuse_other_figures(record, options.submission, options)
    main = record.headline
    return (
        f"verified {options.record}: {record.facts.method}, {main.label} "
        f"{shown_text(main.headline, main.unit)} {SYMBOL[main.unit]}, {record.scored:,} of "
        f"{record.expected:,} faces, truth {truth_name(record)}\n"
    )


def refuse_other_figures(
    record: ProtocolResult, submission: Path, options: argparse.Namespace
) -> None:
    """Score the submission with the record's options, and compare everything.

    Args:
        record: to be verified.
        submission: its predictions.
        options: with `root` and `scored_with`.

    Raises:
        EvalError: the submission cannot be scored, or (RecordError) the record differs; the
            message names the differences.
    """
    if record.protocol not in BENCHMARKS:
        raise RecordError(f"the record is of {record.protocol}, which this scorer does not know")
    kind = BENCHMARKS[record.protocol].choices
    choices = _choices(kind, record, options.scored_with)
    fresh = score(record.protocol, submission, root=options.root, **choices)
    same_truth = truth_name(record) == truth_name(fresh)
    if same_truth:  # the truth has several forms with different hashes
        fresh = replace(fresh, truth_sha256=record.truth_sha256)
    wrong = list(differences(record, fresh, skipped=OF_THE_RUN))
    if wrong:
        more = f"; and {len(wrong) - MOST_SHOWN:,} more" if len(wrong) > MOST_SHOWN else ""
        raise RecordError(
            f"the record is not what {submission} gives: {'; '.join(wrong[:MOST_SHOWN])}{more}; if "
            "it was scored with other options, pass them with --scored-with"
        )


def _choices(kind: type[Choices], record: ProtocolResult, text: str) -> dict[str, Any]:
    """The benchmark's choices: from the text, else the record, else the defaults."""
    parser = _Parser(prog=f"eval score {record.protocol}", add_help=False)
    add_options(parser, kind)
    parser.set_defaults(
        **{
            action.dest: stated
            for action in parser._actions
            if action.choices and (stated := _word(record, action.dest)) in action.choices
        }
    )
    return given_options(kind, parser.parse_args(_words(text)))


def _word(record: ProtocolResult, name: str) -> str:
    """An option's value in the record, up to the first comma."""
    return record.options.get(name, "").partition(",")[0]


def _words(text: str) -> Sequence[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise RecordError(f"--scored-with must be options of eval score, got {error}") from error


class _Parser(argparse.ArgumentParser):
    """A parser that raises RecordError instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        raise RecordError(
            f"the record does not state all its scoring options: {message}; pass them with "
            "--scored-with"
        )
