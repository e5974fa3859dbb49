"""What a head's mesh files hold: GLB, OBJ with MTL and PNG, PLY, STL."""

import io
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import trimesh
from PIL import Image
from trimesh.exchange.ply import export_ply
from trimesh.exchange.stl import export_stl

from dasl.arrays import FloatArray
from dasl.export.gltf import Animation, glb_bytes
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.head.mesh import split_expression_basis
from dasl.head.surface import Surface, head_surface
from dasl.texture.roughness import roughness_map

Contents = dict[str, bytes]
"""Suffix, such as ".obj", -> what the file of that suffix holds."""

JPEG_QUALITY = 90
STL_UNITS_PER_METRE = 1000.0
"""STL names no unit; whatever opens it takes millimetres."""


def glb(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """The head at rest with its morph targets, set to the expression unless neutral."""
    return {".glb": head_glb(head, options)}


def head_glb(head: TexturedHead, options: HeadOptions, animation: Animation | None = None) -> bytes:
    """The GLB file of a head, which may move."""
    basis = split_expression_basis(head.model, options.part, options.subdivisions)
    basis = head.aligned(basis, options.align) * np.float32(head.size_factor(options.ipd_mm))
    return glb_bytes(
        mesh=head.shaped_mesh(replace(options, neutral=True)),
        texture=jpeg_bytes(head.texture(options.texture_size, options.light)),
        roughness=png_bytes(roughness_map(head.model)),
        morph_targets=dict(zip(head.model.expression_names, basis, strict=True)),
        weights={} if options.neutral else head.expression,
        animation=animation,
    )


def obj(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """Vertices stay unsplit: texture coordinates have an index of their own.

    The picture is no plain NAME.png: beside the photo that would be the photo's own name.
    """
    surface, split = _surface(head, options), head.shaped_mesh(options)
    one_uv = _one_uv_of_vertex(surface)
    lines = [f"mtllib {name}.mtl", "o head", "usemtl skin"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in split.vertices[one_uv]]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in split.uv]
    lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in split.normals[one_uv]]
    corners, corners_uv = (surface.closed_triangles + 1).tolist(), (split.triangles + 1).tolist()
    lines += [
        "f " + " ".join(f"{v}/{t}/{v}" for v, t in zip(vertices, uvs, strict=True))
        for vertices, uvs in zip(corners, corners_uv, strict=True)
    ]
    material = f"newmtl skin\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {name}.texture.png\n"
    return {
        ".obj": ("\n".join(lines) + "\n").encode(),
        ".mtl": material.encode(),
        ".texture.png": png_bytes(head.texture(options.texture_size, options.light)),
    }


def ply(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """Unsplit vertices, each with the texture's colour there."""
    surface = _surface(head, options)
    one_uv = _one_uv_of_vertex(surface)
    split = head.shaped_mesh(options)
    mesh = trimesh.Trimesh(
        vertices=split.vertices[one_uv],
        faces=surface.closed_triangles,
        vertex_colors=_colours_at(
            split.uv[one_uv], head.texture(options.texture_size, options.light)
        ),
        process=False,
    )
    return {".ply": export_ply(mesh)}


def stl(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """Shape alone, in millimetres."""
    mesh = trimesh.Trimesh(
        vertices=_unsplit_vertices(head, options) * STL_UNITS_PER_METRE,
        faces=_surface(head, options).closed_triangles,
        process=False,
    )
    return {".stl": export_stl(mesh)}


def jpeg_bytes(picture: npt.NDArray[np.uint8]) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file that keeps its colours' resolution."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def png_bytes(picture: npt.NDArray[np.uint8]) -> bytes:
    """(H, W, 3) uint8 RGB as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def _surface(head: TexturedHead, options: HeadOptions) -> Surface:
    return head_surface(head.model, options.part, options.subdivisions)


def _one_uv_of_vertex(surface: Surface) -> npt.NDArray[np.int64]:
    """For each vertex of `closed_triangles` one row of the split mesh: (N,), or (N + 1,)."""
    one_uv = np.zeros(len(surface.kept), dtype=np.int64)
    one_uv[surface.uv_vertex] = np.arange(len(surface.uv))
    if not len(surface.rim):
        return one_uv
    return np.append(one_uv, len(surface.uv) + len(surface.rim))


def _unsplit_vertices(head: TexturedHead, options: HeadOptions) -> FloatArray:
    return head.shaped_mesh(options).vertices[_one_uv_of_vertex(_surface(head, options))]


def _colours_at(uv: FloatArray, texture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(N, 3), the texture at coordinates (N, 2), v up."""
    position = uv * len(texture)
    column = (position[:, 0] - 0.5).astype(np.float32)
    row = (len(texture) - position[:, 1] - 0.5).astype(np.float32)
    # in one column: cv2.remap takes at most 32,767 columns
    colours = cv2.remap(texture, column[:, None], row[:, None], cv2.INTER_LINEAR)
    return np.asarray(colours[:, 0], dtype=np.uint8)
