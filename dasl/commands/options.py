"""Options shared by several commands and tools."""

import argparse


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Declare `--model`, the weights; None, its default, means the embedded ones."""
    parser.add_argument(
        "--model",
        help="weights: open (embedded, for any use), a folder or a hub id; default: the embedded "
        "ones for research",
    )
