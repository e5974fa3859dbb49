"""Makes the map from head 1's coefficients to the embedded head's, and prints its residual.

    git show fbbedf1:dasl/assets/head.safetensors > head_1.safetensors
    python -m tools.map_heads head_1.safetensors

Writes dasl/assets/from_head_1.safetensors. Run it again whenever the embedded head changes.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from dasl.atomic_files import write_files
from dasl.errors import ConfigError, DaslError
from dasl.head.head_map import MAP_FILE
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1
from tools.head_model.mapping import fit_head_map


def main(arguments: list[str] | None = None) -> int:
    """Fit and save; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.map_heads",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("head_1", type=Path, metavar="HEAD_1_FILE", help="the file of head 1")
    parser.add_argument("--head", type=Path, help="the new head; default: the embedded one")
    parser.add_argument("--output", type=Path, default=MAP_FILE)
    options = parser.parse_args(arguments)
    try:
        old = MorphableModel.load(options.head_1, np.float64)
        new = MorphableModel.load(options.head, np.float64)
        if old.head_id != HEAD_1:
            raise ConfigError(f"{options.head_1} is head {old.head_id}, wanted head 1, {HEAD_1}")
        if new.head_id == HEAD_1:
            raise ConfigError("the embedded head is head 1 itself, which needs no map")
        head_map = fit_head_map(old, new)
        write_files({options.output: head_map.to_bytes()})
    except (DaslError, OSError) as error:
        print(f"map_heads: {error}", file=sys.stderr)
        return 1
    print(
        f"{options.output}: head {head_map.source} to {head_map.target}, {head_map.size:.4f} times "
        f"as large, residual on the face {head_map.residual_mean_mm:.2f} mm in the mean, "
        f"{head_map.residual_worst_mm:.2f} mm at worst"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
