"""A standing skeleton for a head: bones at a person's eyes, head and neck, and how skin follows.

The body has bones and no surface. Bones are those that VRM 1.0 requires, with chest, neck,
shoulders and eyes; they are at rest in VRM's T-pose.
"""

from dataclasses import dataclass

import numpy as np

from dasl.arrays import FloatArray
from dasl.export.gltf_rig import Rig
from dasl.geometry.smoothstep import smoothstep
from dasl.head.measures import eyeball_centres
from dasl.head.morphable_model import MorphableModel
from dasl.head.surface import head_surface

NECK_BASE_M = (0.0, 1.45, -0.02)
"""Where the open end of the neck comes to stand; the head's top is then 1.7 m above ground."""
RIGID_REGIONS = ("face", "inner_mouth", "jaw", "mouth", "tongue")
"""Parts that follow the head's bone alone."""
JOINTS = ("neck", "head", "leftEye", "rightEye")
"""Bones that the surface follows; left is the person's left, at x > 0."""
BODY: dict[str, tuple[str | None, tuple[float, float, float]]] = {
    "hips": (None, (0.0, 0.92, 0.0)),
    "spine": ("hips", (0.0, 1.02, 0.0)),
    "chest": ("spine", (0.0, 1.15, 0.0)),
    "upperChest": ("chest", (0.0, 1.29, -0.01)),
    "leftShoulder": ("upperChest", (0.025, 1.4, 0.0)),
    "leftUpperArm": ("leftShoulder", (0.17, 1.4, 0.0)),
    "leftLowerArm": ("leftUpperArm", (0.45, 1.4, 0.0)),
    "leftHand": ("leftLowerArm", (0.7, 1.4, 0.0)),
    "leftUpperLeg": ("hips", (0.09, 0.88, 0.0)),
    "leftLowerLeg": ("leftUpperLeg", (0.09, 0.48, 0.0)),
    "leftFoot": ("leftLowerLeg", (0.09, 0.08, 0.0)),
    "leftToes": ("leftFoot", (0.09, 0.02, 0.12)),
}
"""Name -> parent and position in metres, of the body and its left side; for a person of 1.7 m."""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A rig, and where a head's surface is in it.

    Attributes:
        rig: its joints are `JOINTS`.
        shift: (3,) float32 metres, from a vertex of the scaled head to its place in the scene.
        neck: (3,) unit normal and float offset of the plane through the open end of the neck.
        rigid_m: height above that plane from which the surface follows the head alone, metres.
    """

    rig: Rig
    shift: FloatArray
    neck: tuple[FloatArray, float]
    rigid_m: float

    def joint_weights(self, vertices: FloatArray) -> FloatArray:
        """Weights of `JOINTS`, eyes 0: (U, 4) float32 for (U, 3) vertices of the scaled head."""
        normal, offset = self.neck
        head = smoothstep(vertices @ normal - offset, 0.0, self.rigid_m)
        none = np.zeros_like(head)
        return np.stack([1.0 - head, head, none, none], axis=1)


def standing_skeleton(model: MorphableModel, vertices: FloatArray, size: float) -> Skeleton:
    """The skeleton of a person.

    Args:
        model: gives the topology of `vertices`.
        vertices: (V, 3) metres, neutral, model frame, in the size of the file.
        size: scale of the body, 1 for a person of 1.7 m.
    """
    surface = head_surface(model)
    rim = surface.points(vertices)[surface.rim].astype(np.float64)
    centre = rim.mean(axis=0)
    normal = np.linalg.svd(rim - centre)[2][-1]
    normal = normal * np.sign(normal[1])
    rigid = vertices[np.any([model.region(name) for name in RIGID_REGIONS], axis=0)]
    shift = np.array(NECK_BASE_M) * size - centre
    image_left, image_right = eyeball_centres(model, vertices)
    ears = vertices[model.region("ears")].astype(np.float64)
    bones = {name: (parent, np.array(at) * size) for name, (parent, at) in BODY.items()}
    for name, (parent, at) in list(bones.items()):
        if name.startswith("left"):
            mirrored = parent.replace("left", "right") if parent else None
            bones[name.replace("left", "right")] = (mirrored, at * (-1.0, 1.0, 1.0))
    bones["neck"] = ("upperChest", centre + shift)
    # The joint between skull and neck lies at the height of the ear lobes, between the ears.
    joint = np.array([centre[0], ears[:, 1].min(), ears[:, 2].mean()])
    bones["head"] = ("neck", joint + shift)
    # A person's left eye is the one on the image's right.
    bones["leftEye"] = ("head", image_right + shift)
    bones["rightEye"] = ("head", image_left + shift)
    names = tuple(bones)
    rig = Rig(
        names,
        tuple(None if parent is None else names.index(parent) for parent, _ in bones.values()),
        np.array([at for _, at in bones.values()], dtype=np.float32),
        tuple(names.index(joint) for joint in JOINTS),
    )
    return Skeleton(
        rig,
        shift.astype(np.float32),
        (normal.astype(np.float32), float(centre @ normal)),
        float((rigid @ normal - centre @ normal).min()),
    )
