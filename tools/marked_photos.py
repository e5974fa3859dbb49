"""Photos with marks placed by hand (`tools/*.json`), and the face that is found on each."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dasl import Face, FaceReconstructor
from dasl.arrays import RgbImage
from dasl.commands.options import add_model_option
from dasl.photo.load import load_photo
from eval.program.data_root import data_root

ROOT = Path(__file__).parents[1]


def marked_photos(
    description: str | None, marks: Path
) -> Iterator[tuple[str, Any, RgbImage, Face]]:
    """Parse the command line, then yield name, marks, photo and its largest face.

    Args:
        description: of the command.
        marks: a JSON object by photo name; names that are numbers are portraits, which need the
            data folder and are left out without it, others are the free examples.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, help="data folder with portraits/")
    add_model_option(parser)
    options = parser.parse_args()
    root = data_root(options.root)
    portraits = None if root is None else root / "portraits"
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    for name, placed in tqdm(json.loads(marks.read_text(encoding="utf-8")).items(), leave=False):
        folder = portraits if name.isdigit() else ROOT / "space/examples"
        if folder is None:
            continue
        photo = load_photo(folder / f"{name}.jpg")
        faces = reconstructor(photo, strict=True)
        yield name, placed, photo, max(faces, key=lambda face: face.pose.scale)
