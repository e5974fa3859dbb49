"""Options shared by several commands: the benchmark's folder, and its choices."""

import argparse
from pathlib import Path
from typing import Any

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import chosen, given_options
from eval.errors import ChoiceError
from eval.program.data_root import VARIABLE, data_root


def add_data_option(
    parser: argparse.ArgumentParser,
    what: str = "the benchmark's folder or its parent",
    *,
    flag: str = "--root",
) -> None:
    """Declare the option; None, its default, takes DASL_DATA_ROOT."""
    parser.add_argument(flag, type=Path, metavar="DIR", help=f"{what} (default: {VARIABLE})")


def refuse_no_data(
    parser: argparse.ArgumentParser, given: Path | None, *, flag: str = "--root"
) -> None:
    """End with a usage error if neither the option nor the environment names a folder."""
    if data_root(given) is None:
        parser.error(f"no data: pass {flag} DIR, or set {VARIABLE}")


def choices_of(parser: argparse.ArgumentParser, options: argparse.Namespace) -> dict[str, Any]:
    """The choices on a benchmark's command line by name; conflicting choices are a usage error.

    Args:
        parser: of the command.
        options: with `benchmark`, and what ``add_options`` declared for it.
    """
    kind = BENCHMARKS[options.benchmark].choices
    given = given_options(kind, options)
    try:
        chosen(kind, given)
    except ChoiceError as error:
        parser.error(str(error))
    return given
