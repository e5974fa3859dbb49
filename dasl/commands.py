"""The commands of `python -m dasl` and the one place where errors become messages."""

import argparse
import sys
from collections.abc import Sequence

from dasl.errors import DaslError
from dasl.training.command import add_train_arguments, run_train

EXAMPLES = """examples:
  python -m dasl train configs/lite0.yaml --root DATA     train, with checkpoints in runs/lite0
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 done, 1 the work failed (a message on stderr says why), 2 the command line is wrong.
    """
    parser = argparse.ArgumentParser(
        prog="python -m dasl",
        description="One photo of a face to a textured 3D head.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train a network from a config")
    add_train_arguments(train)
    train.set_defaults(run=run_train)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except DaslError as error:
        print(f"dasl: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dasl: interrupted", file=sys.stderr)
        return 1
