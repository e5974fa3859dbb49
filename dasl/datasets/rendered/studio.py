"""The renderer of heads: builds a scene of head, hair and body, casts rays and exposes.

The surface's colours come from `faces` (synthetic) or `people` (photos).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.datasets.rendered.appearance import Appearance
from dasl.datasets.rendered.scene import (
    Part,
    curtain_part,
    curtain_vertices,
    draw_colour,
    dressed,
    part,
    torso_part,
    torso_vertices,
)
from dasl.datasets.rendered.shading import Lighting
from dasl.datasets.rendered.skin import HeadMap, head_map
from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel
from eval.meshes.rays import RayHits, cast_along_z, pixel_grid

Floats = NDArray[np.float32]

VISIBLE_WITHIN_M = 0.006
"""A landmark is hidden if the surface at its pixel lies further in front than this."""
HAIR_GLOSS = 0.06
DISPLAY_GAMMA = 2.2
SHOULDER = 0.5


@dataclass(frozen=True)
class Studio:
    """Data shared by all heads."""

    model: MorphableModel
    head: HeadMap
    head_part: Part
    torso: Part
    curtain: Part


@dataclass(frozen=True)
class Scene:
    """One head with hair and body, ready for ray casting; N vertices, the head's first.

    Attributes:
        vertices_crop: (N, 3) crop frame.
        triangles: (T, 3), outward in a right-handed frame; the head's first.
        attributes: (N, 12) rest position, colour, view normal, occlusion, lit, gloss.
        head_triangle_count: triangles of the head.
    """

    vertices_crop: Floats
    triangles: NDArray[np.int64]
    attributes: Floats
    head_triangle_count: int


def studio_of(model: MorphableModel) -> Studio:
    """Precompute data of the head model; takes seconds."""
    return Studio(
        model,
        head_map(model),
        part(model.triangles, model.vertex_count),
        torso_part(),
        curtain_part(),
    )


def build_scene(
    studio: Studio,
    random: np.random.Generator,
    vertices: Floats,
    pose: Pose,
    looks: Appearance,
    lighting: Lighting,
    albedo: Floats,
) -> Scene:
    """Build the scene of one head.

    Args:
        studio: data shared by all heads.
        random: draws the body and long hair.
        vertices: (V, 3) of the head, model frame.
        pose: model to crop, of one head.
        looks: the person's appearance.
        lighting: its first lamp casts shadows.
        albedo: (V, 3) colours of the head.
    """
    head, rotation = studio.head, pose.rotation[0].numpy()
    outside = dressed(vertices, studio.head_part.normals(vertices), head, looks)
    clothes = draw_colour(random)
    meshes = [(studio.head_part, outside, albedo, head.rest, looks.gloss)]
    torso = torso_vertices(random, vertices, head)
    meshes.append((studio.torso, torso, *_flat(clothes, len(torso)), 0.0))
    if looks.curtain > 0:
        curtain = curtain_vertices(random, vertices, head, looks)
        meshes.append((studio.curtain, curtain, *_flat(looks.hair, len(curtain)), HAIR_GLOSS))
    starts = np.cumsum([0, *(len(mesh[1]) for mesh in meshes)])
    triangles = np.concatenate(
        [mesh[0].triangles + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
    )
    model_vertices = np.concatenate([mesh[1] for mesh in meshes])
    normals = np.concatenate([mesh[0].normals(mesh[1]) for mesh in meshes]) @ rotation.T
    lit = np.ones(len(model_vertices), dtype=np.float32)
    lit[: len(vertices)] = head.sky.lit_from(lighting.lamps[0].direction @ rotation)
    occlusion = np.ones(len(model_vertices), dtype=np.float32)
    occlusion[: len(vertices)] = head.occlusion
    columns = [
        np.concatenate([mesh[3] for mesh in meshes]),
        np.concatenate([mesh[2] for mesh in meshes]),
        normals,
        np.stack(
            [occlusion, lit, np.repeat([mesh[4] for mesh in meshes], np.diff(starts))], axis=1
        ),
    ]
    return Scene(
        image_from_model(torch.from_numpy(model_vertices)[None], pose)[0].numpy(),
        triangles,
        np.concatenate(columns, axis=1).astype(np.float32),
        len(studio.head_part.triangles),
    )


def _flat(colour: Floats, count: int) -> tuple[Floats, Floats]:
    """A flat colour for an unpainted mesh: colours and rest positions, (count, 3) each."""
    return np.tile(colour, (count, 1)), np.zeros((count, 3), dtype=np.float32)


def cast(scene: Scene, points_crop: Floats, side: int) -> tuple[RayHits, RayHits]:
    """Ray hits at each of side * side subpixels, and at points (N, 3)."""
    places = (pixel_grid(side, side) + 0.5) * (CROP_SIZE / side) - 0.5
    both = np.concatenate([places, points_crop[:, :2]])
    hits = cast_along_z(scene.vertices_crop, scene.triangles, both)
    first, rest = (
        RayHits(hits.triangle[rows], hits.barycentric[rows], hits.depth[rows])
        for rows in (slice(None, len(places)), slice(len(places), None))
    )
    return first, rest


def display(linear: Floats) -> NDArray[np.uint8]:
    """A picture (120, 120, 3) of linear light, 0..1 and more, as uint8 RGB: (3, 120, 120)."""
    shown = np.clip(linear, 0.0, 1.0) ** (1 / DISPLAY_GAMMA)
    return np.rint(shown * 255).astype(np.uint8).transpose(2, 0, 1)


def film(light: Floats) -> Floats:
    """Compress highlights above `SHOULDER` smoothly, as cameras do; never above 1."""
    above = np.maximum(light - SHOULDER, 0.0)
    room = 1.0 - SHOULDER
    return np.minimum(light, SHOULDER) + room * above / (above + room)


def visible_points(hits: RayHits, points_crop: Floats, scale: float) -> NDArray[np.bool_]:
    """(N,) whether the points (N, 3) are inside the crop and not hidden."""
    clear = np.nan_to_num(hits.depth, nan=-np.inf) < points_crop[:, 2] + VISIBLE_WITHIN_M * scale
    planar = points_crop[:, :2]
    inside = ((planar > -0.5) & (planar < CROP_SIZE - 0.5)).all(axis=1)
    return np.asarray(clear & inside)
