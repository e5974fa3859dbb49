"""`python -m dasl push` and `python -m dasl export`: weights to the hub, the network to ONNX."""

import argparse
from pathlib import Path

from dasl.onnx_export import export_onnx
from dasl.weights import load_weights, push_to_hub, weights_folder


def add_push_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `push`."""
    parser.add_argument("repo_id", help="hub repository, user/name; made if it does not exist")
    parser.add_argument("--model", help="weights folder; default: the embedded ones")
    parser.add_argument("--private", action="store_true")


def run_push(args: argparse.Namespace) -> int:
    """Upload weights, config and model card; prints the commit's address."""
    print(push_to_hub(weights_folder(args.model), args.repo_id, private=args.private))
    return 0


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `export`."""
    parser.add_argument("--format", choices=["onnx"], default="onnx")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--model", help="weights: a folder or a hub id; default: the embedded ones")


def run_export(args: argparse.Namespace) -> int:
    """Write one complete ONNX file; prints how far it is from torch."""
    network, _ = load_weights(args.model)
    difference = export_onnx(network, args.output)
    print(f"{args.output}  largest difference from torch {difference:.1e}")
    return 0
