"""USDZ, which Apple's viewers open: textured meshes, written by Pixar's own library.

That library (PyPI `usd-core`) is optional. The expression is baked in: blend shapes in USD need a
skeleton, which this head does not have; GLB holds them.
Specification: https://openusd.org/release/spec_usdz.html and spec_usdpreviewsurface.html
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dasl.errors import ExportError
from dasl.export.gltf import ROUGHNESS
from dasl.export.hair.hair import HAIR_ROUGHNESS
from dasl.export.mesh_files import Contents, jpeg_bytes
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.head.mesh import SplitMesh

if TYPE_CHECKING:
    from pxr import Usd, UsdGeom, UsdShade

_HEAD = "/head"


class _Part(NamedTuple):
    """A mesh with its picture; their names are those of prims and file."""

    mesh_name: str
    material_name: str
    mesh: SplitMesh
    texture: bytes
    roughness: float

    @property
    def picture(self) -> str:
        return f"{self.material_name}.jpg"


def usdz(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """The textured head with its expression.

    Raises:
        ExportError: `usd-core` is not installed, or cannot write the package.
    """
    try:
        from pxr import Tf
    except ImportError as error:
        raise ExportError(
            "cannot write .usdz without the package usd-core; install it with: "
            "pip install usd-core, or choose .glb"
        ) from error
    size = options.texture_size
    parts = [
        _Part("mesh", "skin", head.shaped_mesh(options), jpeg_bytes(head.texture(size)), ROUGHNESS)
    ]
    if (hair := head.chosen_hair(options)) is not None:
        mesh, texture = head.shaped_hair(hair, options), jpeg_bytes(hair.texture(size))
        parts.append(_Part("hair", "hair_material", mesh, texture, HAIR_ROUGHNESS))
    try:
        with tempfile.TemporaryDirectory() as temporary:
            return {".usdz": _packed(parts, Path(temporary))}
    except (OSError, Tf.ErrorException) as error:
        raise ExportError(
            f"cannot pack the .usdz in {tempfile.gettempdir()}: {error}; free some space there, "
            "or choose .glb"
        ) from error


def _packed(parts: Sequence[_Part], folder: Path) -> bytes:
    """The package, made in an empty folder: the library reads and writes files only."""
    from pxr import Sdf, Usd, UsdUtils

    for part in parts:
        (folder / part.picture).write_bytes(part.texture)
    stage = Usd.Stage.CreateNew(str(folder / "head.usdc"))
    _describe_head(stage, parts)
    stage.Save()
    package = folder / "head.usdz"
    if not UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(folder / "head.usdc")), str(package)):
        raise OSError("usd-core made no package")
    return package.read_bytes()


def _describe_head(stage: "Usd.Stage", parts: Sequence[_Part]) -> None:
    from pxr import UsdGeom, UsdShade

    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, _HEAD).GetPrim())
    for part in parts:
        mesh = _define_mesh(stage, part.mesh_name, part.mesh)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(_define_material(stage, part))


def _define_mesh(stage: "Usd.Stage", name: str, split: SplitMesh) -> "UsdGeom.Mesh":
    from pxr import Sdf, UsdGeom, Vt

    mesh = UsdGeom.Mesh.Define(stage, f"{_HEAD}/{name}")
    points = np.ascontiguousarray(split.vertices)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateExtentAttr(
        Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)]))
    )
    counts = np.full(len(split.triangles), 3, dtype=np.int32)
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(counts))
    corners = split.triangles.ravel().astype(np.int32)
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(corners))
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(split.normals)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateDoubleSidedAttr(True)  # teeth are open behind
    coordinates = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
        "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
    )
    coordinates.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(split.uv)))
    return mesh


def _define_material(stage: "Usd.Stage", part: _Part) -> "UsdShade.Material":
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    path = f"{_HEAD}/{part.material_name}"
    material = UsdShade.Material.Define(stage, path)
    reader = UsdShade.Shader.Define(stage, f"{path}/coordinates")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    texture = UsdShade.Shader.Define(stage, f"{path}/texture")
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", types.Asset).Set(part.picture)
    texture.CreateInput("sourceColorSpace", types.Token).Set("sRGB")
    for axis in ("wrapS", "wrapT"):
        texture.CreateInput(axis, types.Token).Set("clamp")
    at = reader.CreateOutput("result", types.Float2)
    texture.CreateInput("st", types.Float2).ConnectToSource(at)
    surface = UsdShade.Shader.Define(stage, f"{path}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    surface.CreateInput("roughness", types.Float).Set(part.roughness)
    surface.CreateInput("metallic", types.Float).Set(0.0)
    colour = texture.CreateOutput("rgb", types.Float3)
    surface.CreateInput("diffuseColor", types.Color3f).ConnectToSource(colour)
    material.CreateSurfaceOutput().ConnectToSource(surface.CreateOutput("surface", types.Token))
    return material
