"""The option that names the benchmark's folder, which several commands have."""

import argparse
from pathlib import Path

from eval.data_root import VARIABLE, data_root


def add_data_option(
    parser: argparse.ArgumentParser,
    what: str = "the benchmark's folder or its parent",
    *,
    flag: str = "--root",
) -> None:
    """Declare it; None, its default, takes the folder that the environment names."""
    parser.add_argument(flag, type=Path, metavar="DIR", help=f"{what} (default: {VARIABLE})")


def refuse_no_data(
    parser: argparse.ArgumentParser, given: Path | None, *, flag: str = "--root"
) -> None:
    """End with a usage error where neither the option nor the environment names a folder."""
    if data_root(given) is None:
        parser.error(f"no data: pass {flag} DIR, or set {VARIABLE}")
