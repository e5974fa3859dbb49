"""USDZ for Apple's viewers: textured meshes, written by Pixar's library.

The library (PyPI `usd-core`) is optional. The expression is baked in, since blend shapes in USD
need a skeleton, which this head does not have. Use GLB for morph targets.
Specification: https://openusd.org/release/spec_usdz.html and spec_usdpreviewsurface.html
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dasl.errors import ExportError
from dasl.export.hair.hair import HAIR_ROUGHNESS
from dasl.export.mesh_files import Contents, jpeg_bytes, roughness_png, strand_normals
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.head.mesh import SplitMesh

if TYPE_CHECKING:
    from pxr import Usd, UsdGeom, UsdShade

_HEAD = "/head"


class _Part(NamedTuple):
    """A mesh with its images; the names are used for prims and files.

    Roughness is a number or an encoded image with it in the green channel. `relief` is an encoded
    tangent-space normal map, None for a smooth surface.
    """

    mesh_name: str
    material_name: str
    mesh: SplitMesh
    texture: bytes
    roughness: float | bytes
    relief: bytes | None = None

    @property
    def path(self) -> str:
        return f"{_HEAD}/{self.material_name}"

    @property
    def texture_name(self) -> str:
        return f"{self.material_name}.jpg"

    @property
    def roughness_name(self) -> str:
        return f"{self.material_name}_roughness.png"

    @property
    def relief_name(self) -> str:
        return f"{self.material_name}_relief.jpg"


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
    texture = jpeg_bytes(head.texture(options.texture_size, options.light))
    roughness = roughness_png(head.model)
    parts = [_Part("mesh", "skin", head.shaped_mesh(options), texture, roughness)]
    if (hair := head.chosen_hair(options)) is not None:
        mesh, texture = (
            head.shaped_hair(hair, options),
            jpeg_bytes(head.hair_texture(hair, options)),
        )
        parts.append(
            _Part("hair", "hair_material", mesh, texture, HAIR_ROUGHNESS, strand_normals())
        )
    try:
        with tempfile.TemporaryDirectory() as temporary:
            return {".usdz": _packed(parts, Path(temporary))}
    except (OSError, Tf.ErrorException) as error:
        raise ExportError(
            f"cannot pack the .usdz in {tempfile.gettempdir()}: {error}; free some space there, "
            "or choose .glb"
        ) from error


def _packed(parts: Sequence[_Part], folder: Path) -> bytes:
    """Make the package in an empty folder, since the library reads and writes files only."""
    from pxr import Sdf, Usd, UsdUtils

    for part in parts:
        (folder / part.texture_name).write_bytes(part.texture)
        if isinstance(part.roughness, bytes):
            (folder / part.roughness_name).write_bytes(part.roughness)
        if part.relief is not None:
            (folder / part.relief_name).write_bytes(part.relief)
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
    mesh.CreateDoubleSidedAttr(True)  # teeth are open at the back
    coordinates = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
        "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
    )
    coordinates.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(split.uv)))
    return mesh


def _define_material(stage: "Usd.Stage", part: _Part) -> "UsdShade.Material":
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    material = UsdShade.Material.Define(stage, part.path)
    reader = UsdShade.Shader.Define(stage, f"{part.path}/coordinates")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    at = reader.CreateOutput("result", types.Float2)
    texture = _define_texture(stage, f"{part.path}/texture", part.texture_name, "sRGB", at)
    surface = UsdShade.Shader.Define(stage, f"{part.path}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    roughness = surface.CreateInput("roughness", types.Float)
    if isinstance(part.roughness, bytes):
        path = f"{part.path}/roughness"
        picture = _define_texture(stage, path, part.roughness_name, "raw", at)
        roughness.ConnectToSource(picture.CreateOutput("g", types.Float))
    else:
        roughness.Set(part.roughness)
    if part.relief is not None:
        picture = _define_texture(stage, f"{part.path}/relief", part.relief_name, "raw", at)
        picture.CreateInput("scale", types.Float4).Set((2.0, 2.0, 2.0, 1.0))  # 0..1 to -1..1
        picture.CreateInput("bias", types.Float4).Set((-1.0, -1.0, -1.0, 0.0))
        normal = surface.CreateInput("normal", types.Normal3f)
        normal.ConnectToSource(picture.CreateOutput("rgb", types.Float3))
    surface.CreateInput("metallic", types.Float).Set(0.0)
    colour = texture.CreateOutput("rgb", types.Float3)
    surface.CreateInput("diffuseColor", types.Color3f).ConnectToSource(colour)
    material.CreateSurfaceOutput().ConnectToSource(surface.CreateOutput("surface", types.Token))
    return material


def _define_texture(
    stage: "Usd.Stage", path: str, file: str, colour_space: str, at: "UsdShade.Output"
) -> "UsdShade.Shader":
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    texture = UsdShade.Shader.Define(stage, path)
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", types.Asset).Set(f"./{file}")  # else the packer looks elsewhere
    texture.CreateInput("sourceColorSpace", types.Token).Set(colour_space)
    for axis in ("wrapS", "wrapT"):
        texture.CreateInput(axis, types.Token).Set("clamp")
    texture.CreateInput("st", types.Float2).ConnectToSource(at)
    return texture
