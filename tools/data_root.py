"""The command line of tools that read the data sets."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path


def parser_with_root(description: str | None) -> argparse.ArgumentParser:
    """A parser with --root, the folder that holds `faces_2d/`; default DASL_DATA_ROOT."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--root", type=Path, help="folder that holds faces_2d/; default: DASL_DATA_ROOT"
    )
    return parser


def parse(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None
) -> argparse.Namespace:
    """The options, with `root` a path; exits with status 2 where none is named."""
    options = parser.parse_args(arguments)
    named = options.root or os.environ.get("DASL_DATA_ROOT")
    if not named:
        parser.error("no data root; pass --root DIR or set DASL_DATA_ROOT")
    options.root = Path(named)
    return options
