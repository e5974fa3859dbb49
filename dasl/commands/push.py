"""`python -m dasl push`: uploads weights and their model card to the hub."""

import argparse
from pathlib import Path

from dasl.commands.options import add_model_option
from dasl.head.landmark_file import head_of_weights
from dasl.weights.folder import load_stored, weights_folder
from dasl.weights.publication import publication, push_to_hub
from dasl.weights.revision import is_of
from eval.leaderboard.files import load_records
from eval.results.record import ProtocolResult

EXAMPLES = """examples:
  python -m dasl push user/repo --model runs/lite0/weights --dry-run   lists the files
  python -m dasl push user/repo --model runs/lite0/weights             needs `hf auth login`
  python -m dasl push user/repo --model runs/lite0/weights --records records

To make records, score the output of `python -m dasl predict ... --model runs/lite0/weights` with
`python -m eval score ... --json records/NAME.json`. Records of other weights are left out.
Load the weights with FaceReconstructor.from_pretrained("user/repo", revision="COMMIT").
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `push`."""
    parser.epilog, parser.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter
    parser.add_argument("repo_id", help="hub repository, user/name; created if it does not exist")
    add_model_option(parser)
    parser.add_argument("--private", action="store_true", help="create it as a private repository")
    parser.add_argument(
        "--records",
        type=Path,
        metavar="DIR",
        help="folder of the scorer's records; results go into the card and .eval_results/",
    )
    parser.add_argument(
        "--benchmarks",
        metavar="USER",
        help="owner of the benchmark data sets on the hub that results refer to; default: you",
    )
    parser.add_argument("--dry-run", action="store_true", help="list the files, upload nothing")


def run(args: argparse.Namespace) -> int:
    """Upload weights, config, model card and results; prints the commit's address."""
    folder = weights_folder(args.model)
    records = _records_of(args.records, args.model)
    if args.dry_run:
        for name, content in publication(folder, args.repo_id, records, args.benchmarks).items():
            print(f"{len(content):>12,}  {name}")
        return 0
    address = push_to_hub(
        folder,
        args.repo_id,
        private=args.private,
        records=records,
        benchmarks=args.benchmarks,
    )
    print(address)
    return 0


def _records_of(folder: Path | None, model: str | None) -> list[ProtocolResult]:
    """The records of these weights, matched by the hash that `predict` writes."""
    if folder is None:
        return []
    folder_of_weights = weights_folder(model)
    network = load_stored(folder_of_weights)[0]
    head_id = head_of_weights(folder_of_weights).head_id
    records = load_records(folder)
    return [r for r in records if is_of(r.facts.weights_revision, network, head_id)]
