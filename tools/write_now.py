"""Write predicted heads as the NoW challenge's evaluation code reads them.

    python -m tools.write_now --images NOW/final_release_version/iphone_pictures \
        --list imagepathsvalidation.txt --output predictions [--model ID|DIR]

For a line `SUBJECT/CHALLENGE/NAME.jpg` of the list the code (compute_error.py of
github.com/soubhiksanyal/now_evaluation) looks for `SUBJECT/CHALLENGE/NAME.obj`, the neutral head,
and `NAME.npy`, seven points of it (7, 3): outer and inner corner of the right eye, inner and outer
of the left, bottom of the nose, right and left corner of the mouth. Pass it
`--predicted_mesh_unit m`. A photo without a face gets no files; the code counts them as missing.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.errors import DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.reconstruction.reconstructor import FaceReconstructor

SEVEN_OF_68 = (36, 39, 42, 45, 33, 48, 54)


def main(arguments: list[str] | None = None) -> int:
    """Reconstruct and write; returns the exit status."""
    options = _options(arguments)
    try:
        places = listed_images(options.list)
        reconstructor = FaceReconstructor.from_pretrained(options.model)
        faceless = []
        for place in tqdm(places, unit="photo", disable=None):
            faces = reconstructor(options.images / place)
            if faces:
                write_prediction(
                    options.output / place, *neutral_head(faces[0].model, faces[0].identity)
                )
            else:
                faceless.append(place)
    except (DaslError, OSError, ValueError) as error:
        print(f"write_now: {error}", file=sys.stderr)
        return 1
    print(f"wrote {len(places) - len(faceless):,} of {len(places):,} heads to {options.output}")
    for place in faceless:
        print(f"no face found in {place}")
    return 0


def listed_images(path: Path) -> list[Path]:
    """SUBJECT/CHALLENGE/NAME of each line, whatever folders stand before.

    Raises:
        ValueError: a line has fewer than three parts, or a part that leads elsewhere.
    """
    places = []
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        parts = line.split("/")[-3:]
        if len(parts) < 3 or not all(parts) or ".." in parts:
            raise ValueError(f"{path} must name SUBJECT/CHALLENGE/NAME.jpg a line, got {line!r}")
        places.append(Path(*parts))
    return places


def neutral_head(
    model: MorphableModel, identity: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Vertices (V, 3) in metres, triangles (T, 3) and the 68 points of the head at rest."""
    shape = torch.from_numpy(identity)[None]
    rest = torch.zeros(1, model.expression_count)
    vertices, points = model.vertices(shape, rest)[0], model.landmarks68(shape, rest)[0]
    return vertices.numpy(), model.triangles.numpy(), points.numpy()


def write_prediction(
    place: Path,
    vertices: NDArray[np.floating],
    triangles: NDArray[np.integer],
    points68: NDArray[np.floating],
) -> None:
    """The two files of one photo.

    Args:
        place: SUBJECT/CHALLENGE/NAME.jpg below the output folder.
        vertices: (V, 3).
        triangles: (T, 3) 0-based.
        points68: (68, 3), iBUG order, the unit of the vertices.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    mesh = trimesh.Trimesh(vertices, triangles, process=False)
    # As their code names files: the last four characters of the photo's name go.
    stem = place.with_name(place.name[:-4])
    stem.with_name(stem.name + ".obj").write_text(
        trimesh.exchange.obj.export_obj(mesh, include_normals=False, include_color=False)
    )
    np.save(stem.with_name(stem.name + ".npy"), points68[list(SEVEN_OF_68)].astype(np.float32))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.write_now",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=Path, required=True, metavar="DIR")
    parser.add_argument("--list", type=Path, required=True, metavar="TXT", help="of the images")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", help="weights folder or hub id; default: the embedded ones")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
