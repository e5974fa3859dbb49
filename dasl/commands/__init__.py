"""The commands of `python -m dasl`."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence

from dasl.errors import DaslError, notices_to
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
# Name, module and help; a module is imported only when its command runs, for a quick --help.
COMMANDS = {
    "reconstruct": ("dasl.commands.reconstruct", "photos to textured heads"),
    "video": ("dasl.commands.video", "a clip to animated heads, a film with landmarks, and tables"),
    "live": ("dasl.commands.live", "a camera's face to other programs: OSC, Live Link, JSON, CSV"),
    "predict": ("dasl.commands.predict", "landmarks of a benchmark's faces, as a submission"),
    "annotate": ("dasl.commands.annotate", "photos to a training set with landmarks"),
    "train": ("dasl.commands.train", "train a network from a config"),
    "ablate": (
        "dasl.commands.ablate",
        "ablation: train each variant of the method and compare",
    ),
    "push": ("dasl.commands.push", "upload weights and model card to the Hugging Face hub"),
    "export": ("dasl.commands.export_network", "write the network as ONNX, or for a browser"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 done, 1 the work failed (a message on stderr says why), 2 the command line is wrong.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_program("dasl", lambda: _prepared(words), (DaslError, EvalError))


def _prepared(words: list[str]) -> Work:
    """Imports the command that the words name, and reads its options."""
    parser = argparse.ArgumentParser(
        prog="python -m dasl",
        description="One photo of a face to a textured 3D head.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in words[:1]:
            implementation = importlib.import_module(module)
            implementation.add_arguments(command)
            command.set_defaults(run=implementation.run)
    options = parser.parse_args(words)

    def work() -> int:
        with notices_to(_told_once()):
            return int(options.run(options))

    return work


def _told_once() -> Callable[[str], None]:
    """Prints notices; a clip that is read twice does not repeat itself."""
    told: set[str] = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            print(f"dasl: warning: {text}", file=sys.stderr)

    return tell
