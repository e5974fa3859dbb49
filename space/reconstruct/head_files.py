"""The files of a head that a visitor takes home."""

import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from dasl.arrays import RgbImage
from dasl.export.mesh_files import png_bytes
from dasl.reconstruction.face import Face
from space.reconstruct.pictures import STRIP, strip_picture
from space.visitor_files import zipped

Maker = Callable[[RgbImage, Face, Path, str], Path]
"""Photo, face, folder and stem of the file's name to the file."""


def _saved(suffix: str) -> Maker:
    def make(_photo: RgbImage, face: Face, folder: Path, stem: str) -> Path:
        return face.save(folder / f"{stem}{suffix}")

    return make


def _obj_zip(_photo: RgbImage, face: Face, folder: Path, stem: str) -> Path:
    return zipped(_mesh_contents(face, stem, [".obj"]), folder / f"{stem}_obj.zip")


def _pictures_zip(photo: RgbImage, face: Face, folder: Path, stem: str) -> Path:
    return zipped(_picture_contents(photo, face, stem), folder / f"{stem}_pictures.zip")


def _all_zip(photo: RgbImage, face: Face, folder: Path, stem: str) -> Path:
    meshes = _mesh_contents(face, stem, [".glb", ".obj", ".ply", ".stl", ".json"])
    return zipped(meshes | _picture_contents(photo, face, stem), folder / f"{stem}_all.zip")


def _mesh_contents(face: Face, stem: str, suffixes: list[str]) -> dict[str, bytes]:
    """Files of a face by name, those that come along (material, texture) among them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for suffix in suffixes:
            face.save(folder / f"{stem}{suffix}")
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _picture_contents(photo: RgbImage, face: Face, stem: str) -> dict[str, bytes]:
    drawn = {name: strip_picture(name, photo, face) for name in STRIP}
    return {f"pictures/{stem}_{name}.png": png_bytes(picture) for name, picture in drawn.items()}


MAKERS: dict[str, Maker] = {
    "GLB": _saved(".glb"),
    "OBJ": _obj_zip,
    "PLY": _saved(".ply"),
    "STL": _saved(".stl"),
    **({"USDZ": _saved(".usdz")} if find_spec("pxr") else {}),  # of usd-core, which is optional
    "JSON": _saved(".json"),
    "Pictures": _pictures_zip,
    "Everything": _all_zip,
}
"""What can be downloaded of a face, by the name on its button."""
