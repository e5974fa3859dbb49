"""`python -m space`: deploy the demo to the hub, and review submissions to it."""

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    # Import this package even if the working folder has its own `space`, as the tests do.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    for name in [name for name in sys.modules if name.partition(".")[0] == "space"]:
        del sys.modules[name]

from eval.errors import EvalError
from eval.program import Work, run_program
from space.deploy.files import DeployError
from space.settings import Settings, SettingsError

ERRORS = (DeployError, EvalError, SettingsError)


def parser(place: str) -> argparse.ArgumentParser:
    """The command-line parser.

    Args:
        place: default place of the records.
    """
    from space.deploy import command as deploy
    from space.deploy import live
    from space.submit import review

    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog="python -m space", description="The demo itself is started with `python app.py`."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module, text in (
        ("deploy", deploy, "upload the demo as a Space of the Hugging Face hub"),
        ("live", live, "write the Live page as plain files, for any static host"),
    ):
        added = commands.add_parser(name, help=text, epilog=module.EXAMPLES, formatter_class=raw)
        module.add_arguments(added)
        added.set_defaults(run=module.run)
    for name, run, text in (
        ("pending", review.run_pending, "list the submissions that wait for approval"),
        ("approve", review.run_approve, "put waiting submissions on the board"),
        ("reject", review.run_reject, "take waiting submissions away"),
    ):
        added = commands.add_parser(name, help=text, epilog=review.EXAMPLES, formatter_class=raw)
        review.add_arguments(added, place)
        added.set_defaults(run=run)
        if name != "pending":
            review.add_names(added)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return run_program("python -m space", lambda: _prepared(arguments), ERRORS)


def _prepared(arguments: list[str] | None) -> Work:
    options = parser(Settings.from_environment().boards.place).parse_args(arguments)

    def work() -> int:
        sys.stdout.write(options.run(options))
        return 0

    return work


if __name__ == "__main__":
    raise SystemExit(main())
