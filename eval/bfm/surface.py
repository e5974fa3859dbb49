"""Points on a triangle mesh in barycentric coordinates, valid for any pose of that mesh."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eval.bfm.model import Bfm
from eval.errors import BenchmarkError, SubmissionError
from eval.meshes.barycentric import barycentric
from eval.scoring.metrics import Float64s, Floats, Ints
from eval.untrusted.mat import read_mat_fields
from eval.untrusted.npz import NpzReader

UV_SIDE = 256  # texels of the PRNet family's position maps
MASK_FILE = "uv_face_mask.png"
UV_FILE = "BFM_UV.mat"
MOUTH_FILE = "Model_tri_mouth.mat"
TRIM_FILE = "model_info.mat"
CORRESPONDENCE_LIMITS = {"corners": 64 << 20, "weights": 64 << 20}
INSIDE = -1e-9  # a barycentric weight down to this counts as on the edge


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """K points, each a weighted mean of three vertices.

    Attributes:
        corners: (K, 3) vertices; the same one three times for a point at a vertex.
        weights: (K, 3), each row adds up to 1.
        label: description, for the record.
        texels: (K,) y * 256 + x of each on the position map; None for other points.
    """

    corners: Ints
    weights: Float64s
    label: str
    texels: Ints | None = None

    def of(self, vertices: Floats) -> Float64s:
        """The points of a mesh (..., V, 3), as (..., K, 3)."""
        picked = vertices[..., self.corners, :]
        return np.asarray((picked * self.weights[..., None]).sum(axis=-2), dtype=np.float64)


def face_texels(folder: Path, bfm: Bfm) -> SurfacePoints:
    """The face region of the PRNet family's position maps as points on the model's surface.

    The region is where ``uv_face_mask.png`` is not black. See ``map_texels`` for the other files.
    """
    whole = map_texels(folder, bfm)
    mask = _mask(folder / MASK_FILE)
    assert whole.texels is not None
    shown = mask.reshape(-1)[whole.texels]
    label = f"{shown.sum():,} of {mask.sum():,} texels of {MASK_FILE}"
    parts = whole.corners[shown], whole.weights[shown]
    return SurfacePoints(*parts, label, whole.texels[shown])


def map_texels(folder: Path, bfm: Bfm) -> SurfacePoints:
    """Every texel of the PRNet family's position maps that shows the model's surface.

    Source: face3d's and PRNet's position maps: texel (x, y) of 256 x 256 shows the surface point
    with u = x / 255, v = 1 - y / 255.

    Args:
        folder: with ``BFM_UV.mat`` (field UV) and, for the texels between the lips,
            ``Model_tri_mouth.mat``. A UV of BFM 2009's 53,490 vertices, as it is published, is
            cut by trimIndex of ``model_info.mat`` beside it.
        bfm: the model; its triangles carry the points.

    Raises:
        BenchmarkError: a file is missing or malformed.
    """
    uv = _uv_coordinates(folder / UV_FILE, len(bfm.mean))
    if bfm.triangles is None:
        raise BenchmarkError(
            f"{bfm.source} has no triangles, which the prnet rule needs; add Model_Shape.mat or "
            "model_info.mat with the field tri"
        )
    triangles = np.concatenate([bfm.triangles, *_mouth(folder / MOUTH_FILE, len(bfm.mean))])
    texels_xy = np.stack([uv[:, 0], 1.0 - uv[:, 1]], axis=-1) * (UV_SIDE - 1)
    texel, corners, weights = rasterised(texels_xy, triangles, UV_SIDE)
    return SurfacePoints(corners, weights, f"{len(texel):,} texels", texel)


def rasterised(points_xy: Floats, triangles: Ints, side: int) -> tuple[Ints, Ints, Float64s]:
    """Rasterise triangles onto a square map; if several cover a texel, the first one wins.

    Args:
        points_xy: (V, 2) vertices on the map, in texels; integers are texel centres.
        triangles: (T, 3).
        side: of the map.

    Returns:
        For the N covered texels in ascending order: (N,) y * side + x, (N, 3) the triangle's
        vertices and (N, 3) their barycentric weights.

    Example:
        >>> corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
        >>> rasterised(corners, np.array([[0, 1, 2]]), 4)[0]
        array([0, 1, 2, 4, 5, 8])
    """
    corners = points_xy[triangles].astype(np.float64)
    first = np.clip(np.ceil(corners.min(axis=1)), 0, side).astype(np.int64)
    last = np.clip(np.floor(corners.max(axis=1)), -1, side - 1).astype(np.int64)
    width, height = np.clip(last - first + 1, 0, None).T
    counts = width * height
    triangle = np.repeat(np.arange(len(triangles)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    x = first[triangle, 0] + within % np.maximum(width[triangle], 1)
    y = first[triangle, 1] + within // np.maximum(width[triangle], 1)
    weights = barycentric(corners[triangle], np.stack([x, y], axis=-1))
    covered = np.flatnonzero((weights >= INSIDE).all(axis=1))
    texel, winner = np.unique(y[covered] * side + x[covered], return_index=True)
    chosen = covered[winner]
    return texel, triangles[triangle[chosen]], weights[chosen]


@dataclass(frozen=True, eq=False)
class Correspondence:
    """The place of each true point on a mesh of another topology.

    Attributes:
        points: K points on the submission's mesh.
        kept: (K,) indices of the true points that they correspond to.
    """

    points: SurfacePoints
    kept: Ints


def read_correspondence(path: Path, point_count: int, vertex_count: int) -> Correspondence:
    """Read a correspondence file.

    Args:
        path: a .npz with ``corners`` (K, 3) int, 0-based vertices of the submission's mesh, and
            ``weights`` (K, 3) float; a row of corners -1 for a point without a counterpart.
        point_count: K, the truth's points under the rule.
        vertex_count: of the submission's mesh.

    Raises:
        SubmissionError: the file is malformed, or has another number of points or vertices.
    """
    with NpzReader(path, CORRESPONDENCE_LIMITS) as members:
        corners, weights = members.read("corners"), members.read("weights")
    wanted = (point_count, 3)
    kinds = (corners.dtype.kind in "iu", weights.dtype.kind == "f")
    if (corners.shape, weights.shape) != (wanted, wanted) or not all(kinds):
        raise SubmissionError(
            f"{path.name} must hold corners {wanted} int and weights {wanted} float, got "
            f"{corners.shape} of {corners.dtype} and {weights.shape} of {weights.dtype}; write one "
            "row for each of the truth's points"
        )
    kept = np.flatnonzero((corners != -1).all(axis=1))
    index = corners[kept].astype(np.int64)
    shares = weights[kept].astype(np.float64)
    in_mesh = ((index >= 0) & (index < vertex_count)).all()
    adds_up = (np.abs(shares.sum(axis=1) - 1.0) < 1e-3).all()  # False for NaN, too
    if not (kept.size and in_mesh and adds_up):
        raise SubmissionError(
            f"{path.name} must name vertices 0 to {vertex_count - 1} with weights that add up to "
            "1, at least one row; write -1 three times for a point without a counterpart"
        )
    digest = hashlib.sha256(index.tobytes() + shares.tobytes()).hexdigest()[:12]
    label = f"{path.name}, {len(kept):,} of {point_count:,} points, sha256 {digest}"
    return Correspondence(SurfacePoints(index, shares, label), kept)


def _uv_coordinates(path: Path, vertex_count: int) -> Float64s:
    """(V, 2) in [0, 1], v upwards."""
    if not path.is_file():
        raise BenchmarkError(
            f"no file {path}, which the prnet rule needs beside the face model; it is the "
            "BFM_UV.mat of 3DMMasSTN (github.com/anilbas/3DMMasSTN), as face3d uses it"
        )
    uv = read_mat_fields(path, ["UV"])["UV"].astype(np.float64)
    if len(uv) > vertex_count and (path.parent / TRIM_FILE).is_file():
        trim = read_mat_fields(path.parent / TRIM_FILE, ["trimIndex"])["trimIndex"]
        kept = trim.astype(np.int64).reshape(-1) - 1
        if len(kept) == vertex_count and kept.min() >= 0 and kept.max() < len(uv):
            uv = uv[kept]
    inside = uv.shape == (vertex_count, 2) and bool(((uv >= 0.0) & (uv <= 1.0)).all())
    if not inside:
        raise BenchmarkError(
            f"UV of {path} must be ({vertex_count}, 2) numbers from 0 to 1, got {uv.shape}; take "
            f"the one made for this face model, or add {TRIM_FILE} of AFLW2000-3D's Code folder, "
            "whose trimIndex cuts BFM 2009's 53,490 vertices"
        )
    return uv


def _mouth(path: Path, vertex_count: int) -> list[Ints]:
    """The triangles that close the mouth, one array or none."""
    if not path.is_file():
        return []
    triangles = read_mat_fields(path, ["tri_mouth"])["tri_mouth"].astype(np.int64).T - 1
    if triangles.shape[1] != 3 or triangles.min() < 0 or triangles.max() >= vertex_count:
        raise BenchmarkError(
            f"tri_mouth of {path} must be 3 x T, 1-based vertices of the face model; copy it again"
        )
    return [triangles]


def _mask(path: Path) -> NDArray[np.bool_]:
    """(256, 256) texels of the face region."""
    try:
        with Image.open(path) as image:
            size = image.size
            mask = np.asarray(image.convert("L")) > 0 if size == (UV_SIDE, UV_SIDE) else None
    except FileNotFoundError as error:
        raise BenchmarkError(
            f"no file {path}, which the prnet rule needs beside the face model; it is in PRNet's "
            "Data/uv-data"
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BenchmarkError(
            f"{path} is not a readable picture ({error}); copy it again"
        ) from error
    if mask is None or not mask.any():
        raise BenchmarkError(
            f"{path} must be {UV_SIDE} x {UV_SIDE} and not all black, got {size[0]} x {size[1]}; "
            "take PRNet's"
        )
    return mask
