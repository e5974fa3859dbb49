"""Bones of a GLB file, and meshes that follow them."""

from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray
from dasl.export.gltf_buffer import VERTEX_BUFFER, GltfBuffer, Json

MOST_JOINTS = 4
"""Joints of a rig: glTF stores four weights for each vertex, here one for each joint."""


@dataclass(frozen=True, eq=False)
class Rig:
    """Bones at rest, none of them rotated.

    Attributes:
        names: of the B bones.
        parents: index of each bone's parent, or None for a root.
        positions: (B, 3) float32, scene, metres.
        joints: the bones, at most `MOST_JOINTS`, that meshes follow.
    """

    names: tuple[str, ...]
    parents: tuple[int | None, ...]
    positions: FloatArray
    joints: tuple[int, ...]


def bone_nodes(rig: Rig, first: int) -> list[Json]:
    """Nodes of the bones, the first of which has the index `first`."""
    nodes: list[Json] = [{"name": name} for name in rig.names]
    for bone, parent in enumerate(rig.parents):
        origin = np.zeros(3) if parent is None else rig.positions[parent].astype(np.float64)
        nodes[bone]["translation"] = (rig.positions[bone] - origin).round(6).tolist()
        if parent is not None:
            nodes[parent].setdefault("children", []).append(first + bone)
    return nodes


def add_skin(buffer: GltfBuffer, rig: Rig, first: int) -> Json:
    """The skin of the rig's joints; bone k is node `first` + k."""
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(rig.joints), 1, 1))
    inverse[:, 3, :3] = -rig.positions[list(rig.joints)]  # glTF stores columns
    return {
        "joints": [first + joint for joint in rig.joints],
        "inverseBindMatrices": buffer.add_accessor(inverse.reshape(-1, 16)),
    }


def skin_attributes(buffer: GltfBuffer, joint_weights: FloatArray) -> dict[str, int]:
    """Vertex attributes for the weights of a rig's joints, (U, J).

    Joints without a weight are 0, as the specification asks.
    """
    weights = np.zeros((len(joint_weights), MOST_JOINTS), dtype=np.float32)
    weights[:, : joint_weights.shape[1]] = joint_weights
    joints = np.where(weights > 0, np.arange(MOST_JOINTS), 0).astype(np.uint8)
    return {
        "JOINTS_0": buffer.add_accessor(joints, VERTEX_BUFFER),
        "WEIGHTS_0": buffer.add_accessor(weights, VERTEX_BUFFER),
    }
