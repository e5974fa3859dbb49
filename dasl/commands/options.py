"""Options that several commands and tools have in common."""

import argparse


def add_model_option(parser: argparse.ArgumentParser) -> None:
    """Declare `--model`: which weights; None, where it is not given, means the embedded ones."""
    parser.add_argument("--model", help="weights: a folder or a hub id; default: the embedded ones")
