"""Write predicted heads for NeRSemble's single-view face reconstruction (SVFR), posed and neutral.

    python -m tools.write_nersemble --images BENCHMARK --output svfr.zip [--model ID|DIR]

The code that checks it (submission_data.py of github.com/tobias-kirschstein/nersemble-benchmark)
reads, for a photo `017/.../EMO-1-shout+laugh_156_221501007.png`, from the archive
`017/EMO-1-shout+laugh_156_221501007/mesh_posed.ply` and `mesh_neutral.ply`, and, as our mesh is not
FLAME's, `landmarks_posed.npy` and `landmarks_neutral.npy` with NoW's seven points (7, 3). It aligns
rigidly, so the model's frame and metres do. All photos must have a face: it wants all meshes.
"""

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import trimesh

from dasl.photo.files import SUFFIXES
from dasl.reconstruction.face import Face
from tools.heads_for_benchmarks import Head, head_of, parser_of, write_all

KEY = re.compile(r"[\w+-]+_\d{3,}_\d+")
PERSON = re.compile(r"\d{3}")


def main(arguments: list[str] | None = None) -> int:
    """Reconstruct and write; returns the exit status."""
    options = parser_of("write_nersemble", __doc__, "ZIP").parse_args(arguments)
    with zipfile.ZipFile(options.output, "w", zipfile.ZIP_DEFLATED) as archive:

        def write(photo: Path, face: Face) -> None:
            place = place_of(photo)
            for task, expression in (("posed", face.expression), ("neutral", None)):
                add_head(archive, place, task, head_of(face.model, face.identity, expression))

        return write_all(
            "write_nersemble", lambda: keyed_photos(options.images), write, options.model
        )


def keyed_photos(folder: Path) -> Iterator[Path]:
    """All photos below a folder.

    Raises:
        ValueError: there is none, or one of another name.
    """
    photos = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not photos:
        raise ValueError(f"{folder} has no photo; name the folder of the SVFR benchmark")
    for photo in photos:
        place_of(photo)
        yield photo


def place_of(photo: Path) -> str:
    """PERSON/KEY in the archive.

    Raises:
        ValueError: the name is not SEQUENCE_FRAME_CAMERA, or no folder is a person's number.
    """
    people = [part for part in photo.parent.parts if PERSON.fullmatch(part)]
    if not people or not KEY.fullmatch(photo.stem):
        raise ValueError(f"{photo} must be PERSON/.../SEQUENCE_FRAME_CAMERA, as 017/FREE_786_22")
    return f"{people[-1]}/{photo.stem}"


def add_head(archive: zipfile.ZipFile, place: str, task: str, head: Head) -> None:
    """The mesh and the seven points of one task, "posed" or "neutral"."""
    mesh = trimesh.Trimesh(head.vertices, head.triangles, process=False)
    archive.writestr(f"{place}/mesh_{task}.ply", mesh.export(file_type="ply"))
    points = io.BytesIO()
    np.save(points, head.points7)
    archive.writestr(f"{place}/landmarks_{task}.npy", points.getvalue())


if __name__ == "__main__":
    sys.exit(main())
