"""The options of `eval convert`, and the kinds of source that each applies to."""

import argparse
from pathlib import Path

from eval.benchmarks.aflw2000.data import PHOTO_SIDE
from eval.converters.frames import CROP_RULES
from eval.converters.kind import CSV, KINDS, MAT, PARAMS, PRNET
from eval.converters.mat_folder import FIELDS
from eval.results.record import MethodFacts

PHOTO_KINDS = (PRNET, MAT, CSV)
MESH_KINDS = (PARAMS, MAT)
KINDS_OF = {
    "index_base": PHOTO_KINDS,
    "y_axis": PHOTO_KINDS,
    "z_axis": PHOTO_KINDS,
    "photo_height": PHOTO_KINDS,
    "suffix": (PRNET, MAT),
    "field": (MAT,),
    "crop_rule": MESH_KINDS,
    "crops": MESH_KINDS,
    "keypoints": MESH_KINDS,
    "bfm": (*MESH_KINDS, PRNET, CSV),
    "vertices": MESH_KINDS,
    "whitening": (PARAMS,),
    "pose": KINDS,
}
FRAME_OPTIONS = ("index_base", "y_axis", "z_axis", "photo_height")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare all options; a frame option of None takes the system's default."""
    facts = ", ".join(MethodFacts.__dataclass_fields__)
    add = parser.add_argument
    add("source", type=Path, metavar="SOURCE", help="a file or a folder")
    add("--output", type=Path, required=True, metavar="FILE", help="the .npz to write")
    add("--from", dest="kind", choices=KINDS, help="kind of SOURCE (default: detected)")
    add("--root", type=Path, metavar="DIR", help="folder of AFLW2000-3D: its images, in its order")
    add(
        "--ids",
        type=Path,
        metavar="LIST",
        help="text file of image names: of an array's rows or, without --root, of the wanted "
        "images",
    )
    add("--fill-missing", action="store_true", help="write missing images as failed faces (NaN)")
    add(
        "--meta",
        action="append",
        default=[],
        metavar="KEY=TEXT",
        help=f"a fact of the method, repeatable: {facts}",
    )
    _add_frame_options(parser)
    _add_mesh_options(parser)


def _add_frame_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the source's pixel frame."""
    add = parser.add_argument_group(f"the source's pixels ({', '.join(PHOTO_KINDS)})").add_argument
    add(
        "--index-base",
        type=int,
        choices=(0, 1),
        help="index of the first pixel (default: 0 for prnet-kpt and PRNet's vertices; 1 for csv, "
        "pt3d_68 and 3DDFA's vertex)",
    )
    add("--y-axis", choices=("down", "up"), help="direction of y (default: down)")
    add(
        "--z-axis",
        choices=("towards", "away"),
        help="z grows towards or away from the viewer (default: towards)",
    )
    add(
        "--photo-height",
        type=int,
        metavar="PIXELS",
        help=f"photo height for --y-axis up (default: {PHOTO_SIDE})",
    )
    add(
        "--suffix",
        metavar="TEXT",
        help="text between id and ending of a folder's files (default: _kpt for prnet-kpt, and "
        "_mesh if all mats have it)",
    )


def _add_mesh_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of crops, face models and vertices."""
    add = parser.add_argument_group(
        f"crops and meshes ({', '.join(MESH_KINDS)}), and pose"
    ).add_argument
    add(
        "--field",
        choices=[known.name for known in FIELDS],
        help="field to read (default: detected)",
    )
    add(
        "--crop-rule",
        choices=sorted(CROP_RULES),
        help="conversion of a crop's y-up coordinates to pixels (default: 3ddfa-v1 for "
        "3ddfa-params; without it mats are in photo pixels)",
    )
    add(
        "--crops",
        type=Path,
        metavar="NPY",
        help="(N, 4) x0 y0 x1 y1 in the order of --ids (default: the published ones, with --root)",
    )
    add(
        "--bfm",
        type=Path,
        metavar="DIR",
        help="your Basel Face Model (default for 3ddfa-params and --pose: bfm in DASL_DATA_ROOT)",
    )
    add("--keypoints", type=Path, metavar="FILE", help="68 vertex numbers (default: the model's)")
    add("--whitening", metavar="NPZ", help="param_mean and param_std of the parameters, or none")
    add(
        "--pose",
        action="store_true",
        default=None,
        help="also write angles: for 3ddfa-params of the nearest rotation; else by fitting --bfm's "
        "mean 68 points to the landmarks, which adds an error of about a degree (the output says "
        "so)",
    )
    add("--vertices", action="store_true", default=None, help="also write the dense vertices")
