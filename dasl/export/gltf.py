"""GLB (binary glTF 2.0) with a texture, named morph targets and an animation.

Does not use trimesh, which drops morph targets. Specification:
https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray
from dasl.export.gltf_buffer import INDEX_BUFFER, VERTEX_BUFFER, GltfBuffer, Json, index_type
from dasl.export.gltf_rig import Rig, add_skin, bone_nodes, skin_attributes
from dasl.export.morph_targets import MorphTarget
from dasl.head.mesh import SplitMesh

MAGIC, VERSION = 0x46546C67, 2
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942


@dataclass(frozen=True, eq=False)
class Animation:
    """Animation of a head, with linear interpolation between keyframes.

    Attributes:
        name: shown by players.
        times_s: (N,) float32, times of the keyframes, increasing.
        channels: property -> float32 values at the keyframes: "rotation" (N, 4) quaternions x, y,
            z, w; "translation" (N, 3) metres; "scale" (N, 3); "weights" (N * M,), all M morph
            targets of the first keyframe, then of the second, and so on.
    """

    name: str
    times_s: FloatArray
    channels: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Relief:
    """Relief of a surface, which changes its shading.

    Attributes:
        normals: an encoded tangent-space normal map.
        tangents: (U, 4) float32, per vertex of the mesh; the fourth is the bitangent's sign.
    """

    normals: bytes
    tangents: FloatArray


@dataclass(frozen=True, eq=False)
class MeshPart:
    """A mesh with its own texture and material, and the same morph targets as the head.

    Attributes:
        name: of its node, mesh and material.
        mesh: neutral (weights 0), metres, y up.
        texture: an encoded JPEG or PNG image.
        morph_targets: name -> displacements.
        roughness: of the material, 0..1; or an encoded image with it in the green channel.
        relief: None for a smooth surface.
        joint_weights: (U, J) float32, rows sum to 1: how much each vertex follows each joint of
            the rig; None without a rig.
    """

    name: str
    mesh: SplitMesh
    texture: bytes
    morph_targets: Mapping[str, MorphTarget]
    roughness: float | bytes
    relief: Relief | None = None
    joint_weights: FloatArray | None = None


def glb_bytes(
    mesh: SplitMesh,
    texture: bytes,
    roughness: bytes,
    morph_targets: Mapping[str, MorphTarget],
    weights: Mapping[str, float],
    animation: Animation | None = None,
    name: str = "head",
    attached: Sequence[MeshPart] = (),
) -> bytes:
    """Make a GLB file with a neutral mesh, its texture, morph targets and animation.

    Args:
        mesh: neutral (weights 0), metres, y up.
        texture: an encoded JPEG or PNG image.
        roughness: an encoded image with the roughness in its green channel.
        morph_targets: name -> displacements; the names are written to
            `mesh.extras.targetNames`, where three.js, Babylon.js and Blender read them.
        weights: name -> initial weight; missing names are 0.
        animation: of the head; None for a static head.
        name: of the node and the mesh.
        attached: child nodes of the head's node, which move with it and have the same weights.
    """
    parts = [MeshPart(name, mesh, texture, morph_targets, roughness), *attached]
    buffer = GltfBuffer()
    nodes = _mesh_nodes(parts)
    if attached:
        nodes[0]["children"] = list(range(1, len(parts)))
    document = _document(buffer, parts, weights) | {"nodes": nodes, "scenes": [{"nodes": [0]}]}
    if animation is not None:
        document["animations"] = [_animation(buffer, animation, len(parts))]
    return _container(document, buffer)


def rigged_glb_bytes(parts: Sequence[MeshPart], rig: Rig, extensions: Mapping[str, Json]) -> bytes:
    """Make a GLB file with meshes that follow the bones of a rig.

    Args:
        parts: with joint weights. Part i is node i, the bones follow: bone k is node
            len(parts) + k.
        rig: the bones.
        extensions: name -> content, of the document.
    """
    buffer = GltfBuffer()
    nodes = [node | {"skin": 0} for node in _mesh_nodes(parts)]
    roots = [len(parts) + bone for bone, parent in enumerate(rig.parents) if parent is None]
    document = _document(buffer, parts, {}) | {
        "nodes": nodes + bone_nodes(rig, len(parts)),
        "scenes": [{"nodes": [*range(len(parts)), *roots]}],
        "skins": [add_skin(buffer, rig, len(parts))],
        "extensionsUsed": list(extensions),
        "extensions": dict(extensions),
    }
    return _container(document, buffer)


def _mesh(buffer: GltfBuffer, part: MeshPart, material: int, weights: Mapping[str, float]) -> Json:
    mesh = part.mesh
    weighted, relief = part.joint_weights, part.relief
    primitive = {
        "attributes": {
            "POSITION": buffer.add_accessor(mesh.vertices, VERTEX_BUFFER),
            "NORMAL": buffer.add_accessor(mesh.normals, VERTEX_BUFFER),
            "TEXCOORD_0": buffer.add_accessor(_texture_coordinates(mesh.uv), VERTEX_BUFFER),
            **({} if relief is None else _tangents(buffer, relief)),
            **({} if weighted is None else skin_attributes(buffer, weighted)),
        },
        "indices": buffer.add_accessor(
            mesh.triangles.ravel().astype(index_type(len(mesh.vertices))), INDEX_BUFFER
        ),
        "material": material,
        "targets": [
            {"POSITION": buffer.add_morph_target(target, len(mesh.vertices))}
            for target in part.morph_targets.values()
        ],
    }
    return {
        "name": part.name,
        "primitives": [primitive],
        "weights": [float(weights.get(target, 0.0)) for target in part.morph_targets],
        "extras": {"targetNames": list(part.morph_targets)},
    }


def _tangents(buffer: GltfBuffer, relief: Relief) -> Json:
    return {"TANGENT": buffer.add_accessor(relief.tangents, VERTEX_BUFFER)}


def _animation(buffer: GltfBuffer, animation: Animation, parts: int) -> Json:
    """Attached parts are children of the head's node, so they need only its weights channel."""
    clock = buffer.add_accessor(animation.times_s)
    outputs = [buffer.add_accessor(values) for values in animation.channels.values()]
    return {
        "name": animation.name,
        "samplers": [{"input": clock, "output": output} for output in outputs],
        "channels": [
            {"sampler": index, "target": {"node": node, "path": path}}
            for index, path in enumerate(animation.channels)
            for node in range(parts if path == "weights" else 1)
        ],
    }


def _mesh_nodes(parts: Sequence[MeshPart]) -> list[Json]:
    return [{"name": part.name, "mesh": row} for row, part in enumerate(parts)]


def _document(buffer: GltfBuffer, parts: Sequence[MeshPart], weights: Mapping[str, float]) -> Json:
    """The document without nodes and scenes; `_container` adds what the buffer holds."""
    meshes = [_mesh(buffer, part, row, weights) for row, part in enumerate(parts)]
    materials = [
        _material(buffer, part, "skin" if row == 0 else part.name) for row, part in enumerate(parts)
    ]
    return {
        "asset": {"version": "2.0", "generator": "dasl"},
        "scene": 0,
        "meshes": meshes,
        "materials": materials,
        "textures": [{"sampler": 0, "source": source} for source in range(len(buffer.images))],
        # linear with mipmaps; clamped to the edge
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
    }


def _material(buffer: GltfBuffer, part: MeshPart, name: str) -> Json:
    """Add the part's images; texture indices equal image indices."""
    surface: Json = {
        "baseColorTexture": {"index": buffer.add_image(part.texture)},
        "metallicFactor": 0.0,
    }
    if isinstance(part.roughness, bytes):
        surface["roughnessFactor"] = 1.0
        surface["metallicRoughnessTexture"] = {"index": buffer.add_image(part.roughness)}
    else:
        surface["roughnessFactor"] = part.roughness
    # double-sided, since teeth are open at the back
    material = {"name": name, "pbrMetallicRoughness": surface, "doubleSided": True}
    if part.relief is not None:
        material["normalTexture"] = {"index": buffer.add_image(part.relief.normals)}
    return material


def _container(document: Json, buffer: GltfBuffer) -> bytes:
    stored = {
        "images": buffer.images,
        "buffers": [{"byteLength": len(buffer.data)}],
        "bufferViews": buffer.views,
        "accessors": buffer.accessors,
    }
    text = json.dumps(document | stored, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    binary = bytes(buffer.data) + b"\0" * (-len(buffer.data) % 4)
    length = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        [
            struct.pack("<III", MAGIC, VERSION, length),
            struct.pack("<II", len(text), JSON_CHUNK),
            text,
            struct.pack("<II", len(binary), BINARY_CHUNK),
            binary,
        ]
    )


def _texture_coordinates(uv: FloatArray) -> FloatArray:
    """Flip v, from upwards to glTF's downwards."""
    return np.stack([uv[:, 0], 1.0 - uv[:, 1]], axis=1).astype(np.float32)
