"""`python -m dasl export`: the network as files that other programs run."""

import argparse
from pathlib import Path

from dasl.commands.options import add_model_option

FORMATS = ("onnx", "web")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `export`."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="onnx",
        help="onnx: one complete file; web: the folder that the tracker in a browser reads",
    )
    parser.add_argument("--output", type=Path, required=True, help="file, or folder for web")
    parser.add_argument(
        "--precision",
        choices=("int8", "float16"),
        default="int8",
        help="of the tensors of --format web; default: %(default)s",
    )
    add_model_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write one complete ONNX file, or the browser's files; prints what was written."""
    if args.format == "web":
        from dasl.video.browser.files import browser_files_of

        for name, size in browser_files_of(args.model, args.output, args.precision).items():
            print(f"{args.output / name}  {size:,} bytes")
        return 0
    from dasl.network.onnx_export import export_onnx
    from dasl.weights.folder import load_graph, load_weights

    network, _ = load_weights(args.model)
    difference = export_onnx(network, args.output, load_graph(args.model))
    print(f"{args.output}  largest difference from torch {difference:.1e}")
    return 0
