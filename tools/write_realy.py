"""Write predicted heads as REALY's evaluation code reads them.

    python -m tools.write_realy --images REALY/image --output predictions [--model ID|DIR]

For each photo `1.jpg` the code (main.py of github.com/czh-98/REALY) reads `1.obj`, every mesh in
one topology. `dasl.obj`, the template, comes beside them in a folder `template`; it needs a
`dasl.txt` there with 85 points of it, each a triangle and two weights. `dasl_68.txt` has the first
68, in the same form. The other 17 are REALY's own and have no public list: its readme's step 2 is
to send the template to its authors, who return the file. Then pass `--template_topology dasl` with
both files in REALY's `data` folder. A photo without a face gets no file.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dasl.head.morphable_model import MorphableModel
from dasl.photo.files import SUFFIXES
from tools.heads_for_benchmarks import Head, head_of, parser_of, write_all

TEMPLATE = "dasl"


def main(arguments: list[str] | None = None) -> int:
    """Reconstruct and write; returns the exit status."""
    options = parser_of("write_realy", __doc__, "DIR").parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    status = write_all(
        "write_realy",
        lambda: numbered_photos(options.images),
        lambda photo, face: write_prediction(
            options.output, photo, head_of(face.model, face.identity, face.expression)
        ),
        options.model,
    )
    if status == 0:
        write_template(options.output / "template", MorphableModel.load())
    return status


def numbered_photos(folder: Path) -> Iterator[Path]:
    """The photos of a folder; REALY's code reads a mesh's name as a number with underscores.

    Raises:
        ValueError: there is none, or one of another name.
    """
    photos = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not photos:
        raise ValueError(f"{folder} has no photo; name the folder of REALY's images")
    for photo in photos:
        number = photo.stem.replace("_", "")
        if not number.lstrip("-").isdecimal():
            raise ValueError(f"{photo} is not named as REALY's photos, wanted such as 1_0.jpg")
        yield photo


def write_prediction(folder: Path, photo: Path, head: Head) -> None:
    """NAME.obj of a photo NAME.jpg."""
    (folder / f"{photo.stem}.obj").write_text(head.obj_text())


def write_template(folder: Path, model: MorphableModel) -> None:
    """The mean head and its 68 points: rows of triangle, weight of its first and second corner."""
    folder.mkdir(parents=True, exist_ok=True)
    mean = head_of(model, np.zeros(model.identity_count, np.float32), None)
    (folder / f"{TEMPLATE}.obj").write_text(mean.obj_text())
    (folder / f"{TEMPLATE}_68.txt").write_text(json.dumps(point_rows(model)))


def point_rows(model: MorphableModel) -> list[list[float]]:
    """[triangle, first weight, second weight] of each of the 68 points.

    Raises:
        ValueError: a point that lies in no triangle of the mesh.
    """
    place_of = {
        frozenset(corners): number for number, corners in enumerate(model.triangles.tolist())
    }
    rows = []
    pairs = zip(
        model.landmarks68_vertices.tolist(), model.landmarks68_weights.tolist(), strict=True
    )
    for point, (corners, weights) in enumerate(pairs):
        triangle = place_of.get(frozenset(corners))
        if triangle is None:
            raise ValueError(f"point {point} lies in no triangle; REALY cannot read this head")
        weight_of = dict(zip(corners, weights, strict=True))
        first, second, _ = model.triangles[triangle].tolist()
        rows.append([triangle, weight_of[first], weight_of[second]])
    return rows


if __name__ == "__main__":
    sys.exit(main())
