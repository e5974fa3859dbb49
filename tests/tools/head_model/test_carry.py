"""Offsets known on the outer skin, carried along to the rest of an invented head."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.head_model.carry import Carrier, make_carrier, sphere

Array = NDArray[np.float64]
SIDES = (-1.0, 1.0)
RADIUS = 0.015


def _sphere_points(count: int, radius: float) -> Array:
    """(count, 3) evenly over a sphere (Fibonacci's spiral)."""
    steps = np.arange(count) + 0.5
    z = 1 - 2 * steps / count
    angle = np.pi * (1 + 5**0.5) * steps
    flat = np.sqrt(1 - z**2)
    return radius * np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)


class Invented:
    """Two eyeballs with lids in front, a strip of skin whose last point is not known, a tooth."""

    def __init__(self) -> None:
        ball, lid = _sphere_points(60, RADIUS), _sphere_points(80, 1.03 * RADIUS)
        lid = lid[lid[:, 2] > 0.4 * RADIUS]
        parts, names = [], []
        for side in SIDES:
            centre = np.array([0.03 * side, 0.0, 0.0])
            parts += [ball + centre, lid + centre]
            names += ["eyeballs"] * len(ball) + ["eyes"] * len(lid)
        # A strip: two known ends and one vertex halfway between them.
        strip = np.array([[0.0, -0.05, 0.01], [0.0, -0.04, 0.01], [0.0, -0.03, 0.01]])
        mouth = np.array([[0.0, -0.05, 0], [0.02, -0.05, 0], [0, -0.06, 0], [0.01, -0.05, 0.01]])
        tooth = np.array([[0.005, -0.055, -0.005], [0.007, -0.055, -0.004]])
        parts += [strip, mouth, tooth]
        names += ["strip"] * 3 + ["mouth"] * 4 + ["teeth"] * 2
        self.vertices = np.concatenate(parts)
        name = np.array(names)
        kinds = ("eyeballs", "eyes", "eye_sockets", "mouth", "teeth", "tongue")
        self.regions = {kind: name == kind for kind in kinds}
        self.strip = np.flatnonzero(name == "strip")
        self.known = (name == "eyes") | (name == "mouth") | (name == "strip")
        self.known[self.strip[1]] = False
        self.triangles = self.strip[None]

    def carrier(self) -> Carrier:
        return make_carrier(self.vertices, self.triangles, self.regions, self.known)


@pytest.fixture(scope="module")
def head() -> Invented:
    return Invented()


def test_known_offsets_stay_as_they_are(head: Invented) -> None:
    offsets = np.random.default_rng(0).normal(size=head.vertices.shape)
    carried = head.carrier().carry(offsets)
    np.testing.assert_array_equal(carried[head.known], offsets[head.known])


def test_unknown_skin_takes_the_mean_of_what_is_around(head: Invented) -> None:
    offsets = np.zeros_like(head.vertices)
    offsets[head.strip[0]], offsets[head.strip[2]] = [1.0, 0, 0], [0, 2.0, 0]
    offsets[head.strip[1]] = np.nan  # never read
    carried = head.carrier().carry(offsets)
    np.testing.assert_allclose(carried[head.strip[1]], [0.5, 1.0, 0])


def test_a_shift_moves_the_whole_head(head: Invented) -> None:
    shift = np.array([0.003, -0.002, 0.001])
    carried = head.carrier().carry(np.where(head.known[:, None], shift, 0.0))
    np.testing.assert_allclose(carried, np.broadcast_to(shift, carried.shape), atol=1e-12)


def test_an_eyeball_comes_forward_with_its_lids_rather_than_grow(head: Invented) -> None:
    is_left = head.vertices[:, 0] < 0
    ball = head.regions["eyeballs"] & is_left
    centre, radius = sphere(head.vertices[ball])
    lifted = np.where((head.regions["eyes"] & is_left)[:, None], 0.1, 0.0)
    carried = head.carrier().carry(lifted * (head.vertices - centre))
    moved, grown = sphere(head.vertices[ball] + carried[ball])
    assert 1 < grown / radius < 1.05
    assert moved[2] - centre[2] > 0.04 * radius
    other = head.regions["eyeballs"] & ~is_left
    np.testing.assert_allclose(carried[other], 0, atol=1e-12)


def test_lids_that_slide_move_their_eyeball_less_than_lids_that_lift(head: Invented) -> None:
    """Turned about the eyeball's centre, lids stay on it, mostly where it is."""
    is_left = head.vertices[:, 0] < 0
    ball = head.regions["eyeballs"] & is_left
    centre, radius = sphere(head.vertices[ball])
    lids = head.regions["eyes"] & is_left
    offsets = np.zeros_like(head.vertices)
    offsets[lids] = np.cross([0.1, 0.0, 0.0], head.vertices[lids] - centre)
    moved = head.carrier().carry(offsets)[ball].mean(axis=0)
    assert np.linalg.norm(moved) < 0.4 * np.linalg.norm(offsets[lids].mean(axis=0))
    assert radius == pytest.approx(RADIUS, rel=0.02)


def test_teeth_turn_with_the_mouth_as_one_piece(head: Invented) -> None:
    offsets = np.zeros_like(head.vertices)
    mouth, teeth = head.regions["mouth"], head.regions["teeth"]
    centre = head.vertices[mouth].mean(axis=0)
    offsets[mouth] = np.cross([0.0, 0.0, 0.2], head.vertices[mouth] - centre)
    wanted = np.cross([0.0, 0.0, 0.2], head.vertices[teeth] - centre)
    np.testing.assert_allclose(head.carrier().carry(offsets)[teeth], wanted, atol=1e-12)
