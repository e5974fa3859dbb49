"""`python -m dasl train`: reads the config, loads the faces, trains."""

import argparse
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import ConfigError
from dasl.training.config import TrainConfig, load_config
from dasl.training.run_log import make_output_folder
from eval.program.data_root import VARIABLE, data_root

if TYPE_CHECKING:
    from accelerate import Accelerator

    from dasl.datasets.face_set import FaceSet
    from dasl.training.training_sets import HeadSource


TRAINING_PACKAGES = ("accelerate",)


EXAMPLES = """examples:
  python -m dasl train configs/smoke.yaml                            a minute, on synthetic data
  python -m dasl train configs/lite0.yaml --root DATA --resume       continues from a checkpoint
  python -m dasl train configs/lite0.yaml --root DATA --set run.epochs=3 --set run.output=runs/short
  accelerate launch --num_processes 8 -m dasl train configs/resnet50.yaml --root DATA

All settings are explained in dasl/training/config.py.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `train`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_config_arguments(parser, "configs/lite0.yaml")
    parser.add_argument(
        "--resume", action="store_true", help="continue from the checkpoint in run.output, if any"
    )


def add_config_arguments(parser: argparse.ArgumentParser, example: str) -> None:
    """Declare the arguments of commands with a config: the file, overrides, the data.

    Args:
        parser: of the command.
        example: a config, for the help text.
    """
    parser.add_argument("config", type=Path, help=f"YAML file, for example {example}")
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


def run(args: argparse.Namespace) -> int:
    """Train; the last epoch's validation goes to stdout as JSON.

    Returns:
        0 when done.

    Raises:
        DaslError: the config, the data or the run failed, or a signal stopped the run after a
            checkpoint was written; the message says why.
    """
    # Torch and the head model take seconds to load; check the config first.
    config = load_config(args.config, args.overrides)
    root = _training_root(args.root, config)
    require_training_packages()
    make_output_folder(Path(config.run.output))

    from dasl.training.run import make_accelerator
    from dasl.training.trainer import train
    from dasl.training.training_sets import load_head

    accelerator = make_accelerator(config)
    head = load_head(config.data, root)
    sets = _load_sets(config, root, head, accelerator)
    _, measured = train(config, *sets, head.model, args.resume, accelerator)
    if accelerator.is_main_process:
        print(json.dumps(measured, indent=1))
    accelerator.wait_for_everyone()
    accelerator.end_training()
    return 0


def require_training_packages() -> None:
    """Check that the trainer's packages are installed.

    Raises:
        ConfigError: a package is missing; the message says how to install it.
    """
    missing = [name for name in TRAINING_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"training needs {', '.join(missing)}, which is not installed; "
            "pip install -e ./dasl-eval -e '.[train]'"
        )


def require_root(given: Path | None) -> Path:
    """Folder with the data, from the command line or the environment.

    Raises:
        ConfigError: neither is given.
    """
    root = data_root(given)
    if root is None:
        raise ConfigError(f"no data root; pass --root DIR or set {VARIABLE}")
    return root


def _training_root(given: Path | None, config: TrainConfig) -> Path:
    """As `require_root`, but configs with synthetic data only need no folder."""
    made = all(e.startswith("painted:") for e in (*config.data.train, config.data.validation))
    return data_root(given) or Path(".") if made else require_root(given)


def _load_sets(
    config: TrainConfig, root: Path, head: "HeadSource", accelerator: "Accelerator"
) -> tuple["FaceSet", "FaceSet"]:
    """Faces and labels; with many processes one fits the labels and the others read them."""
    from dasl.datasets.face_set import load_face_set
    from dasl.training.training_sets import load_training_sets

    if accelerator.num_processes == 1:
        return load_training_sets(config.data, root, head)
    folder = Path(config.run.output) / "faces"
    files = folder / "train.safetensors", folder / "validation.safetensors"
    if accelerator.is_main_process:
        for faces, file in zip(load_training_sets(config.data, root, head), files, strict=True):
            faces.save(file)
    accelerator.wait_for_everyone()
    return load_face_set(files[0]), load_face_set(files[1])
