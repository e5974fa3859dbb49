"""Options of the shell for heads in mesh files."""

import argparse

from dasl.errors import DaslError
from dasl.export.options import ALIGNS, HeadOptions, check_ipd
from dasl.head.surface import PARTS, SUBDIVISIONS
from dasl.texture import DEFAULT_SIZE, LIGHTS


def add_head_arguments(group: "argparse._ArgumentGroup") -> None:
    """Declare the options of `HeadOptions`."""
    default = HeadOptions()
    group.add_argument(
        "--part",
        choices=PARTS,
        default=default.part,
        help="the whole head, or the face with its eyes and mouth; default: %(default)s",
    )
    group.add_argument(
        "--subdivide",
        dest="subdivisions",
        type=int,
        choices=SUBDIVISIONS,
        default=default.subdivisions,
        help="1 gives four times the triangles; default: %(default)s",
    )
    group.add_argument("--neutral", action="store_true", help="without the expression")
    group.add_argument(
        "--align",
        choices=ALIGNS,
        default=default.align,
        help="head: upright and looking ahead; camera: turned as on the photo; "
        "default: %(default)s",
    )
    group.add_argument(
        "--texture-size",
        type=int,
        choices=(DEFAULT_SIZE, 2 * DEFAULT_SIZE),
        default=default.texture_size,
        help="default: %(default)s",
    )
    group.add_argument(
        "--light",
        choices=LIGHTS,
        default=default.light,
        help="evened: correct dark, overexposed or coloured light, within limits; as-photo: no "
        "correction; default: %(default)s",
    )
    group.add_argument(
        "--ipd-mm",
        type=_ipd_mm,
        metavar="MM",
        help="scale head and measures to this distance between the pupils, in millimetres, since "
        "one photo has no scale; default: the head model's own size, about that of adults",
    )
    group.add_argument(
        "--hair",
        action=argparse.BooleanOptionalAction,
        default=default.hair,
        help="add hair or a hat as a separate mesh around a whole head; default: "
        f"--{'' if default.hair else 'no-'}hair",
    )


def _ipd_mm(text: str) -> float:
    """Read a distance between the pupils in millimetres; argparse reports wrong ones."""
    try:
        ipd_mm = float(text)
    except ValueError as error:
        message = f"wanted a number of millimetres, such as 61.5, got {text!r}"
        raise argparse.ArgumentTypeError(message) from error
    try:
        check_ipd(ipd_mm)
    except DaslError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return ipd_mm
