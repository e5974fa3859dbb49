"""GLB (binary glTF 2.0) with a texture, named morph targets and an animation.

Does not use trimesh, which drops morph targets. Specification:
https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.export.morph_targets import MorphTarget
from dasl.head.mesh import SplitMesh

MAGIC, VERSION = 0x46546C67, 2
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
COMPONENT = {"uint16": 5123, "uint32": 5125, "float32": 5126}
VERTEX_BUFFER, INDEX_BUFFER = 34962, 34963
_STILL = np.zeros((1, 3), dtype=np.float32)

Json = dict[str, Any]


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
class MeshPart:
    """A mesh with its own texture and material, and the same morph targets as the head.

    Attributes:
        name: of its node, mesh and material.
        mesh: neutral (weights 0), metres, y up.
        texture: an encoded JPEG or PNG image.
        morph_targets: name -> displacements.
        roughness: of the material, 0..1; or an encoded image with it in the green channel.
    """

    name: str
    mesh: SplitMesh
    texture: bytes
    morph_targets: Mapping[str, MorphTarget]
    roughness: float | bytes


class _Buffer:
    """Builder of the binary chunk and its buffer views, accessors and images."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[Json] = []
        self.accessors: list[Json] = []
        self.images: list[Json] = []

    def add_view(self, content: bytes, target: int | None = None) -> int:
        self.data.extend(b"\0" * (-len(self.data) % 4))
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(content)}
        self.views.append(view if target is None else view | {"target": target})
        self.data.extend(content)
        return len(self.views) - 1

    def add_image(self, picture: bytes) -> int:
        self.images.append({"bufferView": self.add_view(picture), "mimeType": _mime_type(picture)})
        return len(self.images) - 1

    def add_accessor(self, values: npt.NDArray[Any], target: int | None = None) -> int:
        kinds = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
        width = 1 if values.ndim == 1 else values.shape[1]
        accessor = {
            "bufferView": self.add_view(values.tobytes(), target),
            "componentType": COMPONENT[values.dtype.name],
            "count": len(values),
            "type": kinds[width],
        }
        return self._append(accessor | _bounds(values))

    def add_morph_target(self, target: MorphTarget, count: int) -> int:
        """Add a sparse accessor: of `count` vertices, only those that move are stored."""
        index = target.rows.astype(_index_type(count))
        sparse = {
            "count": len(index),
            "indices": {
                "bufferView": self.add_view(index.tobytes()),
                "componentType": COMPONENT[index.dtype.name],
            },
            "values": {"bufferView": self.add_view(target.offsets.tobytes())},
        }
        accessor = {"componentType": COMPONENT["float32"], "count": count, "type": "VEC3"}
        moved = target.offsets if len(index) == count else np.append(target.offsets, _STILL, axis=0)
        return self._append(accessor | _bounds(moved) | {"sparse": sparse})

    def _append(self, accessor: Json) -> int:
        self.accessors.append(accessor)
        return len(self.accessors) - 1


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
    buffer = _Buffer()
    head = MeshPart(name, mesh, texture, morph_targets, roughness)
    parts = [head, *attached]
    meshes = [_mesh(buffer, part, row, weights) for row, part in enumerate(parts)]
    moves = {} if animation is None else {"animations": [_animation(buffer, animation, len(parts))]}
    return _container(_document(buffer, parts, meshes) | moves, bytes(buffer.data))


def _mesh(buffer: _Buffer, part: MeshPart, material: int, weights: Mapping[str, float]) -> Json:
    mesh = part.mesh
    primitive = {
        "attributes": {
            "POSITION": buffer.add_accessor(mesh.vertices, VERTEX_BUFFER),
            "NORMAL": buffer.add_accessor(mesh.normals, VERTEX_BUFFER),
            "TEXCOORD_0": buffer.add_accessor(_texture_coordinates(mesh.uv), VERTEX_BUFFER),
        },
        "indices": buffer.add_accessor(
            mesh.triangles.ravel().astype(_index_type(len(mesh.vertices))), INDEX_BUFFER
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


def _animation(buffer: _Buffer, animation: Animation, parts: int) -> Json:
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


def _document(buffer: _Buffer, parts: Sequence[MeshPart], meshes: list[Json]) -> Json:
    nodes: list[Json] = [{"name": part.name, "mesh": row} for row, part in enumerate(parts)]
    if len(parts) > 1:
        nodes[0]["children"] = list(range(1, len(parts)))
    materials = [
        _material(buffer, part, "skin" if row == 0 else part.name) for row, part in enumerate(parts)
    ]
    return {
        "asset": {"version": "2.0", "generator": "dasl"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "textures": [{"sampler": 0, "source": source} for source in range(len(buffer.images))],
        "images": buffer.images,
        # linear with mipmaps; clamped to the edge
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        "buffers": [{"byteLength": len(buffer.data)}],
        "bufferViews": buffer.views,
        "accessors": buffer.accessors,
    }


def _material(buffer: _Buffer, part: MeshPart, name: str) -> Json:
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
    return {"name": name, "pbrMetallicRoughness": surface, "doubleSided": True}


def _container(document: Json, binary: bytes) -> bytes:
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
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


def _bounds(values: npt.NDArray[Any]) -> Json:
    columns = np.ascontiguousarray(np.atleast_2d(values.T))  # rows of three reduce slowly
    return {"min": columns.min(axis=1).tolist(), "max": columns.max(axis=1).tolist()}


def _index_type(count: int) -> type[np.unsignedinteger[Any]]:
    return np.uint16 if count <= 65_535 else np.uint32


def _mime_type(texture: bytes) -> str:
    return "image/png" if texture.startswith(b"\x89PNG") else "image/jpeg"
