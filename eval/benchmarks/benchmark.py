"""How the command line reaches a protocol."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks.protocol import Protocol
from eval.results.record import ProtocolResult


@dataclass(frozen=True)
class Board:
    """A protocol with what `python -m eval score` needs to run it.

    Attributes:
        protocol: its choices.
        add_options: declares the options beyond SUBMISSION, --root, --json and --plot.
        score_file: scores the submission at a path; the options are those of the command line,
            `root` None where DASL_DATA_ROOT is to be taken. Raises EvalError only.
    """

    protocol: Protocol
    add_options: Callable[[argparse.ArgumentParser], None]
    score_file: Callable[[Path, argparse.Namespace], ProtocolResult]
