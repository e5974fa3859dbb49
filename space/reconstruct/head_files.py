"""The files of a head for download."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from dasl.arrays import RgbImage
from dasl.export.mesh_files import png_bytes
from dasl.export.options import HeadOptions
from dasl.pictures.head import SMOOTH
from dasl.reconstruction.face import Face
from dasl.texture.light import Light
from space.reconstruct.pictures import strip_pictures
from space.visitor_files import zipped


@dataclass(frozen=True)
class HeadChoices:
    """A visitor's options for a head.

    Attributes:
        hair: whether hair or a hat is added as a separate mesh.
        light: light of the texture.
        expression: ARKit name -> weight in [0, 1], as edited in the viewer; None for the photo's.
    """

    hair: bool = True
    light: Light = "evened"
    expression: Mapping[str, float] | None = None

    @classmethod
    def from_boxes(cls, hair: bool, as_photo: bool) -> "HeadChoices":
        """The options as set by the page's checkboxes."""
        return cls(bool(hair), "as-photo" if as_photo else "evened")

    @property
    def drawn(self) -> HeadOptions:
        """The options of a smooth drawing of this head."""
        return replace(SMOOTH, hair=self.hair, light=self.light, expression=self.expression)

    def save(self, face: Face, path: Path) -> Path:
        """Write a face with these options; the suffix selects the format."""
        return face.save(path, hair=self.hair, light=self.light, expression=self.expression)


USDZ = (".usdz",) if find_spec("pxr") else ()  # from usd-core, which is optional
SUFFIXES = (".glb", ".vrm", ".obj", ".ply", ".stl", *USDZ, ".json")
"""The formats of a face, in the order of the buttons."""

Maker = Callable[[RgbImage, Face, Path, str, HeadChoices], Path]
"""From photo, face, folder, stem of the file name and the visitor's options to the file."""


def _saved(suffix: str) -> Maker:
    def make(_: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
        return choices.save(face, folder / f"{stem}{suffix}")

    return make


def _obj_zip(_: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
    return zipped(_mesh_contents(face, stem, [".obj"], choices), folder / f"{stem}_obj.zip")


def _pictures_zip(
    photo: RgbImage, face: Face, folder: Path, stem: str, _choices: HeadChoices
) -> Path:
    return zipped(_picture_contents(photo, face, stem), folder / f"{stem}_pictures.zip")


def _all_zip(photo: RgbImage, face: Face, folder: Path, stem: str, choices: HeadChoices) -> Path:
    meshes = _mesh_contents(face, stem, SUFFIXES, choices)
    return zipped(meshes | _picture_contents(photo, face, stem), folder / f"{stem}_all.zip")


def _mesh_contents(
    face: Face, stem: str, suffixes: Sequence[str], choices: HeadChoices
) -> dict[str, bytes]:
    """Files of a face by name, including companion files (material, texture)."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for suffix in suffixes:
            choices.save(face, folder / f"{stem}{suffix}")
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _picture_contents(photo: RgbImage, face: Face, stem: str) -> dict[str, bytes]:
    drawn = strip_pictures(photo, face)
    return {f"pictures/{stem}_{name}.png": png_bytes(picture) for name, picture in drawn}


MAKERS: dict[str, Maker] = {
    **{suffix[1:].upper(): _saved(suffix) for suffix in SUFFIXES},
    "OBJ": _obj_zip,  # with its material and texture
    "Pictures": _pictures_zip,
    "Everything": _all_zip,
}
"""The downloads for a face, by the name on the button."""
