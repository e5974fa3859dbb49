"""Lighting of rendered heads: normals, occlusion, cast shadows, and the shading of pixels.

Directions are in the view frame (y up, z towards the viewer); light is linear.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from eval.meshes.rays import cast_along_z

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

SKY_DIRECTIONS = 128
LAMP_SHARPNESS = 40.0  # of the blend between neighbouring directions, about 18 degrees apart
UNITS_PER_METRE = 1000.0  # rays are cast in millimetres
LIFT_MM = 0.5
SCATTER = np.array([0.30, 0.12, 0.06], dtype=np.float32)
"""Wrap of diffuse light around the terminator by colour; it approximates subsurface scattering."""


@dataclass(frozen=True)
class Lamp:
    """A distant light.

    Attributes:
        direction: (3,) unit vector towards it.
        colour: (3,) irradiance of a surface that faces it.
    """

    direction: Floats
    colour: Floats


@dataclass(frozen=True)
class Lighting:
    """First-order spherical-harmonics sky and lamps; the first lamp casts shadows.

    Attributes:
        sky: (3,) mean irradiance.
        slope: (3, 3) sky[c] * (1 + slope[c] . normal).
        lamps: at least one.
        exposure: factor before display.
        shininess: exponent of highlights.
    """

    sky: Floats
    slope: Floats
    lamps: tuple[Lamp, ...]
    exposure: float
    shininess: float


@dataclass(frozen=True)
class GBuffer:
    """The shading inputs of P pixels.

    Attributes:
        albedo: (P, 3); normal: (P, 3) unit, view; occlusion: (P,); lit: (P,) by the first lamp.
        gloss: (P,) strength of highlights.
    """

    albedo: Floats
    normal: Floats
    occlusion: Floats
    lit: Floats
    gloss: Floats


def draw_lighting(random: np.random.Generator) -> Lighting:
    """Draw random light between an overcast sky and a hard lamp."""
    hardness = random.uniform(0.1, 1.0)
    lamps = [_draw_lamp(random, hardness * 1.6)]
    if random.random() < 0.5:
        lamps.append(_draw_lamp(random, hardness * 0.7))
    sky = (1.25 - 0.8 * hardness) * _draw_tint(random)
    upward = np.array([0.0, 0.35, 0.1], dtype=np.float32)
    slope = upward + random.normal(0.0, 0.22, 3) + random.normal(0.0, 0.06, (3, 3))
    return Lighting(
        sky=sky.astype(np.float32),
        slope=slope.astype(np.float32),
        lamps=tuple(lamps),
        exposure=float(np.exp(random.normal(-0.1, 0.25))),
        shininess=float(random.uniform(8.0, 40.0)),
    )


def shade(pixels: GBuffer, lighting: Lighting) -> Floats:
    """Light that leaves each pixel towards the viewer: (P, 3), before exposure."""
    sky = lighting.sky * np.maximum(1.0 + pixels.normal @ lighting.slope.T, 0.1)
    irradiance = sky * pixels.occlusion[:, None]
    highlight = np.zeros_like(irradiance)
    for number, lamp in enumerate(lighting.lamps):
        lit = pixels.lit if number == 0 else np.sqrt(pixels.occlusion)
        cosine = (pixels.normal @ lamp.direction)[:, None]
        wrapped = np.maximum((cosine + SCATTER) / (1.0 + SCATTER), 0.0)
        irradiance += wrapped * lit[:, None] * lamp.colour
        half = lamp.direction + np.array([0.0, 0.0, 1.0], dtype=np.float32)
        half /= np.linalg.norm(half) + 1e-6
        facing = np.clip(pixels.normal @ half, 0.0, 1.0) ** lighting.shininess
        highlight += (facing * lit * pixels.gloss)[:, None] * lamp.colour
    return pixels.albedo * irradiance + highlight


def face_to_vertex(triangles: Integers, vertex_count: int) -> csr_matrix:
    """(V, T) operator that sums triangle values around each vertex."""
    rows = triangles.reshape(-1)
    columns = np.repeat(np.arange(len(triangles)), 3)
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_matrix((ones, (rows, columns)), shape=(vertex_count, len(triangles)))


def vertex_normals(vertices: Floats, triangles: Integers, around: csr_matrix) -> Floats:
    """(V, 3) unit outward normals, weighted by area; any right-handed frame."""
    first, second, third = (vertices[triangles[:, corner]] for corner in range(3))
    summed = around @ np.cross(second - first, third - first)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return (summed / np.maximum(length, 1e-12)).astype(np.float32)


@dataclass(frozen=True)
class SkyView:
    """Precomputed visibility of the sky from the vertices of one static mesh.

    Attributes:
        directions: (D, 3) unit vectors, evenly spread, model frame.
        seen: (V, D) 1 if the direction is not occluded, else 0.
        openness: (V,) cosine-weighted share of the sky that each vertex sees.
    """

    directions: Floats
    seen: Floats
    openness: Floats

    def lit_from(self, direction: Floats) -> Floats:
        """(V,) soft shadow of a distant lamp, 1 = lit. `direction`: (3,), model frame."""
        weight = np.exp(LAMP_SHARPNESS * (self.directions @ direction - 1.0))
        return np.asarray(self.seen @ (weight / weight.sum()), dtype=np.float32)


def sky_view(vertices: Floats, triangles: Integers) -> SkyView:
    """Cast rays from each vertex (V, 3), metres, in many directions; takes seconds."""
    normals = vertex_normals(vertices, triangles, face_to_vertex(triangles, len(vertices)))
    directions = _spread_directions(SKY_DIRECTIONS)
    columns = [_sees(vertices, normals, triangles, direction) for direction in directions]
    seen = np.stack(columns, axis=1)
    cosine = np.maximum(normals @ directions.T, 0.0)
    openness = (cosine * seen).sum(axis=1) / np.maximum(cosine.sum(axis=1), 1e-6)
    return SkyView(directions, seen, openness.astype(np.float32))


def _sees(vertices: Floats, normals: Floats, triangles: Integers, direction: Floats) -> Floats:
    """(V,) 1 if the mesh does not occlude a distant lamp, else 0."""
    turn = _turn_to_z(direction)
    turned = (vertices @ turn.T) * UNITS_PER_METRE
    lifted = turned + LIFT_MM * (normals @ turn.T)
    hits = cast_along_z(turned, triangles, lifted[:, :2])
    clear = ~hits.hit | (np.nan_to_num(hits.depth) < lifted[:, 2] + LIFT_MM)
    return clear.astype(np.float32)


def _draw_lamp(random: np.random.Generator, strength: float) -> Lamp:
    azimuth = np.radians(np.clip(random.normal(0.0, 50.0), -130.0, 130.0))
    height = np.radians(np.clip(random.normal(30.0, 22.0), -25.0, 80.0))
    flat = np.cos(height)
    direction = np.array([flat * np.sin(azimuth), np.sin(height), flat * np.cos(azimuth)])
    colour = strength * random.uniform(0.6, 1.2) * _draw_tint(random)
    return Lamp(direction.astype(np.float32), colour.astype(np.float32))


def _draw_tint(random: np.random.Generator) -> Floats:
    """(3,) colour of light, from candle to shade, mean 1."""
    warmth, green = random.normal(0.0, 0.16), random.normal(0.0, 0.03)
    tint = np.exp([warmth, green, -warmth])
    return (tint / tint.mean()).astype(np.float32)


def _spread_directions(count: int) -> Floats:
    """(count, 3) unit vectors evenly over the sphere (golden spiral)."""
    step = np.arange(count) + 0.5
    height, turn = 1 - 2 * step / count, np.pi * (1 + 5**0.5) * step
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], 1).astype(np.float32)


def _turn_to_z(direction: Floats) -> Floats:
    """(3, 3) rotation whose third row is `direction`."""
    helper = np.eye(3, dtype=np.float32)[int(np.argmin(np.abs(direction)))]
    first = np.cross(helper, direction)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(direction, first), direction]).astype(np.float32)
