"""The surroundings of a rendered face: hair with volume, a clothed body, a background.

They do not affect the truth: the face stays where its coefficients put it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.sparse import csr_matrix

from dasl.datasets.rendered.appearance import Appearance
from dasl.datasets.rendered.shading import face_to_vertex, vertex_normals
from dasl.datasets.rendered.skin import HeadMap, hair_depth

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

TORSO_LEVELS = (
    # y, half width, half depth, z of the centre: metres, rest frame; neck to chest
    (-0.098, 0.080, 0.068, -0.100),
    (-0.118, 0.110, 0.084, -0.098),
    (-0.140, 0.165, 0.098, -0.098),
    (-0.175, 0.205, 0.110, -0.100),
    (-0.600, 0.230, 0.130, -0.100),
)
TORSO_AROUND = 32
CURTAIN_LEVELS = (
    # y above `bottom`, width factor
    (0.125, 0.70),
    (0.095, 0.98),
    (0.050, 1.12),
    (0.000, 1.20),
    (-0.040, 1.20),
)
CURTAIN_BELOW = 5
CURTAIN_AROUND = 25
CURTAIN_RADII, CURTAIN_Z = (0.078, 0.100), -0.082
CURTAIN_HALF_ANGLE_RAD = np.radians(104.0)
NECK_BELOW_Y, SKULL_ABOVE_Y = -0.09, 0.03
TEETH_BACK_M = 0.003


@dataclass(frozen=True)
class Part:
    """A mesh of fixed topology.

    Attributes:
        triangles: (T, 3) outward, right-handed.
        around: (V, T) operator that sums triangles around vertices.
    """

    triangles: Integers
    around: csr_matrix

    def normals(self, vertices: Floats) -> Floats:
        """(V, 3) unit normals of (V, 3) vertices."""
        return vertex_normals(vertices, self.triangles, self.around)


def part(triangles: Integers, vertex_count: int) -> Part:
    """Prepares a mesh."""
    return Part(triangles, face_to_vertex(triangles, vertex_count))


def torso_part() -> Part:
    """A body of `TORSO_LEVELS`."""
    return part(_grid_triangles(len(TORSO_LEVELS), TORSO_AROUND, closed=True), _count(TORSO_LEVELS))


def curtain_part() -> Part:
    """Long hair that hangs around the back of the head."""
    rows = len(CURTAIN_LEVELS) + CURTAIN_BELOW
    return part(_grid_triangles(rows, CURTAIN_AROUND, closed=False), rows * CURTAIN_AROUND)


def dressed(vertices: Floats, normals: Floats, head: HeadMap, looks: Appearance) -> Floats:
    """Lift the scalp where hair grows: (V, 3) model frame; the face is unchanged.

    Teeth are moved back slightly, since on some random heads they would pierce closed lips.
    """
    moved = vertices.copy()
    moved[:, 2] -= TEETH_BACK_M * (head.masks["teeth"] > 0)
    if looks.hair_thickness <= 0:
        return moved
    grown = np.clip(hair_depth(head.rest, looks) / 0.035, 0.0, 1.0)
    coarse = np.sin(head.rest @ (looks.waves[:2].T * 0.5) + looks.phases[:2]).mean(axis=1)
    lift = looks.hair_thickness * grown * (1 + 0.3 * coarse)
    return (moved + lift[:, None] * normals).astype(np.float32)


def torso_vertices(random: np.random.Generator, vertices: Floats, head: HeadMap) -> Floats:
    """A body under the neck, rotated at random about the vertical: (N, 3) model frame."""
    levels = np.array(TORSO_LEVELS, dtype=np.float32)
    levels[:, 1:3] *= random.uniform(0.95, 1.15)
    levels[0, 0] += random.uniform(-0.015, 0.012)
    around = np.linspace(0, 2 * np.pi, TORSO_AROUND, endpoint=False)
    x = levels[:, 1, None] * np.sin(around)
    z = levels[:, 2, None] * np.cos(around)
    turn = random.normal(0.0, 0.5)
    turned = np.cos(turn) * x + np.sin(turn) * z, np.cos(turn) * z - np.sin(turn) * x
    blend = np.linspace(0.0, 1.0, len(levels))[:, None]  # the collar follows the neck
    x, z = x + blend * (turned[0] - x), z + blend * (turned[1] - z) + levels[:, 3, None]
    y = np.broadcast_to(levels[:, :1], x.shape)
    rest = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return _carried(rest, vertices, head, head.rest[:, 1] < NECK_BELOW_Y)


def curtain_vertices(
    random: np.random.Generator, vertices: Floats, head: HeadMap, looks: Appearance
) -> Floats:
    """Long hair on this skull: (N, 3) model frame."""
    below = np.linspace(-0.07, -0.07 - looks.curtain, CURTAIN_BELOW)
    spread = random.uniform(1.05, 1.4)
    factor = np.interp(np.arange(1, CURTAIN_BELOW + 1), (0, CURTAIN_BELOW), (1.2, spread))
    y = np.concatenate([[level[0] for level in CURTAIN_LEVELS], below])
    width = np.concatenate([[level[1] for level in CURTAIN_LEVELS], factor])
    width = width * (1 + looks.hair_thickness * 5)
    half = CURTAIN_HALF_ANGLE_RAD * random.uniform(0.85, 1.1)
    angle = np.linspace(-half, half, CURTAIN_AROUND)
    ragged = 1 + 0.03 * random.standard_normal((len(y), CURTAIN_AROUND))
    x = CURTAIN_RADII[0] * width[:, None] * np.sin(angle) * ragged
    z = CURTAIN_Z - CURTAIN_RADII[1] * width[:, None] * np.cos(angle) * ragged
    rows = np.broadcast_to(y[:, None], x.shape) + 0.004 * random.standard_normal(x.shape)
    rest = np.stack([x, rows, z], axis=-1).reshape(-1, 3)
    return _carried(rest, vertices, head, head.rest[:, 1] > SKULL_ABOVE_Y)


def draw_colour(random: np.random.Generator) -> Floats:
    """(3,) linear light, mostly dull like walls, trees and clothes."""
    level = random.uniform(0.05, 0.9) ** 2 + 0.01
    tint = random.normal(0.0, random.choice([0.08, 0.25, 0.6], p=[0.45, 0.4, 0.15]), 3)
    return np.clip(level * np.exp(tint - tint.mean()), 0.0, 1.0).astype(np.float32)


def draw_background(random: np.random.Generator, side: int) -> Floats:
    """A random background: (side, side, 3) linear light, 0..1."""
    picture = np.broadcast_to(draw_colour(random), (side, side, 3))
    picture = picture * _gradient(random, side)
    if random.random() < 0.6:
        picture = picture * (1 + random.uniform(0.2, 0.9) * _coarse_noise(random, side))
    if random.random() < 0.6:
        picture = _with_shapes(random, picture)
    return np.clip(picture, 0.0, 1.2).astype(np.float32)


def _gradient(random: np.random.Generator, side: int) -> Floats:
    """(side, side, 1) about 1."""
    ramp = np.linspace(-0.5, 0.5, side)
    across, down = random.normal(0.0, 0.6, 2)
    slope = np.clip(1 + across * ramp[None, :] + down * ramp[:, None], 0.1, 2.0)
    return slope[..., None].astype(np.float32)


def _coarse_noise(random: np.random.Generator, side: int) -> Floats:
    """(side, side, 3) smooth or blocky, -1..1, at two scales."""
    total = np.zeros((side, side, 3), dtype=np.float32)
    for cells in (int(random.integers(2, 8)), int(random.integers(8, 60))):
        grey = random.uniform(-1, 1, (cells, cells, 1))
        grid = grey + 0.15 * random.uniform(-1, 1, (cells, cells, 3))
        values = ((np.clip(grid, -1, 1) + 1) * 127.5).astype(np.uint8)
        blocky = random.random() < 0.15
        chosen = Image.Resampling.NEAREST if blocky else Image.Resampling.BICUBIC
        image = Image.fromarray(values).resize((side, side), chosen)
        total += 0.5 * (np.asarray(image, dtype=np.float32) / 127.5 - 1)
    return total


def _with_shapes(random: np.random.Generator, picture: Floats) -> Floats:
    """Add ellipses and quadrangles with random blur."""
    side = len(picture)
    values = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    image = Image.fromarray(values)
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(2, 14))):
        red, green, blue = (draw_colour(random) * 255).astype(int).tolist()
        corner = random.uniform(-0.2 * side, 1.1 * side, 2)
        size = random.uniform(0.03, 0.6, 2) * side
        if random.random() < 0.4:
            draw.ellipse([*corner, *(corner + size)], fill=(red, green, blue))
        else:
            box = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
            points = corner + box + 0.15 * size * random.standard_normal((4, 2))
            draw.polygon([tuple(point) for point in points], fill=(red, green, blue))
    small = max(4, int(side / random.choice([1, 2, 6, 12, 20])))
    soft = image.resize((small, small), Image.Resampling.BOX).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    return np.asarray(soft, dtype=np.float32) / np.float32(255)


def _carried(
    rest: NDArray[np.floating], vertices: Floats, head: HeadMap, near: NDArray[np.bool_]
) -> Floats:
    """Move points of the rest frame with the vertices `near` them, by an affine map per axis."""
    before, after = head.rest[near], vertices[near]
    stretch = after.std(axis=0) / before.std(axis=0)
    stretch[1] = head.growth
    moved = (rest - before.mean(axis=0)) * stretch + after.mean(axis=0)
    return moved.astype(np.float32)


def _grid_triangles(rows: int, columns: int, closed: bool) -> Integers:
    """Triangles of a tube (or a bent sheet) given row by row from the top."""
    index = np.arange(rows * columns).reshape(rows, columns)
    if closed:
        index = np.concatenate([index, index[:, :1]], axis=1)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    return np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)]).astype(np.int64)


def _count(levels: tuple[tuple[float, ...], ...]) -> int:
    return len(levels) * TORSO_AROUND
