"""The files of a head that a visitor takes home."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dasl.arrays import RgbImage
from dasl.export.mesh_files import png_bytes
from dasl.reconstruction.face import Face
from dasl.texture.light import Light
from space.reconstruct.pictures import STRIP, strip_picture
from space.visitor_files import zipped


@dataclass(frozen=True)
class HeadChoices:
    """What a visitor may choose of a head.

    Attributes:
        hair: with hair or a hat as a mesh of its own.
        light: of the texture.
    """

    hair: bool = False
    light: Light = "evened"

    @classmethod
    def from_boxes(cls, hair: bool, as_photo: bool) -> "HeadChoices":
        """As ticked on the page."""
        return cls(bool(hair), "as-photo" if as_photo else "evened")


Maker = Callable[[RgbImage, Face, Path, str, HeadChoices], Path]
"""Photo, face, folder, stem of the file's name and the visitor's choices to the file."""


def _saved(suffix: str) -> Maker:
    def make(_: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
        return face.save(folder / f"{stem}{suffix}", hair=choices.hair, light=choices.light)

    return make


def _obj_zip(_: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
    return zipped(_mesh_contents(face, stem, [".obj"], choices), folder / f"{stem}_obj.zip")


def _pictures_zip(
    photo: RgbImage, face: Face, folder: Path, stem: str, _choices: HeadChoices
) -> Path:
    return zipped(_picture_contents(photo, face, stem), folder / f"{stem}_pictures.zip")


def _all_zip(photo: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
    meshes = _mesh_contents(face, stem, [".glb", ".obj", ".ply", ".stl", ".json"], choices)
    return zipped(meshes | _picture_contents(photo, face, stem), folder / f"{stem}_all.zip")


def _mesh_contents(
    face: Face, stem: str, suffixes: list[str], choices: HeadChoices
) -> dict[str, bytes]:
    """Files of a face by name, those that come along (material, texture) among them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for suffix in suffixes:
            face.save(folder / f"{stem}{suffix}", hair=choices.hair, light=choices.light)
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
