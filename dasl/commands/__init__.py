"""The commands of `python -m dasl`."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dasl import __version__
from dasl.errors import ConfigError, DaslError, notices_to
from dasl.runtime.processes import one_blas_thread
from eval.errors import EvalError
from eval.program import Work, run_program

EXAMPLES = """examples:
  python -m dasl reconstruct photo.jpg --output heads                a GLB for each face
  python -m dasl reconstruct *.jpg --output heads --format json,obj
  python -m dasl video clip.mp4 --output heads                       MP4, animated GLB, CSV, JSON
  python -m dasl live --camera 0 --vmc                               a face to VSeeFace or Unity
  python -m dasl predict aflw2000-3d --root DATA --output ours.npz   then: python -m eval score
  python -m dasl annotate photos/ --output mine                      then: data.train=[mine]
  python -m dasl train configs/lite0.yaml --root DATA                checkpoints in runs/lite0
  python -m dasl ablate configs/ablation.yaml --root DATA            tables in runs/ablation
  python -m dasl push user/repo --model runs/lite0/weights           needs `hf auth login`
  python -m dasl export --format onnx --output lite0.onnx
"""
# Name, module and help; a module is imported only when its command runs, for a fast --help.
COMMANDS = {
    "reconstruct": ("dasl.commands.reconstruct", "make textured 3D heads from photos"),
    "convert-head": (
        "dasl.commands.convert_head",
        "convert a face to FLAME, BFM or GNM with your own files of these models",
    ),
    "video": (
        "dasl.commands.video",
        "make animated heads, an overlay video and tables from a clip",
    ),
    "live": ("dasl.commands.live", "a camera's face to other programs: OSC, Live Link, JSON, CSV"),
    "predict": ("dasl.commands.predict", "predict a benchmark's landmarks, as a submission"),
    "annotate": ("dasl.commands.annotate", "make a training set with landmarks from photos"),
    "train": ("dasl.commands.train", "train a network from a config"),
    "ablate": (
        "dasl.commands.ablate",
        "ablation: train variants of the method and compare them",
    ),
    "push": ("dasl.commands.push", "upload weights and model card to the Hugging Face hub"),
    "export": ("dasl.commands.export_network", "write the network as ONNX, or for a browser"),
}

EXTRAS = {
    "video": "video",
    "live": "live",
    "annotate": "train",
    "train": "train",
    "ablate": "train",
    "export": "train",
    "push": "torch",
}
"""What `pip install 'dasl[...]'` must have brought for a command."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when done, 1 if the work failed (a message on stderr says why), 2 if the command line is
        wrong.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_program("dasl", lambda: _prepared(words), (DaslError, EvalError))


def _prepared(words: list[str]) -> Work:
    """Import the command that the words name, and read its options."""
    one_blas_thread(os.environ)
    parser = argparse.ArgumentParser(
        prog="python -m dasl",
        description="Reconstruct textured 3D heads from photos and clips; train and evaluate.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dasl {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in words[:1]:
            with _extra_named(name):
                implementation = importlib.import_module(module)
            implementation.add_arguments(command)
            command.set_defaults(run=implementation.run)
    options = parser.parse_args(words)

    def work() -> int:
        with notices_to(_told_once()), _extra_named(options.command):
            return int(options.run(options))

    return work


@contextmanager
def _extra_named(command: str) -> Iterator[None]:
    """Name the extra that brings a missing package, wherever the command imports it.

    Raises:
        ConfigError: a package is missing that an extra brings.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if command not in EXTRAS:
            raise
        raise ConfigError(
            f"`{command}` needs the package {error.name}, which is not installed; "
            f"pip install 'dasl[{EXTRAS[command]}]'"
        ) from error


def _told_once() -> Callable[[str], None]:
    """A printer of warnings that skips repeated ones, such as of a clip that is read twice."""
    told: set[str] = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            print(f"dasl: warning: {text}", file=sys.stderr)

    return tell
