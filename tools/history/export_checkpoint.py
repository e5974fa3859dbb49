"""Writes the averaged network of a run in progress, or stopped, as a weights folder.

    python -m tools.history.export_checkpoint runs/lite0 --output runs/lite0/weights

A run that ends normally does this itself.
"""

import argparse
import json
from pathlib import Path

from safetensors import safe_open

from dasl.geometry.coefficients import POSE_COUNT
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.training.checkpoint import FILE_NAME
from dasl.weights.folder import save_weights

AVERAGE = "average/"
EXPRESSION_COUNT = 51


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="output folder of the run")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    with safe_open(options.run / FILE_NAME, framework="pt") as file:
        header = file.metadata()
        names = [name for name in file.keys() if name.startswith(AVERAGE)]  # noqa: SIM118
        state = {name.removeprefix(AVERAGE): file.get_tensor(name) for name in names}
    training = json.loads(header["config"])
    outputs = len(state["whitening_mean"])
    network = CoefficientNetwork(
        NetworkConfig(
            identity_count=outputs - POSE_COUNT - EXPRESSION_COUNT,
            expression_count=EXPRESSION_COUNT,
            backbone=training["network"]["backbone"],
        )
    )
    network.load_state_dict(state)
    record = {"training": training, "step": int(header["step"])}
    save_weights(options.output, network.eval(), record)
    print(f"{options.output}: step {header['step']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
