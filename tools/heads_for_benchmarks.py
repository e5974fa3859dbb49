"""Predicted heads for benchmarks whose own code reads mesh files; shared by all writers."""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.errors import DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.reconstruction.face import Face
from dasl.reconstruction.reconstructor import FaceReconstructor

SEVEN_OF_68 = (36, 39, 42, 45, 33, 48, 54)
"""NoW's points: the eye corners from the image's left, the nose base, the mouth corners."""


@dataclass(frozen=True)
class Head:
    """A head in the model frame, metres, y up.

    Attributes:
        vertices: (V, 3).
        triangles: (T, 3) 0-based.
        points68: (68, 3), iBUG order.
    """

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int64]
    points68: NDArray[np.float32]

    @property
    def points7(self) -> NDArray[np.float32]:
        """(7, 3) of NoW."""
        return self.points68[list(SEVEN_OF_68)].astype(np.float32)

    def obj_text(self) -> str:
        """Vertices and triangles as OBJ, nothing merged."""
        mesh = trimesh.Trimesh(self.vertices, self.triangles, process=False)
        return trimesh.exchange.obj.export_obj(mesh, include_normals=False, include_color=False)


def head_of(
    model: MorphableModel, identity: NDArray[np.floating], expression: dict[str, float] | None
) -> Head:
    """The head of some coefficients; None gives a neutral expression."""
    weights = np.zeros((1, model.expression_count), dtype=np.float32)
    if expression is not None:
        weights[0] = list(expression.values())
    vertices = model.vertices(identity[None], weights)[0]
    points = model.landmarks68_of(vertices)
    return Head(vertices, model.triangles, points)


def write_all(
    program: str,
    photos: Callable[[], Iterable[Path]],
    write: Callable[[Path, Face], None],
    model: str | None,
) -> int:
    """Reconstruct and write the first face of each photo; returns the exit status.

    Args:
        program: name at the start of messages.
        photos: returns the paths; its errors become messages.
        write: writes a face, given the photo's path and the face.
        model: weights folder or hub id; None takes the embedded ones.
    """
    try:
        listed = list(photos())
        reconstructor = FaceReconstructor.from_pretrained(model)
        faceless = []
        for photo in tqdm(listed, unit="photo", disable=None):
            faces = reconstructor(photo)
            if faces:
                write(photo, faces[0])
            else:
                faceless.append(photo)
    except (DaslError, OSError, ValueError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    print(f"wrote {len(listed) - len(faceless):,} of {len(listed):,} heads")
    for photo in faceless:
        print(f"no face found in {photo}")
    return 0


def parser_of(name: str, description: str, output: str) -> argparse.ArgumentParser:
    """A parser with --images, --output and --model."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tools.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar=output)
    parser.add_argument("--model", help="weights folder or hub id; default: the embedded ones")
    return parser
