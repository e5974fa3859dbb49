"""Rendered heads: pictures whose identity, expression and pose are known exactly.

They teach what no annotation of photos can, the third dimension, and test it. Everything about
face `index` follows from (seed, index) alone, so that sets of any size share their first faces.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.appearance import Appearance, draw_appearance
from dasl.datasets.rendered.draws import draw_head, draw_pose
from dasl.datasets.rendered.scene import (
    Part,
    curtain_part,
    curtain_vertices,
    draw_background,
    draw_colour,
    dressed,
    part,
    torso_part,
    torso_vertices,
)
from dasl.datasets.rendered.shading import GBuffer, Lighting, draw_lighting, shade
from dasl.datasets.rendered.skin import HeadMap, head_map, paint_pixels, vertex_albedo
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from eval.meshes.rays import RayHits, cast_along_z, pixel_grid

Floats = NDArray[np.float32]

SUPERSAMPLING = 2
VISIBLE_WITHIN_M = 0.006
"""A landmark is visible when the surface seen at its pixel lies no further in front of it."""
EYE_GLOSS, HAIR_GLOSS, SKIN_INSIDE = 0.5, 0.06, 0.12
DISPLAY_GAMMA = 2.2
SHOULDER = 0.5


@dataclass(frozen=True)
class _Studio:
    """What all heads share."""

    model: MorphableModel
    head: HeadMap
    head_part: Part
    torso: Part
    curtain: Part


@dataclass(frozen=True)
class _Scene:
    """One head with hair and body, ready for rays; N vertices in all, the head's first.

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


def render_face_set(
    model: MorphableModel,
    count: int,
    seed: int,
    progress: Callable[[], object] | None = None,
    shots: int = 1,
) -> FaceSet:
    """Renders random heads.

    Args:
        model: head model, float32, on the CPU.
        count: how many, N.
        seed: at least 0; sets of different seeds share no head.
        progress: called after each head.
        shots: pictures of each person: so many faces in a row have one identity, and nothing else
            in common.

    Returns:
        N faces with ids `rendered-<seed>-<index>` and a coefficient weight of 1.

    Raises:
        ConfigError: count or shots below 1, or seed below 0.

    Example:
        >>> faces = render_face_set(MorphableModel.load(), count=2, seed=7)
        >>> faces.ids
        ('rendered-7-0', 'rendered-7-1')
    """
    if min(count, shots) < 1 or seed < 0:
        raise ConfigError(
            "wanted count and shots >= 1 and seed >= 0, "
            f"got count {count}, shots {shots}, seed {seed}"
        )
    studio = _Studio(
        model,
        head_map(model),
        part(model.triangles.numpy(), model.vertex_count),
        torso_part(),
        curtain_part(),
    )
    faces: list[FaceSet] = []
    for index in range(count):
        person = faces[index - index % shots].coefficients.identity if index % shots else None
        random, name = np.random.default_rng([seed, index]), f"rendered-{seed}-{index}"
        faces.append(_render_face(studio, random, name, person))
        if progress is not None:
            progress()
    return concatenate(faces)


@torch.no_grad()
def _render_face(
    studio: _Studio, random: np.random.Generator, name: str, identity: torch.Tensor | None
) -> FaceSet:
    """A set of one head; of this identity (1, K), if any."""
    model = studio.model
    draw = draw_head(random, model.identity_count, model.expression_names)
    identity = torch.from_numpy(draw.identity)[None] if identity is None else identity
    shape = identity, torch.from_numpy(draw.expression)[None]
    vertices = model.vertices(*shape)[0].numpy()
    pose = draw_pose(random, draw.rotation, model.landmarks68(*shape)[0].numpy())
    looks, lighting = draw_appearance(random), draw_lighting(random)
    scene = _build_scene(studio, random, vertices, pose, looks, lighting)
    coefficients = Coefficients(pose, *shape)
    points21 = landmarks21_image(model, coefficients)
    hits, marks = _cast(scene, points21[0].numpy())
    picture = _picture(scene, hits, studio.head, looks, lighting, random)
    visible = _visible(marks, points21[0].numpy(), float(pose.scale))
    return FaceSet(
        ids=(name,),
        head_id=model.head_id,
        images=torch.from_numpy(picture)[None],
        landmarks68_crop=landmarks68_image(model, coefficients),
        landmarks21_crop=points21[..., :2],
        visible21=torch.from_numpy(visible)[None],
        coefficients=coefficients,
        coefficient_weight=torch.ones(1),
        yaw_deg=torch.tensor([draw.yaw_deg]),
    )


def _build_scene(
    studio: _Studio,
    random: np.random.Generator,
    vertices: Floats,
    pose: Pose,
    looks: Appearance,
    lighting: Lighting,
) -> _Scene:
    head, rotation = studio.head, pose.rotation[0].numpy()
    outside = dressed(vertices, studio.head_part.normals(vertices), head, looks)
    clothes = draw_colour(random)
    meshes = [(studio.head_part, outside, vertex_albedo(head, looks), head.rest, looks.gloss)]
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
    return _Scene(
        image_from_model(torch.from_numpy(model_vertices)[None], pose)[0].numpy(),
        triangles,
        np.concatenate(columns, axis=1).astype(np.float32),
        len(studio.head_part.triangles),
    )


def _flat(colour: Floats, count: int) -> tuple[Floats, Floats]:
    """One colour for a mesh that no paint reaches: colours and rest positions, (count, 3) each."""
    return np.tile(colour, (count, 1)), np.zeros((count, 3), dtype=np.float32)


def _cast(scene: _Scene, points_crop: Floats) -> tuple[RayHits, RayHits]:
    """What is seen at each subpixel, row by row, and at points (N, 3); one scene serves both."""
    side = CROP_SIZE * SUPERSAMPLING
    places = (pixel_grid(side, side) + 0.5) / SUPERSAMPLING - 0.5
    both = np.concatenate([places, points_crop[:, :2]])
    hits = cast_along_z(scene.vertices_crop, scene.triangles, both)
    first, rest = (
        RayHits(hits.triangle[rows], hits.barycentric[rows], hits.depth[rows])
        for rows in (slice(None, len(places)), slice(len(places), None))
    )
    return first, rest


def _picture(
    scene: _Scene,
    hits: RayHits,
    head: HeadMap,
    looks: Appearance,
    lighting: Lighting,
    random: np.random.Generator,
) -> NDArray[np.uint8]:
    """(3, 120, 120) RGB."""
    side = CROP_SIZE * SUPERSAMPLING
    corners = scene.triangles[hits.triangle[hits.hit]]
    values = np.einsum("pcn,pc->pn", scene.attributes[corners], hits.barycentric[hits.hit])
    of_head = hits.triangle[hits.hit] < scene.head_triangle_count
    light = shade(_painted(scene, corners, values, of_head, head, looks), lighting)
    linear = draw_background(random, side).reshape(-1, 3) * random.uniform(0.5, 1.3)
    linear[hits.hit] = _film(light * lighting.exposure)
    blocks = linear.reshape(CROP_SIZE, SUPERSAMPLING, CROP_SIZE, SUPERSAMPLING, 3)
    display = np.clip(blocks.mean(axis=(1, 3)), 0.0, 1.0) ** (1 / DISPLAY_GAMMA)
    return np.rint(display * 255).astype(np.uint8).transpose(2, 0, 1)


def _film(light: Floats) -> Floats:
    """Compresses highlights smoothly, as cameras do, from `SHOULDER` on; never above 1."""
    above = np.maximum(light - SHOULDER, 0.0)
    room = 1.0 - SHOULDER
    return np.minimum(light, SHOULDER) + room * above / (above + room)


def _painted(
    scene: _Scene,
    corners: NDArray[np.int64],
    values: Floats,
    of_head: NDArray[np.bool_],
    head: HeadMap,
    looks: Appearance,
) -> GBuffer:
    """What the rays met, painted; the inside of the head is dark."""
    rest, albedo, normal = values[:, :3], values[:, 3:6].copy(), values[:, 6:9]
    occlusion, lit, gloss = values[:, 9].copy(), values[:, 10], values[:, 11].copy()
    painted = albedo[of_head]
    eye = paint_pixels(painted, rest[of_head], head, looks)
    albedo[of_head] = painted
    gloss[of_head] += EYE_GLOSS * eye
    occlusion[of_head] = np.maximum(occlusion[of_head], 0.75 * eye)
    a, b, c = (scene.vertices_crop[corners[:, k], :2] for k in range(3))
    # y points down in the crop frame, so outward triangles turn clockwise there.
    signed = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    inside = signed > 0
    albedo[inside & of_head] *= SKIN_INSIDE
    normal = np.where(inside[:, None], -normal, normal)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6
    return GBuffer(albedo, normal, occlusion, lit, gloss)


def _visible(hits: RayHits, points_crop: Floats, scale: float) -> NDArray[np.bool_]:
    """Which points (N, 3) nothing hides and the crop holds."""
    clear = np.nan_to_num(hits.depth, nan=-np.inf) < points_crop[:, 2] + VISIBLE_WITHIN_M * scale
    planar = points_crop[:, :2]
    inside = ((planar > -0.5) & (planar < CROP_SIZE - 0.5)).all(axis=1)
    return np.asarray(clear & inside)
