"""Writes the averaged network of a run in progress, or stopped, as a weights folder.

    python -m tools.history.export_checkpoint runs/lite0 --output runs/lite0/weights

A run that ends normally does this itself.
"""

import argparse
import json
from pathlib import Path

from safetensors import safe_open

from dasl.head.landmark_file import landmark_bytes
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.training.checkpoint import FILE_NAME
from dasl.training.config import config_from_dict
from dasl.training.training_sets import load_head
from dasl.weights.folder import save_weights

AVERAGE = "average/"


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
    config = config_from_dict(training)
    model = load_head(config.data, Path()).model
    network = CoefficientNetwork(NetworkConfig.of_head(model, backbone=config.network.backbone))
    network.load_state_dict(state)
    record = {"training": training, "step": int(header["step"])}
    save_weights(options.output, network.eval(), record, landmarks=landmark_bytes(model))
    print(f"{options.output}: step {header['step']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
