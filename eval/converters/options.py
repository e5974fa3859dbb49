"""The options of `eval convert`, and which kinds of source understand which."""

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
    """Declare all of them; each frame option is None where its system's default is to be taken."""
    facts = ", ".join(MethodFacts.__dataclass_fields__)
    add = parser.add_argument
    add("source", type=Path, metavar="SOURCE", help="a file or a folder")
    add("--output", type=Path, required=True, metavar="FILE", help="the .npz to write")
    add("--from", dest="kind", choices=KINDS, help="what SOURCE is (default: seen)")
    add("--root", type=Path, metavar="DIR", help="AFLW2000-3D: its images, in its order")
    add(
        "--ids",
        type=Path,
        metavar="LIST",
        help="text file of image names: those of an array's rows; or, without --root, the wanted",
    )
    add("--fill-missing", action="store_true", help="an absent image is a failed face (NaN)")
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
    """How photo pixels are counted."""
    add = parser.add_argument_group(f"the source's pixels ({', '.join(PHOTO_KINDS)})").add_argument
    add(
        "--index-base",
        type=int,
        choices=(0, 1),
        help="of the first pixel (default: 0 for prnet-kpt and PRNet's vertices; 1 for csv, "
        "pt3d_68 and 3DDFA's vertex)",
    )
    add("--y-axis", choices=("down", "up"), help="where y grows (default: down)")
    add("--z-axis", choices=("towards", "away"), help="from the viewer (default: towards)")
    add(
        "--photo-height",
        type=int,
        metavar="PIXELS",
        help=f"for --y-axis up (default: {PHOTO_SIDE})",
    )
    add(
        "--suffix",
        metavar="TEXT",
        help="between id and ending of a folder's files (default: _kpt for prnet-kpt, and _mesh "
        "where all mats have it)",
    )


def _add_mesh_options(parser: argparse.ArgumentParser) -> None:
    """Crops, face models and vertices."""
    add = parser.add_argument_group(
        f"crops and meshes ({', '.join(MESH_KINDS)}), and pose"
    ).add_argument
    add("--field", choices=[known.name for known in FIELDS], help="of each mat (default: seen)")
    add(
        "--crop-rule",
        choices=sorted(CROP_RULES),
        help="how a crop's y-up coordinates become pixels (default: 3ddfa-v1 for 3ddfa-params; "
        "mats are in photo pixels without it)",
    )
    add(
        "--crops",
        type=Path,
        metavar="NPY",
        help="(N, 4) x0 y0 x1 y1 in the order of --ids (default: the literature's, with --root)",
    )
    add(
        "--bfm",
        type=Path,
        metavar="DIR",
        help="your Basel Face Model (3ddfa-params and --pose: bfm of DASL_DATA_ROOT)",
    )
    add("--keypoints", type=Path, metavar="FILE", help="68 vertex numbers (default: the model's)")
    add("--whitening", metavar="NPZ", help="param_mean and param_std of the parameters, or none")
    add(
        "--pose",
        action="store_true",
        default=None,
        help="write angles too: of 3ddfa-params the nearest rotation's; else of the fit of --bfm's "
        "mean 68 points to the landmarks, which costs about a degree (said in the output)",
    )
    add("--vertices", action="store_true", default=None, help="write the dense vertices too")
