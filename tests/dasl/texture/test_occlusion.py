"""Tests of ambient light: a cube's open side and its inside."""

import numpy as np
import trimesh

from dasl.texture.occlusion import ambient_light


def test_a_ball_s_outside_is_light_and_brighter_above() -> None:
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.1)
    light = ambient_light(ball.vertices.astype(np.float32), ball.faces)
    assert light.min() > 0.7
    top, bottom = ball.vertices[:, 1] > 0.08, ball.vertices[:, 1] < -0.08
    assert light[top].mean() > light[bottom].mean() + 0.1


def test_it_is_dark_between_two_plates() -> None:
    plate = trimesh.creation.box((0.2, 0.002, 0.2)).subdivide().subdivide().subdivide()
    above = plate.copy().apply_translation((0.0, 0.02, 0.0))
    both = trimesh.util.concatenate([plate, above])
    light = ambient_light(both.vertices.astype(np.float32), both.faces)
    middle = np.abs(both.vertices[:, [0, 2]]).max(axis=1) < 0.03
    gap = middle & (both.vertex_normals[:, 1] > 0.5)
    inside, outside = gap & (both.vertices[:, 1] < 0.01), gap & (both.vertices[:, 1] > 0.01)
    assert light[inside].max() < 0.6
    assert light[outside].min() > 0.9
