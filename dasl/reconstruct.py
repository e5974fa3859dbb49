"""`python -m dasl reconstruct`: photos to head files."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from dasl.errors import DaslError, ExportError
from dasl.export import WRITERS
from dasl.face import Face
from dasl.predictor import FaceReconstructor


def add_reconstruct_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `reconstruct`."""
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--format",
        dest="formats",
        action="append",
        choices=[suffix.removeprefix(".") for suffix in WRITERS],
        help="file to write for each face, may be repeated; default: glb",
    )
    parser.add_argument("--model", help="weights: a folder or a hub id; default: the embedded ones")
    parser.add_argument("--strict", action="store_true", help="a photo without a face is an error")


def run_reconstruct(args: argparse.Namespace) -> int:
    """Reconstruct every face of every photo.

    A photo that fails is reported and the others go on.

    Returns:
        0, or 1 if a photo failed.
    """
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"cannot make the folder {args.output}: {error.strerror}") from error
    reconstructor = FaceReconstructor.from_pretrained(args.model)
    failed = 0
    for photo in tqdm(args.photos, unit="photo", disable=len(args.photos) < 2):
        try:
            faces = reconstructor(photo, strict=args.strict)
            if not faces:
                print(f"{photo}: no face found", file=sys.stderr)
            for number, face in enumerate(faces, start=1):
                name = photo.stem if len(faces) == 1 else f"{photo.stem}_{number}"
                _save(face, args.output / name, args.formats or ["glb"])
        except DaslError as error:
            failed += 1
            print(f"dasl: {error}", file=sys.stderr)
    return 1 if failed else 0


def _save(face: Face, stem: Path, formats: list[str]) -> None:
    pose = face.pose
    for kind in formats:
        path = stem.with_name(f"{stem.name}.{kind}")
        face.save(path)
        print(
            f"{path}  yaw {pose.yaw_deg:.0f}  pitch {pose.pitch_deg:.0f}  "
            f"roll {pose.roll_deg:.0f}  confidence {face.confidence:.2f}"
        )
