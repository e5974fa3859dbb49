"""`python -m space pending | approve | reject`: the owner's say over submissions."""

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
    """Declare where the records are."""
    parser.add_argument(
        "--board",
        default=place,
        metavar="PLACE",
        help=f"a folder or hf://datasets/USER/NAME (default: {BOARD_VARIABLE}, now %(default)s)",
    )


def add_names(parser: argparse.ArgumentParser) -> None:
    """Declare which records are meant."""
    parser.add_argument("name", nargs="+", metavar="NAME", help="as `pending` lists it")


def run_pending(options: argparse.Namespace) -> str:
    """What waits."""
    publisher = Publisher(options.board)
    lines = [f"{name}\n  {_described(result)}\n" for name, result in publisher.pending().items()]
    lines += [
        f"{printable(name)}\n  cannot be read ({printable(reason)}); reject it\n"
        for name, reason in publisher.unreadable().items()
    ]
    return "".join(lines) or "nothing waits\n"


def run_approve(options: argparse.Namespace) -> str:
    """Put waiting records on the board."""
    publisher = Publisher(options.board)
    return "".join(f"approved {_described(publisher.approve(name))}\n" for name in options.name)


def run_reject(options: argparse.Namespace) -> str:
    """Take waiting records away."""
    publisher = Publisher(options.board)
    return "".join(f"rejected {_described(publisher.reject(name))}\n" for name in options.name)


def _described(result: ProtocolResult | None) -> str:
    """One line; the words are a stranger's."""
    if result is None:
        return "a record that cannot be read"
    score, facts = result.headline, result.facts
    unit = "%" if score.unit == "fraction" else "degrees"
    return (
        f"{printable(facts.method)}: {shown(score.headline, score)} {unit} on {result.protocol}, "
        f"{result.scored:,} of {result.expected:,} images; link {printable(facts.link)}; "
        f"licence {printable(facts.licence)}; trained on {printable(facts.training_data)}"
    )
