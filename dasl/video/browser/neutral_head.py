"""A painted neutral head for the browser, shown without a photo."""

from typing import Any

import numpy as np

from dasl.arrays import FloatArray, IntArray, RgbImage
from dasl.export.gltf import glb_bytes
from dasl.export.mesh_files import jpeg_bytes, png_bytes
from dasl.export.morph_targets import morph_target
from dasl.head.mesh import split_expression_basis, split_mesh
from dasl.head.morphable_model import MorphableModel
from dasl.head.neck_cap import with_centre
from dasl.head.surface import head_surface
from dasl.texture.eyeballs import IRIS, IRIS_DEG, PUPIL_DEG, SCLERA
from dasl.texture.eyes import eyeball_directions
from dasl.texture.layout import texture_layout
from dasl.texture.prior import surface_prior
from dasl.texture.roughness import roughness_map

TEXTURE_SIZE = 512
SKIN, LIP, HAIR, PUPIL = (205, 168, 148), (176, 110, 104), (92, 74, 64), (18, 14, 12)
STEP_M = 1e-5
"""Rounding of morph targets, a hundredth of a millimetre; improves compression considerably."""


def neutral_glb(model: MorphableModel) -> bytes:
    """The neutral mean head as a GLB, with morph targets named after ARKit."""
    moves = (np.rint(split_expression_basis(model) / STEP_M) * STEP_M).astype(np.float32)
    targets = map(morph_target, moves)
    return glb_bytes(
        mesh=split_mesh(model, model.mean_vertices),
        texture=jpeg_bytes(painted_texture(model)),
        roughness=png_bytes(roughness_map(model)),
        morph_targets=dict(zip(model.expression_names, targets, strict=True)),
        weights={},
    )


def painted_texture(model: MorphableModel, size: int = TEXTURE_SIZE) -> RgbImage:
    """(size, size, 3) uint8 RGB in the model's UV layout: one colour per part of the head."""
    prior, layout = surface_prior(model), texture_layout(model, size)
    lip, hair = prior.lip[:, None], prior.hair[:, None]
    colours = np.array(SKIN) * (1 - lip) + np.array(LIP) * lip
    colours = colours * (1 - hair) + np.array(HAIR) * hair
    colours[prior.is_fixed] = prior.colour[prior.is_fixed]
    vertices = model.triangles[layout.triangle]
    texels = layout.interpolation @ colours.astype(np.float32)
    on_eye = np.flatnonzero(model.region("eyeballs")[vertices].all(axis=1))
    texels[on_eye] = _eye_colours(model, layout, on_eye)
    return layout.spread(texels)


def _eye_colours(model: MorphableModel, layout: Any, on_eye: IntArray) -> FloatArray:
    """Colours of the eyeballs' texels: sclera, iris and pupil, looking straight ahead."""
    directions, _ = eyeball_directions(model)
    ahead = layout.interpolation[on_eye] @ directions[:, 2]
    angle = np.degrees(np.arccos(np.clip(ahead, -1, 1)))[:, None]
    iris = np.clip((IRIS_DEG - angle) / 1.5 + 0.5, 0, 1)
    pupil = np.clip((PUPIL_DEG - angle) / 1.5 + 0.5, 0, 1)
    colours = np.array(SCLERA) * (1 - iris) + np.array(IRIS) * iris
    return np.asarray(colours * (1 - pupil) + np.array(PUPIL) * pupil, np.float32)


def shape_arrays(model: MorphableModel) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Displacement bases of the GLB's U vertices, and trust in the photo: meta and arrays.

    `identity` (K, U, 3) and `expression` (E, U, 3) metres; `exact.trust` (U,) uint8, 255 on
    the face.
    """
    surface = head_surface(model, "head", 0)
    lid = np.arange(len(surface.rim))
    basis = np.asarray(surface.points(model.identity_basis), np.float32)
    under = with_centre(basis[:, surface.rim], lid)
    whole = np.zeros(model.vertex_count + surface.kept.max() + 1, np.float32)
    whole[: model.vertex_count] = surface_prior(model).trust
    trust = whole[surface.kept[surface.uv_vertex]]
    trust = np.concatenate([trust, np.zeros(len(under[0]), np.float32)])
    return {"head_id": model.head_id}, {
        "identity": np.concatenate([basis[:, surface.uv_vertex], under], axis=1),
        "expression": split_expression_basis(model),
        "exact.trust": np.rint(255 * trust).astype(np.uint8),
    }
