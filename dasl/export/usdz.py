"""USDZ, which Apple's viewers open: one textured mesh, written by Pixar's own library.

That library (PyPI `usd-core`) is optional. The expression is baked in: blend shapes in USD need a
skeleton, which this head does not have; GLB holds them.
Specification: https://openusd.org/release/spec_usdz.html and spec_usdpreviewsurface.html
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dasl.errors import ExportError
from dasl.export.mesh_files import Contents, jpeg_bytes, png_bytes
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.head.mesh import SplitMesh
from dasl.texture.roughness import roughness_map

if TYPE_CHECKING:
    from pxr import Usd, UsdGeom, UsdShade

_TEXTURE_NAME, _ROUGHNESS_NAME = "skin.jpg", "roughness.png"
_HEAD, _MESH, _MATERIAL = "/head", "/head/mesh", "/head/skin"


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
    roughness = png_bytes(roughness_map(head.model))
    split = head.shaped_mesh(options)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            return {".usdz": _packed(split, texture, roughness, Path(temporary))}
    except (OSError, Tf.ErrorException) as error:
        raise ExportError(
            f"cannot pack the .usdz in {tempfile.gettempdir()}: {error}; free some space there, "
            "or choose .glb"
        ) from error


def _packed(split: SplitMesh, texture: bytes, roughness: bytes, folder: Path) -> bytes:
    """The package, made in an empty folder: the library reads and writes files only."""
    from pxr import Sdf, Usd, UsdUtils

    (folder / _TEXTURE_NAME).write_bytes(texture)
    (folder / _ROUGHNESS_NAME).write_bytes(roughness)
    stage = Usd.Stage.CreateNew(str(folder / "head.usdc"))
    _describe_head(stage, split)
    stage.Save()
    package = folder / "head.usdz"
    if not UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(folder / "head.usdc")), str(package)):
        raise OSError("usd-core made no package")
    return package.read_bytes()


def _describe_head(stage: "Usd.Stage", split: SplitMesh) -> None:
    from pxr import UsdGeom, UsdShade

    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, _HEAD).GetPrim())
    mesh = _define_mesh(stage, split)
    UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(_define_skin(stage))


def _define_mesh(stage: "Usd.Stage", split: SplitMesh) -> "UsdGeom.Mesh":
    from pxr import Sdf, UsdGeom, Vt

    mesh = UsdGeom.Mesh.Define(stage, _MESH)
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


def _define_skin(stage: "Usd.Stage") -> "UsdShade.Material":
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    skin = UsdShade.Material.Define(stage, _MATERIAL)
    reader = UsdShade.Shader.Define(stage, f"{_MATERIAL}/coordinates")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    at = reader.CreateOutput("result", types.Float2)
    texture = _define_texture(stage, "texture", _TEXTURE_NAME, "sRGB", at)
    roughness = _define_texture(stage, "roughness", _ROUGHNESS_NAME, "raw", at)
    surface = UsdShade.Shader.Define(stage, f"{_MATERIAL}/surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    green = roughness.CreateOutput("g", types.Float)
    surface.CreateInput("roughness", types.Float).ConnectToSource(green)
    surface.CreateInput("metallic", types.Float).Set(0.0)
    colour = texture.CreateOutput("rgb", types.Float3)
    surface.CreateInput("diffuseColor", types.Color3f).ConnectToSource(colour)
    skin.CreateSurfaceOutput().ConnectToSource(surface.CreateOutput("surface", types.Token))
    return skin


def _define_texture(
    stage: "Usd.Stage", name: str, file: str, colour_space: str, at: "UsdShade.Output"
) -> "UsdShade.Shader":
    from pxr import Sdf, UsdShade

    types = Sdf.ValueTypeNames
    texture = UsdShade.Shader.Define(stage, f"{_MATERIAL}/{name}")
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", types.Asset).Set(file)
    texture.CreateInput("sourceColorSpace", types.Token).Set(colour_space)
    for axis in ("wrapS", "wrapT"):
        texture.CreateInput(axis, types.Token).Set("clamp")
    texture.CreateInput("st", types.Float2).ConnectToSource(at)
    return texture
