"""The scorer's command line: ``python -m eval``."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from eval.commands import COMMANDS
from eval.errors import EvalError

EXAMPLES = """examples:
  python -m eval protocols
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d --json mine.json
  python -m eval table
"""


def build_parser() -> argparse.ArgumentParser:
    """The options of every command."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Score predictions on face benchmarks.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS.values():
        command.add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 done, 1 the work failed; a wrong command line exits with 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(COMMANDS[options.command].run(parser, options))
        sys.stdout.flush()
    except EvalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) left; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
