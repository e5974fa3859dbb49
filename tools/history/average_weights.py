"""The mean of two weights folders of one network, one fine-tuned from the other.

    python -m tools.history.average_weights runs/lite0 runs/in_depth/weights --output runs/mean

If a short fine-tuning stays in the same loss basin, the mean keeps most of its gain with less
noise. Source: Wortsman et al. 2022, "Model soups" (arXiv 2203.05482). Settings and records are
those of the second folder.
"""

import argparse
import sys
from pathlib import Path

import torch

from dasl.errors import ConfigError, DaslError
from dasl.weights.folder import load_weights, save_weights


@torch.no_grad()
def main(arguments: list[str] | None = None) -> int:
    """Average and save; returns the exit status."""
    options = _options(arguments)
    try:
        (first, _), (second, config) = (load_weights(str(path)) for path in options.weights)
        if first.config != second.config:
            raise ConfigError(f"the networks differ: {first.config} and {second.config}")
        others = first.state_dict()
        for name, tensor in second.state_dict().items():
            if tensor.is_floating_point():
                tensor.lerp_(others[name], 0.5)
        save_weights(options.output, second, config)
    except DaslError as error:
        print(f"average_weights: {error}", file=sys.stderr)
        return 1
    print(options.output)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.history.average_weights",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("weights", type=Path, nargs=2, help="weights folders")
    parser.add_argument("--output", type=Path, required=True, help="weights folder to write")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
