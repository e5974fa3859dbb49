"""Textured scans, found in the data set's folders and read through trimesh."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eval.benchmarks import folders
from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s, Floats, Ints
from eval.untrusted.text import listed, printable

if TYPE_CHECKING:
    import trimesh  # elsewhere imported where it is used: it is slow to import

SUBJECT_COUNT = 53
FOLDER_NAMES = ("florence", "Florence", "MICC", "florence_3d_faces")
SUFFIXES = (".obj", ".ply", ".glb")
LARGEST_FILE = 512 << 20
MOST_VERTICES = 2_000_000
MOST_TEXELS = 100_000_000
SUBJECT_NAMES = tuple(f"subject_{number:02d}" for number in range(1, SUBJECT_COUNT + 1))


@dataclass(frozen=True, eq=False)
class Texture:
    """Colours in an image.

    Attributes:
        uv: (V, 2) of the vertices, u to the right, v up, both 0 to 1.
        image: (H, W, 3) uint8.
    """

    uv: Float64s
    image: NDArray[np.uint8]

    def sample(self, corners: Ints, weights: Floats) -> Float64s:
        """Bilinear colours (N, 3), 0 to 255, at barycentric weights (N, 3) of corners (N, 3)."""
        u, v = np.einsum("nk,nkc->cn", weights, self.uv[corners])
        height, width = self.image.shape[:2]
        column = np.clip(u * width - 0.5, 0, width - 1)
        row = np.clip((1.0 - v) * height - 0.5, 0, height - 1)
        left, top = column.astype(np.int64), row.astype(np.int64)
        right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
        across, down = (column - left)[:, None], (row - top)[:, None]
        upper = self.image[top, left] * (1 - across) + self.image[top, right] * across
        lower = self.image[bottom, left] * (1 - across) + self.image[bottom, right] * across
        return np.asarray(upper * (1 - down) + lower * down, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class VertexColours:
    """Colours (V, 3) uint8 of the vertices."""

    colours: NDArray[np.uint8]

    def sample(self, corners: Ints, weights: Floats) -> Float64s:
        """Colours (N, 3), 0 to 255, at barycentric weights (N, 3) of corners (N, 3)."""
        return np.asarray(np.einsum("nk,nkc->nc", weights, self.colours[corners].astype(float)))


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan as published.

    Attributes:
        vertices: (V, 3) millimetres, scan frame.
        triangles: (T, 3).
        colour: of the surface; None if not requested.
    """

    vertices: Float64s
    triangles: Ints
    colour: Texture | VertexColours | None


@dataclass(frozen=True)
class ScanFolder:
    """Where the scans are.

    Attributes:
        folder: the folder that holds them all.
        paths: of each subject's scan, sorted by subject.
    """

    folder: Path
    paths: Mapping[str, Path]


def find_scans(root: str | Path | None) -> ScanFolder:
    """The scan files by subject.

    Two layouts: the data set's own, ``subject_01/Model/frontal1/obj/*.obj`` (of several files the
    first by name), or one file a subject, ``subject_01.obj``, whose stem is the subject.

    Args:
        root: the folder or one that contains it; None takes DASL_DATA_ROOT.

    Raises:
        BenchmarkError: no root is known, or nothing is there.
    """
    folder = folders.find_folder(
        root,
        FOLDER_NAMES,
        lambda folder: bool(_scan_paths(folder)),
        wanted="subject_01/Model/frontal1/obj/*.obj and so on as Florence (MICC) comes, or one "
        f"{', '.join(SUFFIXES)} a subject",
        lacks="holds no scans",
        advice="ask for the data at www.micc.unifi.it/resources/datasets/florence-3d-faces and "
        "pass its folder",
    )
    return ScanFolder(folder, dict(sorted(_scan_paths(folder).items())))


def _scan_paths(folder: Path) -> dict[str, Path]:
    """The scan files by subject, of the data set's own layout or of the flat one."""
    official = {
        path.parents[3].name: path
        for path in sorted(folder.glob("subject_*/Model/frontal1/obj/*.obj"), reverse=True)
    }
    return official or {path.stem: path for path in _meshes(folder)}


def require_all(scans: Mapping[str, Path], subject_count: int = SUBJECT_COUNT) -> None:
    """Refuse an incomplete data set: its figures would not compare with complete ones.

    Raises:
        BenchmarkError: names the first missing subjects.
    """
    if len(scans) != subject_count:
        missing = [name for name in SUBJECT_NAMES[:subject_count] if name not in scans]
        raise BenchmarkError(
            f"the protocol has {subject_count} subjects, got {len(scans)} scans; missing are "
            f"{listed(missing) if missing else 'none of the usual names'}; complete the folder, or "
            "remove files that are not scans"
        )


def read_scan(path: Path, *, with_colour: bool) -> Scan:
    """Read one scan.

    Args:
        path: of the mesh; its material and texture lie beside it.
        with_colour: whether to read the texture, which only rendering needs; without it, vertices
            duplicated at texture seams are merged.

    Raises:
        BenchmarkError: the file is missing, too large, damaged or not a mesh, or lacks the
            requested colour.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BenchmarkError(f"cannot read {path} ({error.strerror}); check the path") from error
    if size > LARGEST_FILE or path.suffix.lower() not in SUFFIXES:
        raise BenchmarkError(
            f"a scan is {', '.join(SUFFIXES)} of at most {LARGEST_FILE:,} bytes, got {path} of "
            f"{size:,}; Florence has an OBJ beside each WRL"
        )
    import trimesh

    try:
        mesh = trimesh.load_mesh(path, process=False)
    except Exception as error:  # on damaged files trimesh's readers raise all kinds of errors
        reason = printable(str(error) or type(error).__name__)
        raise BenchmarkError(f"{path} cannot be read ({reason}); copy it again") from error
    return _checked(path, mesh, with_colour=with_colour)


def _checked(path: Path, mesh: object, *, with_colour: bool) -> Scan:
    import trimesh

    if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
        raise BenchmarkError(f"{path} holds no triangles, wanted a scan's mesh; copy it again")
    if not with_colour:
        mesh.merge_vertices(merge_tex=True, merge_norm=True)
    vertices = np.asarray(mesh.vertices, dtype=np.float64)
    if len(vertices) > MOST_VERTICES or not np.isfinite(vertices).all():
        raise BenchmarkError(
            f"{path} must have at most {MOST_VERTICES:,} vertices, all finite, got "
            f"{len(vertices):,}; copy it again"
        )
    colour = _colour(path, mesh) if with_colour else None
    return Scan(vertices, np.asarray(mesh.faces, dtype=np.int64), colour)


def _colour(path: Path, mesh: "trimesh.Trimesh") -> Texture | VertexColours:
    from trimesh.visual import ColorVisuals

    visual = mesh.visual
    uv = getattr(visual, "uv", None)
    material = getattr(visual, "material", None)
    image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    if uv is not None and isinstance(image, Image.Image) and len(uv) == len(mesh.vertices):
        if image.width * image.height > MOST_TEXELS:
            raise BenchmarkError(
                f"the texture of {path} has {image.width} x {image.height} pixels, wanted at most "
                f"{MOST_TEXELS:,}; make it smaller"
            )
        try:
            pixels = np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError) as error:
            raise BenchmarkError(
                f"the texture of {path} is damaged ({printable(str(error))}); copy it again"
            ) from error
        return Texture(np.nan_to_num(np.asarray(uv, dtype=np.float64)), pixels)
    if isinstance(visual, ColorVisuals) and visual.kind == "vertex":
        return VertexColours(np.asarray(visual.vertex_colors, dtype=np.uint8)[:, :3])
    raise BenchmarkError(
        f"{path} has neither a texture that can be read nor vertex colours, wanted one to render; "
        "put the picture that its .mtl names beside it"
    )


def _meshes(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
