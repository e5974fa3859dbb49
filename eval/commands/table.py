"""`python -m eval table [BENCHMARK]`: the leaderboard in the terminal."""

import argparse
import sys
from pathlib import Path
from typing import Any

from eval.benchmarks import PROTOCOLS
from eval.leaderboard.board import board_rows
from eval.leaderboard.quoted import QUOTED_BOARDS, QuotedResult, load_quoted
from eval.leaderboard.report import table_text
from eval.leaderboard.storage import open_store
from eval.results.record import ProtocolResult

RECORDS = Path(__file__).parents[1] / "records"


def add(commands: Any) -> None:
    """Declare the command."""
    names = board_names()
    table = commands.add_parser("table", help="print the leaderboard")
    table.add_argument(
        "benchmark",
        nargs="?",
        choices=names,
        metavar="BENCHMARK",
        help="only " + " or ".join(names),
    )
    add_origin_option(table)
    add_records_option(table)


def board_names() -> list[str]:
    """Names of all boards: those scored here, and those with quoted rows only."""
    return sorted({*PROTOCOLS, *QUOTED_BOARDS})


def add_origin_option(parser: argparse.ArgumentParser) -> None:
    """Declare the choice of rows."""
    parser.add_argument(
        "--origin",
        choices=("measured", "quoted", "both"),
        default="both",
        help="rows that this scorer measured, rows quoted from publications, or both (default)",
    )


def add_records_option(parser: argparse.ArgumentParser) -> None:
    """Declare the place of the records."""
    parser.add_argument(
        "--records",
        default=str(RECORDS),
        metavar="PLACE",
        help="a folder of records, or hf://datasets/USER/NAME (default: the package's own)",
    )


def chosen_results(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> tuple[list[ProtocolResult], list[QuotedResult]]:
    """Records and quoted results of every benchmark, selected by the two options.

    Unreadable records are left out and named on stderr.
    """
    place = options.records
    if not (place.startswith("hf:") or place == str(RECORDS) or Path(place).is_dir()):
        parser.error(f"--records: no folder {place}")
    records: list[ProtocolResult] = []
    if options.origin != "quoted":
        stored = open_store(place).load()
        records = list(stored.records)
        for reason in stored.unreadable.values():
            print(f"left out: {reason}", file=sys.stderr)
    quoted = [] if options.origin == "measured" else load_quoted()
    return records, quoted


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """The boards as text."""
    records, quoted = chosen_results(parser, options)
    names = [options.benchmark] if options.benchmark else board_names()
    return table_text({name: board_rows(name, records, quoted) for name in names})
