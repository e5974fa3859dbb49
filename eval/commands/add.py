"""`python -m eval add RECORD... --to PLACE`: put records on a board."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.commands.data_option import refuse_no_data
from eval.commands.verify import add_scoring_options, refuse_other_figures
from eval.errors import RecordError
from eval.leaderboard.files import load_record
from eval.leaderboard.storage import open_store, record_name
from eval.results.record import ProtocolResult

EXAMPLES = """examples:
  python -m eval add mine.json --to boards/records
  python -m eval add mine.json --to boards/records --submission mine.npz --root DATA
  HF_TOKEN=... python -m eval add mine.json --to hf://datasets/user/board

A record comes from python -m eval score ... --json FILE. With --submission it is verified first and
marked "scored here"; without, it is marked "reported" and not ranked. A new record of the same
submission replaces the old one. Several people can add at once; other records stay unchanged.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "add",
        help="put records into a shared folder or a data set on the hub",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "record", type=Path, nargs="+", metavar="RECORD", help="a .json of eval score"
    )
    parser.add_argument(
        "--to", required=True, metavar="PLACE", help="a folder, or hf://datasets/USER/NAME"
    )
    parser.add_argument(
        "--submission",
        type=Path,
        metavar="FILE",
        help="the predictions of the one record, to verify it with",
    )
    add_scoring_options(parser)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Read and check all records before adding any."""
    store = open_store(options.to)
    results = [load_record(path) for path in options.record]
    if options.submission is not None:
        if len(results) > 1:
            parser.error("--submission verifies one record; add the others one by one")
        refuse_no_data(parser, options.root)
        refuse_other_figures(results[0], options.submission, options)
        results = [replace(results[0], provenance="scored")]
    else:
        results = [replace(result, provenance="reported") for result in results]
        _refuse_to_replace_scored(store.load().records, results)
    return "".join(f"added {store.add(result)}{_rank_words(options)}\n" for result in results)


def _refuse_to_replace_scored(
    kept: Sequence[ProtocolResult], reported: Sequence[ProtocolResult]
) -> None:
    """Refuse a reported record that would replace one that was scored here."""
    scored = {record_name(record) for record in kept if record.provenance == "scored"}
    for record in reported:
        if record_name(record) in scored:
            raise RecordError(
                f"{record.facts.method} is on this board, scored here; pass --submission and "
                "--root to replace its record"
            )


def _rank_words(options: argparse.Namespace) -> str:
    if options.submission is not None:
        return ", verified"
    return ", reported: unranked until it is added with --submission and --root"
