"""`python -m dasl reconstruct`: photos to head files and pictures."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dasl.arrays import RgbImage
from dasl.commands.head_options import add_head_arguments
from dasl.commands.options import add_network_options
from dasl.errors import ConfigError, DaslError, ExportError, NoFaceFound
from dasl.export.mesh_files import png_bytes
from dasl.export.names import short_stem
from dasl.export.save import SUFFIXES, write_files
from dasl.head.landmark_sets import LANDMARK_SCHEMES
from dasl.photo.load import load_photo
from dasl.pictures import PICTURES, write_turntable
from dasl.pictures.head import SMOOTH
from dasl.reconstruction.face import Face
from dasl.reconstruction.reconstructor import FACE_WANTED, FaceReconstructor

FORMATS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
ALL_PICTURES = "all"
EXAMPLES = """examples:
  python -m dasl reconstruct photo.jpg --output heads
  python -m dasl reconstruct *.jpg --output heads --format glb,obj,json --measures
  python -m dasl reconstruct photo.jpg --output heads --format stl --part face --neutral
  python -m dasl reconstruct photo.jpg --output heads --format stl --ipd-mm 61.5
  python -m dasl reconstruct photo.jpg --output heads --pictures all --turntable mp4
  python -m dasl reconstruct anna_*.jpg --one-person --output heads      # one head from all photos
"""
PERSON = "person"
"""Name of the files of `--one-person`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `reconstruct`."""
    parser.epilog = EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="image files")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--format",
        dest="formats",
        action="extend",
        type=_names_among(FORMATS),
        metavar="FORMATS",
        help=f"files to write for each face, of {','.join(FORMATS)}, with commas; default: glb",
    )
    parser.add_argument(
        "--landmarks",
        action="extend",
        default=[],
        type=_names_among(LANDMARK_SCHEMES),
        metavar="SCHEMES",
        help="landmarks to add to .json and .npz, of "
        f"{','.join(LANDMARK_SCHEMES)}, with commas; the 68 are always there",
    )
    parser.add_argument(
        "--pictures",
        action="extend",
        default=[],
        type=_names_among((*PICTURES, ALL_PICTURES)),
        metavar="NAMES",
        help=f"PNGs to write for each photo, of {','.join(PICTURES)}, with commas, or all",
    )
    parser.add_argument(
        "--turntable", choices=("mp4", "gif"), help="also write a turntable animation of each head"
    )
    parser.add_argument(
        "--measures",
        action="store_true",
        help="print lengths on each head, such as the face's width, relative to --ipd-mm (or to "
        "an assumed 63 mm between the pupils)",
    )
    add_head_arguments(parser.add_argument_group("the head in .glb .vrm .obj .ply .stl .usdz"))
    add_network_options(parser)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail on a photo without a face; with --one-person, on any photo that is left out",
    )
    parser.add_argument(
        "--one-person",
        action="store_true",
        help=f"the photos show one person: write one head, {PERSON}.glb, from all of them. Photos "
        "without a face, with several faces or of another person are left out and listed",
    )
    parser.add_argument(
        "--keep-all",
        action="store_true",
        help="with --one-person: also use photos that seem to show another person",
    )


def run(args: argparse.Namespace) -> int:
    """Reconstruct every face of every photo, or one person from all photos.

    A photo that fails is reported; the others are still processed.

    Returns:
        0, or 1 if a photo failed.

    Raises:
        ConfigError: `--keep-all` without `--one-person`.
        NoFaceFound: with `--one-person`, no photo shows a single face.
    """
    if args.keep_all and not args.one_person:
        raise ConfigError("--keep-all goes with --one-person; add that, or leave --keep-all out")
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"cannot make the folder {args.output}: {error.strerror}") from error
    reconstructor = FaceReconstructor.from_pretrained(args.model, precision=args.precision)
    taken = {_real(photo) for photo in args.photos}
    if args.one_person:
        return _run_one_person(args, reconstructor, taken)
    failed = 0
    for photo in tqdm(args.photos, unit="photo", disable=len(args.photos) < 2):
        try:
            pixels = load_photo(photo)
            faces = reconstructor(pixels)
            if args.strict and not faces:
                raise NoFaceFound(f"no face found in {photo}; {FACE_WANTED}")
            if not faces:
                print(f"{photo}: no face found", file=sys.stderr)
                continue
            stem = short_stem(photo.stem)
            for number, face in enumerate(faces, start=1):
                name = stem if len(faces) == 1 else f"{stem}_{number}"
                _save_face(face, args.output / name, args, taken)
            _save_pictures(pixels, faces, args.output / stem, args.pictures, taken)
        except DaslError as error:
            failed += 1
            print(f"dasl: {error}", file=sys.stderr)
    return 1 if failed else 0


def _run_one_person(
    args: argparse.Namespace, reconstructor: FaceReconstructor, taken: set[Path]
) -> int:
    """Write one head from all photos; returns the exit status."""
    photos = tqdm(args.photos, unit="photo", disable=len(args.photos) < 2)
    person = reconstructor.person(photos, keep_all=args.keep_all)
    for photo in person.left_out:
        print(photo, file=sys.stderr)
    count = len(args.photos)
    print(f"one head from {len(person.used)} of {count} photo{'s' if count > 1 else ''}")
    _save_face(person.face, args.output / PERSON, args, taken)
    if args.pictures:
        for index, face in zip(person.used, person.faces, strict=True):
            photo = args.photos[index]
            stem = args.output / short_stem(photo.stem)
            _save_pictures(load_photo(photo), [face], stem, args.pictures, taken)
    return 1 if args.strict and person.left_out else 0


def _names_among(known: Sequence[str]) -> Callable[[str], list[str]]:
    """A reader of lists such as "glb,obj"; argparse reports unknown names."""

    def names(text: str) -> list[str]:
        chosen = [name.strip() for name in text.split(",")]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(
                    f"no {name!r}; choose from {', '.join(known)}, with commas between"
                )
        return chosen

    return names


def _save_face(face: Face, stem: Path, args: argparse.Namespace, taken: set[Path]) -> None:
    """Write the files of one face and print their names."""
    pose = face.pose
    about = (
        f"yaw {pose.yaw_deg:z.0f}  pitch {pose.pitch_deg:z.0f}  "
        f"roll {pose.roll_deg:z.0f}  confidence {face.confidence:.2f}"
    )
    if face.covered:
        about += f" ({' and '.join(face.covered)} covered)"
    shown: dict[str, Any] = {
        name: getattr(args, name) for name in ("part", "neutral", "texture_size", "light", "hair")
    }
    for kind in dict.fromkeys(args.formats or ["glb"]):
        path = _new_path(stem.with_name(f"{stem.name}.{kind}"), taken)
        face.save(
            path,
            subdivisions=args.subdivisions,
            align=args.align,
            ipd_mm=args.ipd_mm,
            **shown,
            landmarks=tuple(dict.fromkeys(args.landmarks)),
        )
        print(f"{path}  {about}")
    if args.measures:
        print(face.measures if args.ipd_mm is None else face.measured(args.ipd_mm))
    if args.turntable:
        path = _new_path(stem.with_name(f"{stem.name}_turntable.{args.turntable}"), taken)
        write_turntable(path, face, options=replace(SMOOTH, **shown))
        print(path)


def _save_pictures(
    pixels: RgbImage, faces: list[Face], stem: Path, names: Sequence[str], taken: set[Path]
) -> None:
    """Write the pictures of one photo, all faces on each, and print their names."""
    for name in PICTURES if ALL_PICTURES in names else dict.fromkeys(names):
        path = _new_path(stem.with_name(f"{stem.name}_{name}.png"), taken)
        write_files({path: png_bytes(PICTURES[name](pixels, faces))})
        print(path)


def _new_path(path: Path, taken: set[Path]) -> Path:
    """The path, unless it is one of this run's photos or was already written in this run.

    Raises:
        ExportError: the path is taken, such as by a photo with the same name.
    """
    if _real(path) in taken or _is_one_of(path, taken):
        raise ExportError(
            f"{path} is a photo of this run or was written for another one; "
            "give the photos different names, or choose another --output"
        )
    taken.add(_real(path))
    return path


def _is_one_of(path: Path, taken: set[Path]) -> bool:
    """Whether the path is the same file as another, also on a case-insensitive disk."""
    name = path.name.casefold()
    alike = [other for other in taken if other.name.casefold() == name]
    return path.exists() and any(other.exists() and other.samefile(path) for other in alike)


def _real(path: Path) -> Path:
    """The path with links resolved, as far as they exist."""
    return Path(os.path.realpath(path))
