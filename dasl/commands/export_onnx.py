"""`python -m dasl export`: the network as an ONNX file for other programs."""

import argparse
from pathlib import Path

from dasl.commands.options import add_model_option
from dasl.network.onnx_export import export_onnx
from dasl.weights.folder import load_graph, load_weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `export`."""
    parser.add_argument("--format", choices=["onnx"], default="onnx")
    parser.add_argument("--output", type=Path, required=True)
    add_model_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write one complete ONNX file; prints the largest difference from torch."""
    network, _ = load_weights(args.model)
    difference = export_onnx(network, args.output, load_graph(args.model))
    print(f"{args.output}  largest difference from torch {difference:.1e}")
    return 0
