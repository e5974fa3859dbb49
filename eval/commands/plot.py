"""`python -m eval plot KIND RECORD...`: curves and bars of records."""

import argparse
from pathlib import Path
from typing import Any

from eval.leaderboard.files import load_record

KINDS = {
    "ced": "share of faces within each error",
    "yaw": "mean error along the angle, or of each bin",
    "regions": "mean error of each region of the face",
}
EXAMPLES = """examples:
  python -m eval plot ced mine.json theirs.json --output ced.png
  python -m eval plot yaw mine.json --score 3d --output yaw.svg
  python -m eval plot regions mine.json theirs.json --output regions.csv

A RECORD comes from eval score --json, with its .per_image.csv beside it. All records must be of one
benchmark.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    kinds = "; ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    parser = commands.add_parser(
        "plot",
        help="draw records",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", choices=sorted(KINDS), metavar="KIND", help=kinds)
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD", help="a .json")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="a picture (.png, .svg) or the plot's data (.csv)",
    )
    parser.add_argument(
        "--score", metavar="NAME", help="score to plot, such as 2d or 3d (default: the headline's)"
    )


def run(_: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Draw, and report the path."""
    # Imported here because it takes half a second, and other commands do not need it.
    from eval.pictures.plots import plot_results

    records = [load_record(path) for path in options.records]
    plot_results(options.output, options.kind, records, options.score)
    return f"wrote {options.output}\n"
