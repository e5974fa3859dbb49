"""The scorer's commands, one module each."""

import argparse
from typing import Any, Protocol

from eval.commands import (
    add,
    calibrate_lfpa,
    compare,
    convert,
    export,
    plot,
    protocols,
    render,
    score,
    table,
    verify,
)


class Command(Protocol):
    """The interface of a command's module."""

    def add(self, commands: Any, /) -> None:
        """Declare its parser among argparse's subparsers."""

    def run(self, parser: argparse.ArgumentParser, options: argparse.Namespace, /) -> str:
        """Do the work and return the text for stdout. Raises EvalError if that fails."""


COMMANDS: dict[str, Command] = {
    "protocols": protocols,
    "score": score,
    "verify": verify,
    "compare": compare,
    "table": table,
    "export": export,
    "add": add,
    "plot": plot,
    "convert": convert,
    "render": render,
    "calibrate-lfpa": calibrate_lfpa,
}
