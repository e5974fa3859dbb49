"""Rendered heads: pictures whose identity, expression and pose are known exactly.

They teach what no annotation of photos can, the third dimension, and test it. Everything about
face `index` follows from (seed, index) alone, so that sets of any size share their first faces.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.appearance import Appearance, draw_appearance
from dasl.datasets.rendered.draws import draw_head, draw_pose
from dasl.datasets.rendered.scene import draw_background
from dasl.datasets.rendered.shading import GBuffer, Lighting, draw_lighting, shade
from dasl.datasets.rendered.skin import HeadMap, paint_pixels, vertex_albedo
from dasl.datasets.rendered.studio import (
    Scene,
    Studio,
    build_scene,
    cast,
    display,
    film,
    studio_of,
    visible_points,
)
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.crop import CROP_SIZE
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from eval.meshes.rays import RayHits

Floats = NDArray[np.float32]

SUPERSAMPLING = 2
EYE_GLOSS, SKIN_INSIDE = 0.5, 0.12


def render_face_set(
    model: MorphableModel,
    count: int,
    seed: int,
    progress: Callable[[], object] | None = None,
    shots: int = 1,
) -> FaceSet:
    """Renders random heads.

    Args:
        model: head model.
        count: how many, N.
        seed: at least 0; sets of different seeds share no head.
        progress: called after each head.
        shots: pictures of each person: this many faces in a row have one identity, and nothing else
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
    studio = studio_of(model)
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
    studio: Studio, random: np.random.Generator, name: str, identity: torch.Tensor | None
) -> FaceSet:
    """A set of one head; of this identity (1, K), if any."""
    model = studio.model
    draw = draw_head(random, model.identity_count, model.expression_names)
    identity = torch.from_numpy(draw.identity)[None] if identity is None else identity
    shape = identity, torch.from_numpy(draw.expression)[None]
    vertices = model.vertices(*shape)[0].numpy()
    pose = draw_pose(random, draw.rotation, model.landmarks68(*shape)[0].numpy())
    looks, lighting = draw_appearance(random), draw_lighting(random)
    albedo = vertex_albedo(studio.head, looks)
    scene = build_scene(studio, random, vertices, pose, looks, lighting, albedo)
    coefficients = Coefficients(pose, *shape)
    points21 = landmarks21_image(model, coefficients)
    hits, marks = cast(scene, points21[0].numpy(), CROP_SIZE * SUPERSAMPLING)
    picture = _picture(scene, hits, studio.head, looks, lighting, random)
    visible = visible_points(marks, points21[0].numpy(), float(pose.scale))
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


def _picture(
    scene: Scene,
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
    linear[hits.hit] = film(light * lighting.exposure)
    blocks = linear.reshape(CROP_SIZE, SUPERSAMPLING, CROP_SIZE, SUPERSAMPLING, 3)
    return display(blocks.mean(axis=(1, 3)))


def _painted(
    scene: Scene,
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
