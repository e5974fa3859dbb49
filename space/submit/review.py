"""`python -m space pending | approve | reject`: the owner's review of submissions."""

import argparse

from eval.leaderboard.report import shown
from eval.results.record import ProtocolResult
from eval.untrusted.text import printable
from space.settings import BOARD_VARIABLE
from space.submit.publish import Publisher

EXAMPLES = """examples:
  python -m space pending
  python -m space approve aflw2000-3d_mine_1f0c2a9b3d4e.json
  python -m space reject aflw2000-3d_mine_1f0c2a9b3d4e.json --board hf://datasets/user/board
"""


def add_arguments(parser: argparse.ArgumentParser, place: str) -> None:
    """Declare the argument for the place of the records."""
    parser.add_argument(
        "--board",
        default=place,
        metavar="PLACE",
        help=f"a folder or hf://datasets/USER/NAME (default: {BOARD_VARIABLE}, now %(default)s)",
    )


def add_names(parser: argparse.ArgumentParser) -> None:
    """Declare the argument for the records' names."""
    parser.add_argument("name", nargs="+", metavar="NAME", help="as `pending` lists it")


def run_pending(options: argparse.Namespace) -> str:
    """List pending records."""
    publisher = Publisher(options.board)
    lines = [f"{name}\n  {_described(result)}\n" for name, result in publisher.pending().items()]
    lines += [
        f"{printable(name)}\n  cannot be read ({printable(reason)}); reject it\n"
        for name, reason in publisher.unreadable().items()
    ]
    return "".join(lines) or "nothing waits\n"


def run_approve(options: argparse.Namespace) -> str:
    """Publish pending records."""
    publisher = Publisher(options.board)
    return "".join(f"approved {_described(publisher.approve(name))}\n" for name in options.name)


def run_reject(options: argparse.Namespace) -> str:
    """Remove pending records."""
    publisher = Publisher(options.board)
    return "".join(f"rejected {_described(publisher.reject(name))}\n" for name in options.name)


def _described(result: ProtocolResult | None) -> str:
    """One line for a record; its text comes from the submitter."""
    if result is None:
        return "a record that cannot be read"
    score, facts = result.headline, result.facts
    unit = "%" if score.unit == "fraction" else "degrees"
    return (
        f"{printable(facts.method)}: {shown(score.headline, score)} {unit} on {result.protocol}, "
        f"{result.scored:,} of {result.expected:,} images; link {printable(facts.link)}; "
        f"licence {printable(facts.licence)}; trained on {printable(facts.training_data)}"
    )
