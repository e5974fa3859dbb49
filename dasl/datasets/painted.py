"""Painted heads: coarse pictures of random heads, a hundred per second, for tests and trial runs.

Heads, skin and light are drawn as in `dasl.datasets.rendered.faces`, but without ray casting: the
surface's points are splatted into a picture of half the crop's side, back to front, with simple
shading. Coefficients and landmarks are still exact. Use rendered heads for real training.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.appearance import draw_appearance
from dasl.datasets.rendered.draws import HeadDraw, draw_head, draw_pose
from dasl.datasets.rendered.scene import Part, draw_background, part
from dasl.datasets.rendered.shading import draw_lighting
from dasl.datasets.rendered.skin import HeadMap, head_map, paint_pixels, vertex_albedo
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image

Floats = NDArray[np.float32]

SIDE = CROP_SIZE // 2
"""Side of the painted picture, pixels; at this size the surface's points leave no holes."""

DISPLAY_GAMMA = 2.2
AMBIENT = 0.45
VISIBLE_WITHIN_M = 0.008

PAINTED = "painted:"
"""Prefix of a training config's entry for painted heads."""


@dataclass(frozen=True)
class _Studio:
    """Data shared by all heads; `rest` is `_close_points` of the reference head, (D, 3)."""

    model: MorphableModel
    head: HeadMap
    mesh: Part
    rest: Floats


def paint_face_set(
    model: MorphableModel, count: int, seed: int, progress: Callable[[], object] | None = None
) -> FaceSet:
    """Paint random heads; head `index` depends only on (seed, index).

    Args:
        model: head model, float32, on the CPU.
        count: number of heads, N.
        seed: at least 0.
        progress: called after each head.

    Returns:
        N faces with ids `painted-<seed>-<index>` and a coefficient weight of 1.

    Raises:
        ConfigError: count below 1 or seed below 0.
    """
    if count < 1 or seed < 0:
        raise ConfigError(f"wanted count >= 1 and seed >= 0, got count {count}, seed {seed}")
    studio = _Studio(
        model,
        head_map(model),
        part(model.triangles, model.vertex_count),
        _close_points(model, model.reference_vertices),
    )
    faces = []
    for index in range(count):
        faces.append(
            _paint(studio, np.random.default_rng([seed, index]), f"painted-{seed}-{index}")
        )
        if progress is not None:
            progress()
    return concatenate(faces)


def painted_faces(model: MorphableModel, entry: str, limit: int | None = None) -> FaceSet:
    """The heads of a config's entry `painted:COUNT:SEED`, with a progress bar.

    Args:
        model: head model.
        entry: of the config.
        limit: largest number of faces.

    Raises:
        ConfigError: the entry is malformed.
    """
    match = re.fullmatch(PAINTED + r"(\d+):(\d+)", entry)
    if match is None:
        raise ConfigError(f"wanted painted:COUNT:SEED, for example painted:500:1, got {entry!r}")
    count, seed = (int(number) for number in match.groups())
    count = count if limit is None else min(count, limit)
    with tqdm(total=count, desc="painting heads", unit="head", disable=None) as bar:
        return paint_face_set(model, count, seed, bar.update)


@torch.no_grad()
def _paint(studio: _Studio, random: np.random.Generator, name: str) -> FaceSet:
    """A set of one."""
    model = studio.model
    draw = draw_head(random, model.identity_count, model.expression_names)
    shape = torch.from_numpy(draw.identity)[None], torch.from_numpy(draw.expression)[None]
    pose = draw_pose(random, draw.rotation, model.landmarks68(*shape)[0].numpy())
    picture, depth = _picture(studio, random, model.vertices(*shape)[0].numpy(), draw, pose)
    coefficients = Coefficients(pose, *shape)
    points21 = landmarks21_image(model, coefficients)
    return FaceSet(
        ids=(name,),
        head_id=model.head_id,
        images=_enlarged(picture),
        landmarks68_crop=landmarks68_image(model, coefficients),
        landmarks21_crop=points21[..., :2],
        visible21=torch.from_numpy(_visible(depth, points21[0].numpy(), float(pose.scale)))[None],
        coefficients=coefficients,
        coefficient_weight=torch.ones(1),
        yaw_deg=torch.tensor([draw.yaw_deg]),
    )


def _picture(
    studio: _Studio,
    random: np.random.Generator,
    vertices: Floats,
    draw: HeadDraw,
    pose: Pose,
) -> tuple[Floats, Floats]:
    """(SIDE, SIDE, 3) linear light, and (SIDE, SIDE) depth in crop pixels, -inf off the head."""
    looks, lighting = draw_appearance(random), draw_lighting(random)
    columns = np.stack(
        [
            vertices,
            vertex_albedo(studio.head, looks),
            studio.mesh.normals(vertices) @ draw.rotation.T,
        ]
    )
    points, albedo, normal = _close_points(studio.model, columns.astype(np.float32))
    paint_pixels(albedo, studio.rest, studio.head, looks)
    lamp = lighting.lamps[0]
    facing = np.clip(normal @ lamp.direction, 0.0, 1.0)[:, None]
    light = albedo * (AMBIENT + (1.0 - AMBIENT) * facing * lamp.colour / lamp.colour.max())

    where = image_from_model(torch.from_numpy(points)[None], pose)[0].numpy()
    pixel = np.rint((where[:, :2] + 0.5) * (SIDE / CROP_SIZE) - 0.5).astype(np.int64)
    nearest_last = np.argsort(where[:, 2], kind="stable")
    inside = np.asarray(((pixel >= 0) & (pixel < SIDE)).all(axis=1))
    nearest_last = nearest_last[inside[nearest_last]]
    x, y = pixel[nearest_last].T
    picture = draw_background(random, SIDE).reshape(SIDE, SIDE, 3).copy()
    depth = np.full((SIDE, SIDE), -np.inf, dtype=np.float32)
    picture[y, x] = light[nearest_last]
    depth[y, x] = where[nearest_last, 2]
    return picture, depth


def _close_points(model: MorphableModel, values: Floats) -> Floats:
    """(..., V, 3) of vertices to (..., D, 3): the subdivided surface and its triangles' centres."""
    fine = model.subdivide(values)
    return np.concatenate((fine, fine[..., model.dense_triangles, :].mean(axis=-2)), axis=-2)


def _enlarged(picture: Floats) -> torch.Tensor:
    """(1, 3, 120, 120) uint8 for display."""
    display = np.clip(picture, 0.0, 1.0) ** (1 / DISPLAY_GAMMA) * 255
    small = torch.from_numpy(display.astype(np.float32)).permute(2, 0, 1)[None]
    large = F.interpolate(small, size=CROP_SIZE, mode="bilinear", align_corners=False)
    return large.round().to(torch.uint8)


def _visible(depth: Floats, points_crop: Floats, scale: float) -> NDArray[np.bool_]:
    """(N,) whether the points (N, 3) are inside the crop and not hidden."""
    pixel = np.rint((points_crop[:, :2] + 0.5) * (SIDE / CROP_SIZE) - 0.5).astype(np.int64)
    inside = ((pixel >= 0) & (pixel < SIDE)).all(axis=1)
    x, y = np.clip(pixel, 0, SIDE - 1).T
    return np.asarray(inside & (depth[y, x] < points_crop[:, 2] + VISIBLE_WITHIN_M * scale))
