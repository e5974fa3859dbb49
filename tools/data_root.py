"""The command line of tools that read the data sets."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from dasl.weights.folder import EMBEDDED_FOLDER
from eval.program.data_root import VARIABLE, data_root


def parser_with_root(description: str | None) -> argparse.ArgumentParser:
    """A parser with --root, the data folder; default DASL_DATA_ROOT."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--root",
        type=Path,
        help=f"data folder, which holds faces_2d/ or scan_shapes/; default: {VARIABLE}",
    )
    return parser


def parser_with_weights(description: str | None) -> argparse.ArgumentParser:
    """`parser_with_root`, with the weights folder that a calibration is written into."""
    parser = parser_with_root(description)
    parser.add_argument("weights", nargs="?", type=Path, default=EMBEDDED_FOLDER, help="folder")
    return parser


def parse(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None
) -> argparse.Namespace:
    """The options, with `root` a path; exits with status 2 where none is named."""
    options = parser.parse_args(arguments)
    options.root = data_root(options.root)
    if options.root is None:
        parser.error(f"no data root; pass --root DIR or set {VARIABLE}")
    return options
