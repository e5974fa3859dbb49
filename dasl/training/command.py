"""`python -m dasl train`: reads the config, loads the faces, trains."""

import argparse
import json
import os
import sys
from pathlib import Path

from dasl.errors import ConfigError
from dasl.training.config import load_config


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `train`."""
    parser.add_argument("config", type=Path, help="YAML file, for example configs/lite0.yaml")
    parser.add_argument(
        "--root", type=Path, help="folder with the data; default: the variable DASL_DATA_ROOT"
    )
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="change one setting, for example run.epochs=3; may be repeated",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint in run.output, if any"
    )


def run_train(args: argparse.Namespace) -> int:
    """Train; the last epoch's validation goes to stdout as JSON.

    Returns:
        0 when done, 1 when stopped by a signal with a checkpoint written.

    Raises:
        DaslError: the config, the data or the run failed; the message says why.
    """
    # Torch and the head model load in seconds: not before the config is known to be good.
    config = load_config(args.config, args.overrides)
    root = args.root or os.environ.get("DASL_DATA_ROOT")
    if root is None:
        raise ConfigError("no data root; pass --root DIR or set DASL_DATA_ROOT")

    from dasl.labels import load_training_sets
    from dasl.morphable_model import MorphableModel
    from dasl.training.trainer import Stopped, train

    model = MorphableModel.load()
    train_set, validation_set = load_training_sets(config.data, Path(root))
    try:
        _, measured = train(config, train_set, validation_set, model, args.resume)
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    print(json.dumps(measured, indent=1))
    return 0
