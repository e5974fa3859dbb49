"""The option that says where failure rates and areas under the error curve end."""

import argparse

from eval.benchmarks.protocol import THRESHOLDS


def add_threshold_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--threshold``."""
    parser.add_argument(
        "--threshold",
        type=_percent,
        nargs="+",
        default=[100.0 * limit for limit in THRESHOLDS],
        metavar="PERCENT",
        help="of failure rate and area under the error curve, such as 5 7 8 10 (default: 5 10)",
    )


def thresholds_of(options: argparse.Namespace) -> tuple[float, ...]:
    """The chosen thresholds as fractions, rising."""
    return tuple(sorted({percent / 100.0 for percent in options.threshold}))


def _percent(text: str) -> float:
    """A number above 0 and at most 100."""
    value = float(text)
    if not 0.0 < value <= 100.0:
        raise argparse.ArgumentTypeError(f"wanted above 0 and at most 100, got {text}")
    return value
