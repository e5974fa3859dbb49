"""The scorer's command line: ``python -m eval``."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.errors import EvalError
from eval.metrics import Z_RULES
from eval.protocols import PROTOCOLS
from eval.protocols.aflw2000 import load_benchmark, score
from eval.report import protocol_text, result_text, table_text
from eval.results import load_records, save_result
from eval.submission import read_submission

RECORDS = Path(__file__).parent / "records"
EXAMPLES = """examples:
  python -m eval protocols
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d
  python -m eval score aflw2000-3d mine.npz --z-rule min --json mine.json
  python -m eval table
"""
SCORE_EXAMPLES = """examples:
  python -m eval score aflw2000-3d mine.npz --root /data/aflw2000_3d
  DASL_DATA_ROOT=/data python -m eval score aflw2000-3d-reannotated mine.npz --json mine.json

A submission is a .npz with ids (N,) str, landmarks (N, 68, 3) float in the pixels of pt3d_68
(1-based), and optionally meta (a JSON string). A failed face is a row of NaN.
"""


def build_parser() -> argparse.ArgumentParser:
    """The options of every command."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Score predictions on face benchmarks.",
        epilog=EXAMPLES,
        formatter_class=raw,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("protocols", help="print every protocol's choices")
    scoring = commands.add_parser(
        "score", help="score a submission", epilog=SCORE_EXAMPLES, formatter_class=raw
    )
    _add_score_options(scoring)
    table = commands.add_parser("table", help="print the leaderboard of measured records")
    names = sorted(PROTOCOLS)
    table.add_argument(
        "benchmark",
        nargs="?",
        choices=names,
        metavar="BENCHMARK",
        help="only " + " or ".join(names),
    )
    table.add_argument(
        "--records",
        type=Path,
        default=RECORDS,
        metavar="DIR",
        help="folder of records (default: the package's own)",
    )
    return parser


def _add_score_options(scoring: argparse.ArgumentParser) -> None:
    """The options of ``score``."""
    names = sorted(PROTOCOLS)
    scoring.add_argument("benchmark", choices=names, metavar="BENCHMARK", help=" or ".join(names))
    scoring.add_argument(
        "submission", type=Path, metavar="SUBMISSION", help="the .npz with the predictions"
    )
    scoring.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the benchmark's folder or its parent (default: DASL_DATA_ROOT)",
    )
    scoring.add_argument(
        "--z-rule", choices=Z_RULES, help="how 3D fixes the depth's free offset (default: mean)"
    )
    scoring.add_argument("--json", type=Path, metavar="FILE", help="also write the full record")


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Do what the command line asks.

    Returns:
        The text for stdout.

    Raises:
        EvalError: the work failed; the message is for the user.
    """
    if options.command == "protocols":
        return protocol_text(PROTOCOLS.values())
    if options.command == "table":
        if options.records != RECORDS and not options.records.is_dir():
            parser.error(f"--records: no folder {options.records}")
        records = load_records(options.records)
        wanted = options.benchmark
        return table_text([r for r in records if wanted in (None, r.protocol)])
    protocol = PROTOCOLS[options.benchmark]
    if options.z_rule and not protocol.z_rules:
        parser.error(f"--z-rule: {protocol.name} has no depth to score; leave the option out")
    if options.root is None and not os.environ.get("DASL_DATA_ROOT"):
        parser.error("no data: pass --root DIR, or set DASL_DATA_ROOT")
    submission = read_submission(options.submission)
    benchmark = load_benchmark(options.root, reannotated="3d" not in protocol.coordinates)
    result = score(protocol, benchmark, submission, z_rule=options.z_rule or "mean")
    if options.json:
        save_result(options.json, result)
    return result_text(result)


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
        sys.stdout.write(run(parser, options))
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
