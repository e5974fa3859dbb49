"""`python -m dasl ablate`: trains the cells without a result, and prints the tables."""

import argparse
from pathlib import Path

from dasl.ablation.cells import SCHEDULES, cells_named
from dasl.commands.train import add_config_arguments, require_root, require_training_packages
from dasl.training.config import load_config

EXAMPLES = """examples:
  python -m dasl ablate configs/ablation.yaml --root DATA                  small runs for two cores
  python -m dasl ablate configs/ablation.yaml --root DATA --schedule full  all faces, on a GPU
  python -m dasl ablate configs/ablation.yaml --list                       the names of the cells
  python -m dasl ablate configs/ablation.yaml --root DATA --cell cyc+sc_mask_20_seed0
  python -m dasl ablate configs/ablation.yaml --root DATA --schedule long --cell cyc_even_20_seed0

A cell is one training run. An interrupted cell continues from its checkpoint; a cell that has a
result is not run again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `ablate`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_config_arguments(parser, "configs/ablation.yaml")
    parser.add_argument(
        "--schedule", choices=tuple(SCHEDULES), default="cpu", help="size of runs (default: cpu)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("runs/ablation"), help="default: runs/ablation"
    )
    parser.add_argument(
        "--cell",
        dest="cells",
        metavar="NAME",
        action="append",
        default=[],
        help="run this cell only; may be repeated",
    )
    parser.add_argument("--list", action="store_true", help="print the cells' names and stop")
    parser.add_argument("--report", action="store_true", help="print the tables, train nothing")


def run(args: argparse.Namespace) -> int:
    """Run cells, then write table.md and budget.png and print the table.

    Raises:
        DaslError: the config, the data or a run failed; the message says why.
    """
    config = load_config(args.config, args.overrides)
    schedule = SCHEDULES[args.schedule]
    cells = cells_named(args.cells, schedule.seeds)
    if args.list:
        print("\n".join(cell.name for cell in cells))
        return 0
    require_training_packages()
    from dasl.ablation.runner import run_cells, write_report

    folder = args.output / args.schedule
    if not args.report:
        run_cells(config, cells, schedule, require_root(args.root), folder)
    print(write_report(config, schedule, folder), end="")
    return 0
