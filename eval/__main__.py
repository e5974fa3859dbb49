"""The scorer's command line: ``python -m eval``."""

import argparse
import functools
import sys
from collections.abc import Sequence

from eval.errors import EvalError
from eval.program import Work, run_program

EXAMPLES = """examples:
  python -m eval protocols
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d --json mine.json
  python -m eval table
"""


@functools.cache
def build_parser() -> argparse.ArgumentParser:
    """The options of every command; built once a process, as reading a line leaves no trace."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Score predictions on face benchmarks.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    from eval.commands import COMMANDS  # imported here, where Ctrl-C prints no traceback

    for command in COMMANDS.values():
        command.add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 when done, 1 when the work failed. A wrong command line exits with 2.
    """
    return run_program("error", lambda: _prepared(arguments), (EvalError,))


def _prepared(arguments: Sequence[str] | None) -> Work:
    from eval.commands import COMMANDS

    parser = build_parser()
    options = parser.parse_args(arguments)

    def work() -> int:
        sys.stdout.write(COMMANDS[options.command].run(parser, options))
        return 0

    return work


if __name__ == "__main__":
    sys.exit(main())
