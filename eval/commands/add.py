"""`python -m eval add RECORD... --to PLACE`: put records on a board."""

import argparse
from pathlib import Path
from typing import Any

from eval.leaderboard.storage import open_store
from eval.results.files import load_record

EXAMPLES = """examples:
  python -m eval add mine.json --to boards/records
  HF_TOKEN=... python -m eval add mine.json --to hf://datasets/user/board

A record comes from python -m eval score ... --json FILE. Scoring the same submission again
replaces its record; nobody else's is touched, even where several add at once.
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


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Read all records before adding any."""
    store = open_store(options.to)
    results = [load_record(path) for path in options.record]
    return "".join(f"added {store.add(result)}\n" for result in results)
