"""Contents of a head's mesh files: GLB, OBJ with MTL and PNG, PLY, STL."""

import io
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.arrays import FloatArray
from dasl.export.gltf import Animation, MeshPart, Relief, glb_bytes
from dasl.export.hair.hair import HAIR_ROUGHNESS, Hair
from dasl.export.hair.relief import relief_tangents, strand_relief
from dasl.export.morph_targets import MorphTarget, head_morph_targets, morph_target
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.geometry.resample import read_at
from dasl.head.mesh import SplitMesh
from dasl.head.morphable_model import MorphableModel
from dasl.head.surface import Surface, head_surface
from dasl.runtime.background import started
from dasl.texture.roughness import roughness_map

Contents = dict[str, bytes]
"""Suffix, such as ".obj" -> content of the file with that suffix."""

JPEG_QUALITY, RELIEF_QUALITY = 88, 85
STL_UNITS_PER_METRE = 1000.0
"""STL has no unit; most programs assume millimetres."""


def glb(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """GLB: the neutral head with morph targets, set to the expression unless neutral."""
    return {".glb": head_glb(head, options)}


def head_glb(head: TexturedHead, options: HeadOptions, animation: Animation | None = None) -> bytes:
    """The GLB file of a head, optionally animated."""
    names = head.model.expression_names
    skin, *attached = head_parts(head, options)
    assert isinstance(skin.roughness, bytes)
    return glb_bytes(
        mesh=skin.mesh,
        texture=skin.texture,
        roughness=skin.roughness,
        morph_targets=skin.morph_targets,
        weights=dict(zip(names, head.weights(options).tolist(), strict=True)),
        animation=animation,
        attached=attached,
    )


def head_parts(head: TexturedHead, options: HeadOptions) -> list[MeshPart]:
    """The neutral head with its morph targets, then its hair if the options include it."""
    names, size = head.model.expression_names, np.float32(head.size_factor(options.ipd_mm))
    neutral = replace(options, neutral=True)
    targets = head_morph_targets(head.model, options.part, options.subdivisions)
    if options.align != "head" or size != 1.0:
        targets = tuple(
            MorphTarget(target.rows, head.aligned(target.offsets, options.align) * size)
            for target in targets
        )
    coming = None
    if options.hair and options.part == "head":
        head.cut_person_out()
        coming = started(_hair_with_texture, head, options)
    texture = started(jpeg_bytes, head.texture(options.texture_size, options.light))
    skin = MeshPart(
        "head",
        head.shaped_mesh(neutral),
        texture.result(),
        dict(zip(names, targets, strict=True)),
        roughness_png(head.model),
    )
    if coming is None or (hair := coming.result()) is None:
        return [skin]
    moves = hair.displacements(head.model.expression_basis)
    moves = head.aligned(moves, options.align) * size
    return [
        skin,
        MeshPart(
            "hair",
            head.shaped_hair(hair, neutral),
            jpeg_bytes(head.hair_texture(hair, options)),
            dict(zip(names, map(morph_target, moves), strict=True)),
            HAIR_ROUGHNESS,
            _strands(hair, head, options),
        ),
    ]


def _strands(hair: Hair, head: TexturedHead, options: HeadOptions) -> Relief:
    tangents = relief_tangents(hair.mesh.uv)
    tangents[:, :3] = head.aligned(tangents[:, :3], options.align)
    return Relief(strand_normals(), tangents)


@lru_cache(maxsize=1)
def strand_normals() -> bytes:
    """`strand_relief` as a JPEG file; cached."""
    buffer = io.BytesIO()
    picture = Image.fromarray(strand_relief())
    picture.save(buffer, "JPEG", quality=RELIEF_QUALITY, subsampling=0, optimize=True)
    return buffer.getvalue()


def _hair_with_texture(head: TexturedHead, options: HeadOptions) -> Hair | None:
    """The chosen hair; its texture is kept for later."""
    hair = head.chosen_hair(options)
    if hair is not None:
        hair.texture(options.texture_size)
    return hair


def obj(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """OBJ with unsplit vertices, since texture coordinates have their own indices.

    The image is not named NAME.png, which could overwrite the photo.
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
    materials = _mtl("skin", f"{name}.texture.png")
    pictures = {".texture.png": png_bytes(head.texture(options.texture_size, options.light))}
    if (hair := head.chosen_hair(options)) is not None:
        first = np.array([len(one_uv), len(split.uv), len(one_uv)]) + 1
        lines += _obj_object("hair", head.shaped_hair(hair, options), first)
        materials += _mtl("hair", f"{name}.hair.png")
        pictures[".hair.png"] = png_bytes(head.hair_texture(hair, options))
    return {
        ".obj": ("\n".join(lines) + "\n").encode(),
        ".mtl": materials.encode(),
        **pictures,
    }


def _obj_object(name: str, mesh: SplitMesh, first: npt.NDArray[np.int64]) -> list[str]:
    """Lines of a further object; vertices, coordinates and normals are numbered from `first`."""
    lines = [f"o {name}", f"usemtl {name}"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in mesh.vertices]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in mesh.uv]
    lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in mesh.normals]
    corners = (mesh.triangles[..., None] + first).tolist()
    return lines + ["f " + " ".join(f"{v}/{t}/{n}" for v, t, n in triangle) for triangle in corners]


def _mtl(name: str, picture: str) -> str:
    return f"newmtl {name}\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {picture}\n"


def ply(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """PLY with unsplit vertices, coloured from the texture."""
    surface = _surface(head, options)
    one_uv = _one_uv_of_vertex(surface)
    split = head.shaped_mesh(options)
    vertices, triangles = split.vertices[one_uv], surface.closed_triangles
    texture = head.texture(options.texture_size, options.light)
    colours = _colours_at(split.uv[one_uv], texture)
    if (hair := head.chosen_hair(options)) is not None:
        mesh = head.shaped_hair(hair, options)
        triangles = np.concatenate([triangles, mesh.triangles + len(vertices)])
        vertices = np.concatenate([vertices, mesh.vertices])
        of_hair = _colours_at(mesh.uv, head.hair_texture(hair, options))
        colours = np.concatenate([colours, of_hair])
    import trimesh
    from trimesh.exchange.ply import export_ply

    whole = trimesh.Trimesh(vertices, triangles, vertex_colors=colours, process=False)
    return {".ply": export_ply(whole)}


def stl(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """STL: shape only, in millimetres."""
    vertices, triangles = _unsplit_vertices(head, options), _surface(head, options).closed_triangles
    if (hair := head.chosen_hair(options)) is not None:
        mesh = head.shaped_hair(hair, options)
        triangles = np.concatenate([triangles, mesh.triangles + len(vertices)])
        vertices = np.concatenate([vertices, mesh.vertices])
    import trimesh
    from trimesh.exchange.stl import export_stl

    whole = trimesh.Trimesh(vertices * STL_UNITS_PER_METRE, triangles, process=False)
    return {".stl": export_stl(whole)}


def jpeg_bytes(picture: npt.NDArray[np.uint8]) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def png_bytes(picture: npt.NDArray[np.uint8]) -> bytes:
    """(H, W, 3) uint8 RGB as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


@lru_cache(maxsize=2)
def roughness_png(model: MorphableModel) -> bytes:
    """The model's `roughness_map` as a PNG file; cached."""
    return png_bytes(roughness_map(model))


def _surface(head: TexturedHead, options: HeadOptions) -> Surface:
    return head_surface(head.model, options.part, options.subdivisions)


def _one_uv_of_vertex(surface: Surface) -> npt.NDArray[np.int64]:
    """For each vertex of `closed_triangles`, one row of the split mesh: (N,), or (N + 1,)."""
    one_uv = np.zeros(len(surface.kept), dtype=np.int64)
    one_uv[surface.uv_vertex] = np.arange(len(surface.uv))
    if not len(surface.rim):
        return one_uv
    return np.append(one_uv, len(surface.uv) + len(surface.rim))


def _unsplit_vertices(head: TexturedHead, options: HeadOptions) -> FloatArray:
    return head.shaped_mesh(options).vertices[_one_uv_of_vertex(_surface(head, options))]


def _colours_at(uv: FloatArray, texture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Sample the texture at coordinates (N, 2), v up: (N, 3)."""
    height, width = texture.shape[:2]
    column = (uv[:, 0] * width - 0.5).astype(np.float32)
    row = ((1.0 - uv[:, 1]) * height - 0.5).astype(np.float32)
    return read_at(texture, column, row)
