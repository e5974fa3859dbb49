"""`python -m eval export BENCHMARK --format FORMAT`: a board for a paper, a page or the hub."""

import argparse
import re
from pathlib import Path
from typing import Any

from eval.atomic_files import writing
from eval.benchmarks import PROTOCOLS
from eval.commands.table import (
    add_origin_option,
    add_records_option,
    board_names,
    chosen_results,
)
from eval.errors import RecordError
from eval.leaderboard.board import board_rows
from eval.leaderboard.export import TABLES

HUB_FORMATS = ("eval-results", "model-card")

EXAMPLES = """examples:
  python -m eval export aflw2000-3d --format latex --output board.tex
  python -m eval export aflw2000-3d --format csv --origin measured --records my_records
  python -m eval export aflw2000-3d --format eval-results --method 3DDFA-V2 \\
      --dataset user/aflw2000-3d --output .eval_results/aflw2000-3d.yaml

csv holds every figure unrounded; markdown and latex are rounded, with sources as notes.
eval-results and model-card hold one measured method: the files that a model's page on the
Hugging Face hub reads.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "export",
        help="write a board as csv, markdown or latex, or one result for the Hugging Face hub",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = board_names()
    parser.add_argument("benchmark", choices=names, metavar="BENCHMARK", help=" or ".join(names))
    parser.add_argument("--format", required=True, choices=(*TABLES, *HUB_FORMATS))
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write (default: stdout)"
    )
    add_origin_option(parser)
    add_records_option(parser)
    parser.add_argument(
        "--method", metavar="NAME", help="for the hub's formats: the method's name or part of it"
    )
    parser.add_argument(
        "--dataset",
        metavar="USER/NAME",
        help="for the hub's formats: the benchmark's dataset there; eval-results needs it",
    )


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """The export as text, or the path that it was written to."""
    for_hub = options.format in HUB_FORMATS
    if not for_hub and (options.method or options.dataset):
        parser.error(f"--method and --dataset are for {' and '.join(HUB_FORMATS)}")
    if options.format == "eval-results" and not options.dataset:
        parser.error("--format eval-results needs --dataset USER/NAME")
    if options.dataset and not re.fullmatch(r"[\w.-]+/[\w.-]+", options.dataset):
        parser.error(f"--dataset must be USER/NAME, got {options.dataset!r}")
    text = _for_hub(parser, options) if for_hub else _table(parser, options)
    if options.output is None:
        return text
    with writing(options.output, RecordError) as temporary:
        temporary.write_bytes(text.encode())
    return f"wrote {options.output}\n"


def _table(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    records, quoted = chosen_results(parser, options)
    rows = board_rows(options.benchmark, records, quoted)
    if not rows:
        raise RecordError(f"no results of {options.benchmark}; add a record, or take --origin both")
    return TABLES[options.format](options.benchmark, rows)


def _for_hub(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    # Imported here: the hub's client takes half a second, and other commands do not need it.
    from eval.leaderboard.hub_metadata import choose_record, eval_results_yaml, model_card_yaml

    records, _ = chosen_results(parser, options)
    fitting = [record for record in records if record.protocol == options.benchmark]
    record = choose_record(fitting, options.method)
    if options.format == "eval-results":
        return eval_results_yaml(record, options.dataset)
    return model_card_yaml(record, PROTOCOLS[options.benchmark], options.dataset)
