"""The binary chunk of a GLB file, with its buffer views, accessors and images.

Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from dasl.export.morph_targets import MorphTarget

COMPONENT = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}
KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
VERTEX_BUFFER, INDEX_BUFFER = 34962, 34963

Json = dict[str, Any]


class GltfBuffer:
    """Builder of the binary chunk and its buffer views, accessors and images.

    Attributes:
        data: the binary chunk so far.
        views, accessors, images: entries of the document; each `add` method returns an index.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[Json] = []
        self.accessors: list[Json] = []
        self.images: list[Json] = []

    def add_view(self, content: bytes, target: int | None = None) -> int:
        """Add bytes, aligned to four."""
        self.data.extend(b"\0" * (-len(self.data) % 4))
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(content)}
        self.views.append(view if target is None else view | {"target": target})
        self.data.extend(content)
        return len(self.views) - 1

    def add_image(self, picture: bytes) -> int:
        """Add an encoded JPEG or PNG image."""
        self.images.append({"bufferView": self.add_view(picture), "mimeType": _mime_type(picture)})
        return len(self.images) - 1

    def add_accessor(self, values: npt.NDArray[Any], target: int | None = None) -> int:
        """Add values: (N,) scalars, or (N, W) vectors or 4 x 4 matrices, of type `COMPONENT`."""
        width = 1 if values.ndim == 1 else values.shape[1]
        accessor = {
            "bufferView": self.add_view(values.tobytes(), target),
            "componentType": COMPONENT[values.dtype.name],
            "count": len(values),
            "type": KINDS[width],
        }
        return self._append(accessor | _bounds(values))

    def add_morph_target(self, target: MorphTarget, count: int) -> int:
        """Add a sparse accessor: of `count` vertices, only those that move are stored."""
        index = target.rows.astype(index_type(count))
        sparse = {
            "count": len(index),
            "indices": {
                "bufferView": self.add_view(index.tobytes()),
                "componentType": COMPONENT[index.dtype.name],
            },
            "values": {"bufferView": self.add_view(target.offsets.tobytes())},
        }
        accessor = {"componentType": COMPONENT["float32"], "count": count, "type": "VEC3"}
        low, high = target.bounds
        if len(index) < count:
            low, high = low.clip(max=0.0), high.clip(min=0.0)
        bounds = {"min": low.tolist(), "max": high.tolist()}
        return self._append(accessor | bounds | {"sparse": sparse})

    def _append(self, accessor: Json) -> int:
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def _bounds(values: npt.NDArray[Any]) -> Json:
    columns = np.ascontiguousarray(np.atleast_2d(values.T))  # rows of three reduce slowly
    return {"min": columns.min(axis=1).tolist(), "max": columns.max(axis=1).tolist()}


def index_type(count: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type of an index into `count` vertices."""
    return np.uint16 if count <= 65_535 else np.uint32


def _mime_type(texture: bytes) -> str:
    return "image/png" if texture.startswith(b"\x89PNG") else "image/jpeg"
