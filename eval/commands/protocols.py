"""`python -m eval protocols`: every protocol's choices."""

import argparse
from typing import Any

from eval.benchmarks import PROTOCOLS
from eval.leaderboard.report import protocol_text


def add(commands: Any) -> None:
    """Declare the command; it has no options."""
    commands.add_parser("protocols", help="print every protocol's choices")


def run(_: argparse.ArgumentParser, __: argparse.Namespace) -> str:
    """All protocols as text."""
    return protocol_text(PROTOCOLS.values())
