"""VRM 1.0: the head as a humanoid avatar, for programs that animate such avatars.

A VRM file is a GLB with the extension VRMC_vrm. It holds a standing skeleton without a body; the
head follows its neck, head and eye bones. Bones alone turn the eyeballs: programs that send both a
gaze and the `eyeLook` units would otherwise turn them twice.
Specification: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm-1.0
"""

from dataclasses import replace

import numpy as np

from dasl.arrays import IntArray
from dasl.errors import ExportError
from dasl.export.gltf import MeshPart, rigged_glb_bytes
from dasl.export.gltf_buffer import Json
from dasl.export.gltf_rig import Rig
from dasl.export.mesh_files import Contents, head_parts
from dasl.export.morph_targets import MorphTarget
from dasl.export.options import HeadOptions
from dasl.export.skeleton import JOINTS, Skeleton, standing_skeleton
from dasl.export.textured_head import TexturedHead
from dasl.export.vrm_expressions import expressions
from dasl.head.morphable_model import Mask, MorphableModel
from dasl.head.surface import head_surface

GAZE_UNITS = "eyeLook"
GAZE_LIMITS_DEG = {
    "rangeMapHorizontalInner": 20.0,
    "rangeMapHorizontalOuter": 20.0,
    "rangeMapVerticalDown": 12.0,
    "rangeMapVerticalUp": 12.0,
}
"""The eyes follow a target up to these angles, and stay there beyond: further up or down, the iris
would disappear behind the lids, which do not follow the bones."""
META: Json = {
    "version": "1",
    "authors": ["the person who made this file with dasl"],
    "copyrightInformation": "Rights in the photo, and of the person on it, stay with their owners.",
    "thirdPartyLicenses": (
        "The embedded weights of dasl, which made this head unless others were chosen, are for "
        "non-commercial research only (LICENSE-weights of dasl). The head model is CC0 1.0, with "
        "statistics of ICT-FaceKit (MIT License, Copyright (c) 2020 USC Institute for Creative "
        "Technologies)."
    ),
    "licenseUrl": "https://vrm.dev/licenses/1.0/",
    "avatarPermission": "onlyAuthor",
    "allowExcessivelyViolentUsage": False,
    "allowExcessivelySexualUsage": False,
    "commercialUsage": "personalNonProfit",
    "allowPoliticalOrReligiousUsage": False,
    "allowAntisocialOrHateUsage": False,
    "creditNotation": "required",
    "allowRedistribution": False,
    "modification": "allowModification",
}
"""The narrowest terms that VRM knows; the author can widen them as far as the weights allow."""


def vrm(head: TexturedHead, name: str, options: HeadOptions) -> Contents:
    """VRM: the neutral head; the photo's expression is the custom expression `photo`.

    Raises:
        ExportError: the options ask for a face without a head, or for a turned one.
    """
    if options.part != "head":
        raise ExportError("a .vrm needs the whole head; leave out part='face' (--part face)")
    if options.align != "head":
        raise ExportError(
            "a .vrm faces along z; leave out align='camera' (--align camera), or choose .glb"
        )
    size = head.size_factor(options.ipd_mm)
    at_rest = head.vertices_model(neutral=True) * np.float32(size)
    skeleton = standing_skeleton(head.model, at_rest, size)
    skin, *attached = head_parts(head, options)
    parts = [_with_eyes(_followed(skin, skeleton), head.model, options)]
    parts += [_followed(part, skeleton) for part in attached]
    weights = dict(zip(head.model.expression_names, head.weights(options).tolist(), strict=True))
    document = _vrm_document(name, weights, skeleton.rig, len(parts))
    return {".vrm": rigged_glb_bytes(parts, skeleton.rig, {"VRMC_vrm": document})}


def _followed(part: MeshPart, skeleton: Skeleton) -> MeshPart:
    """The part in its place in the scene, following neck and head."""
    return replace(
        part,
        mesh=replace(part.mesh, vertices=part.mesh.vertices + skeleton.shift),
        joint_weights=skeleton.joint_weights(part.mesh.vertices),
    )


def _with_eyes(skin: MeshPart, model: MorphableModel, options: HeadOptions) -> MeshPart:
    """The head whose eyeballs follow the eye bones, and no longer the units of the gaze."""
    assert skin.joint_weights is not None
    eyes = _on_eyeballs(model, options)
    weights = skin.joint_weights.copy()
    rows = np.flatnonzero(eyes.any(axis=1))
    weights[rows] = 0.0
    for column, bone in enumerate(("leftEye", "rightEye")):
        weights[: len(eyes), JOINTS.index(bone)] = eyes[:, column]
    targets = {
        name: _without(target, rows) if name.startswith(GAZE_UNITS) else target
        for name, target in skin.morph_targets.items()
    }
    return replace(skin, joint_weights=weights, morph_targets=targets)


def _on_eyeballs(model: MorphableModel, options: HeadOptions) -> Mask:
    """(U, 2) which vertices are of the person's left and right eyeball, without the neck cap."""
    surface = head_surface(model, options.part, options.subdivisions)
    eyeballs, is_left = model.region("eyeballs"), model.mean_vertices[:, 0] > 0
    columns = np.stack([eyeballs & is_left, eyeballs & ~is_left, eyeballs], axis=1)
    on_surface = surface.points(columns.astype(np.float32))[surface.uv_vertex]
    return np.asarray(on_surface[:, :2] > 0.5)


def _without(target: MorphTarget, rows: IntArray) -> MorphTarget:
    """A morph target that leaves some vertices still; at least one row remains."""
    keep = ~np.isin(target.rows, rows)
    if not keep.any():
        return MorphTarget(target.rows[:1], np.zeros_like(target.offsets[:1]))
    return MorphTarget(target.rows[keep], target.offsets[keep])


def _vrm_document(name: str, photo: dict[str, float], rig: Rig, part_count: int) -> Json:
    """`VRMC_vrm`; `photo` are the weights of the custom expression, nodes are parts, then bones."""
    position = dict(zip(rig.names, rig.positions.astype(np.float64), strict=True))
    between_eyes = (position["leftEye"] + position["rightEye"]) / 2
    parts = range(part_count)
    look_at = {
        "type": "bone",
        "offsetFromHeadBone": (between_eyes - position["head"]).round(6).tolist(),
    } | {
        limit: {"inputMaxValue": degrees, "outputScale": degrees}
        for limit, degrees in GAZE_LIMITS_DEG.items()
    }
    bones = {bone: {"node": part_count + row} for row, bone in enumerate(rig.names)}
    return {
        "specVersion": "1.0",
        "meta": {"name": name, **META},
        "humanoid": {"humanBones": bones},
        # one's own head would hide the view
        "firstPerson": {
            "meshAnnotations": [{"node": node, "type": "thirdPersonOnly"} for node in parts]
        },
        "lookAt": look_at,
        "expressions": expressions(list(photo), photo, parts),
    }
