"""Options shared by several commands and tools."""

import argparse


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Declare `--model`, the weights; None, its default, means the embedded ones."""
    parser.add_argument(
        "--model",
        help="weights: open (embedded, for any use), a folder or a hub id; default: the embedded "
        "ones for research",
    )


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Declare `--model`, and `--precision` of the network on the CPU."""
    from dasl.network.onnx import PRECISIONS  # slow to import for commands without a network

    add_model_option(parser)
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the network; int8 is faster, on a CPU only; default: int8 on a CPU if the weights "
        "have it",
    )
