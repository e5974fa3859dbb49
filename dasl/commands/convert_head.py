"""`python -m dasl convert-head`: a saved face as coefficients of FLAME, BFM or GNM."""

import argparse
import io
import json
from pathlib import Path

import numpy as np

from dasl.arrays import FloatArray
from dasl.errors import ConfigError, ExportError
from dasl.export.save import write_files
from dasl.head.conversion import convert_head
from dasl.head.morphable_model import MorphableModel
from dasl.head.other_models import OTHER_MODELS, read_other_model
from eval.errors import EvalError
from eval.untrusted.npz import NpzReader

EXAMPLES = """examples:
  python -m dasl reconstruct photo.jpg --output heads --format npz
  python -m dasl convert-head heads/photo.npz --to flame --model-files flame.npz --output a.npz
  python -m dasl convert-head heads/photo.npz --to bfm --model-files BFM_FOLDER --output b.npz
"""
LIMITS = {"identity": 1 << 20, "expression": 1 << 20, "head_id": 1 << 16}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `convert-head`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("face", type=Path, metavar="FACE.npz", help="written by dasl reconstruct")
    parser.add_argument("--to", choices=tuple(OTHER_MODELS), required=True, help="the other model")
    parser.add_argument(
        "--model-files",
        type=Path,
        required=True,
        metavar="PATH",
        help="your files of that model: an .npz of FLAME or GNM, a folder of BFM",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.npz")


def run(args: argparse.Namespace) -> int:
    """Convert one face and write its coefficients and vertices.

    Raises:
        ConfigError: a file is missing or of another layout.
        ExportError: the output cannot be written.
    """
    if args.output.suffix.lower() != ".npz":
        raise ExportError(f"cannot write '{args.output}': name a file that ends in .npz")
    model = MorphableModel.load()
    identity, expression = _read_face(args.face, model)
    other = read_other_model(args.to, args.model_files)
    found = convert_head(model, identity, expression, other)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        identity=found.identity.astype(np.float32),
        expression=found.expression.astype(np.float32),
        vertices=found.vertices,
        triangles=other.triangles.astype(np.int32),
        scale=np.float32(found.placed.scale),
        rotation=found.placed.rotation.astype(np.float32),
        shift_m=found.placed.shift.astype(np.float32),
        residual_mm=np.array(found.residual_mm, dtype=np.float32),
        about=np.array(json.dumps({"model": other.name, "coefficients": other.coefficient_unit})),
    )
    write_files({args.output: buffer.getvalue()})
    median, high = found.residual_mm
    print(f"{args.output}  distance of the faces: median {median:.2f} mm, 95 % below {high:.2f} mm")
    return 0


def _read_face(path: Path, model: MorphableModel) -> tuple[FloatArray, FloatArray]:
    """Identity (K,) and expression (E,) of a record.

    Raises:
        ConfigError: it is no record of the embedded head.
    """
    advice = "wanted a file of: dasl reconstruct PHOTO --format npz"
    try:
        with NpzReader(path, LIMITS) as archive:
            identity, expression, head_id = (archive.read(name) for name in LIMITS)
    except EvalError as error:
        raise ConfigError(f"cannot read the face {path}: {error}; {advice}") from error
    counts = (model.identity_count,), (model.expression_count,)
    if (identity.shape, expression.shape) != counts or str(head_id) != model.head_id:
        raise ConfigError(
            f"{path} holds a face of head {head_id}, not of {model.head_id}; make it again with "
            f"this version; {advice}"
        )
    numbers = identity.astype(np.float32), expression.astype(np.float32)
    if not all(np.isfinite(values).all() for values in numbers):
        raise ConfigError(f"{path}: its coefficients are not finite; {advice}")
    return numbers
