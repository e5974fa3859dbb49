"""PRNet's lists of texels: the vertices that it writes, and its 68 points."""

from pathlib import Path

import numpy as np

from eval.bfm.surface import UV_SIDE, Correspondence, SurfacePoints
from eval.errors import BenchmarkError
from eval.scoring.metrics import Ints
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.text import read_bytes

VERTEX_FILE = "face_ind.txt"
POINT_FILE = "uv_kpt_ind.txt"
LARGEST_LIST = 4 << 20
ADVICE = "it is in PRNet's Data/uv-data"


def prnet_vertices(folder: Path, texels: SurfacePoints, vertex_count: int) -> Correspondence | None:
    """Where the truth's texels lie among the 43,867 vertices that PRNet writes for a face.

    Source: PRNet's ``api.py``: the vertices are the position map's texels, flattened row by row,
    at the indices of ``face_ind.txt``, in its order.

    Args:
        folder: it may hold ``face_ind.txt``.
        texels: of the truth.
        vertex_count: of the submission's mesh.

    Returns:
        The correspondence; None if there is no such file, or the mesh has another number of
        vertices.

    Raises:
        BenchmarkError: the file is malformed.
    """
    if texels.texels is None or not (folder / VERTEX_FILE).is_file():
        return None
    listed = _numbers(folder / VERTEX_FILE).reshape(-1)
    if len(listed) != vertex_count:
        return None
    vertex_of = np.full(UV_SIDE**2, -1)
    vertex_of[listed] = np.arange(len(listed))
    vertex = vertex_of[texels.texels]
    kept = np.flatnonzero(vertex >= 0)
    corners = np.repeat(vertex[kept, None], 3, axis=1)
    weights = np.tile([1.0, 0.0, 0.0], (len(kept), 1))
    label = f"{VERTEX_FILE}, {len(kept):,} of {len(vertex):,} texels"
    return Correspondence(SurfacePoints(corners, weights, label), kept)


def uv_landmarks(folder: Path, texels: SurfacePoints) -> SurfacePoints:
    """The 68 points that SADRNet's and DSFNet's code read from the position map.

    They differ from the vertices of ``pt3d_68``.

    Args:
        folder: with ``uv_kpt_ind.txt``: a line of 68 columns, a line of 68 rows.
        texels: of the whole map, from ``eval.bfm.surface.map_texels``.

    Raises:
        BenchmarkError: the file is missing or malformed, or names a texel outside the face.
    """
    path = folder / POINT_FILE
    numbers = _numbers(path)
    if numbers.shape != (2, LANDMARK_COUNT):
        raise BenchmarkError(
            f"{path} must be two lines of {LANDMARK_COUNT} texels, got {numbers.shape}; {ADVICE}"
        )
    assert texels.texels is not None
    place_of = np.full(UV_SIDE**2, -1)
    place_of[texels.texels] = np.arange(len(texels.texels))
    place = place_of[numbers[1] * UV_SIDE + numbers[0]]
    if (place < 0).any():
        raise BenchmarkError(
            f"{path} names {int((place < 0).sum())} texels that show no part of the face model; "
            "add Model_tri_mouth.mat, or take the files of one distribution"
        )
    label = f"{LANDMARK_COUNT} texels of {POINT_FILE}"
    return SurfacePoints(texels.corners[place], texels.weights[place], label, texels.texels[place])


def _numbers(path: Path) -> Ints:
    """Whole numbers of a text file, line by line; each a place on the map or a flat index."""
    content = read_bytes(path, LARGEST_LIST, BenchmarkError, ADVICE)
    try:
        lines = [line.split() for line in content.decode("ascii").splitlines() if line.strip()]
        numbers = np.array(lines, dtype=np.float64).astype(np.int64)
    except (UnicodeDecodeError, ValueError) as error:
        raise BenchmarkError(f"{path} must hold lines of numbers, got others; {ADVICE}") from error
    if numbers.size == 0 or numbers.min() < 0 or numbers.max() >= UV_SIDE**2:
        raise BenchmarkError(f"{path} must name texels of a {UV_SIDE} x {UV_SIDE} map; {ADVICE}")
    return numbers
