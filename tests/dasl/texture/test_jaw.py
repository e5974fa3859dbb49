"""Tests of the jaw's rim: fingers and collars at the chin are told from skin."""

import numpy as np

from dasl.head.mesh import vertex_normals
from dasl.texture.prior import surface_prior
from tests.dasl.painted_head import head_model

JAW = surface_prior(head_model()).jaw
FACING = vertex_normals(head_model().mean_vertices, head_model().triangles)[:, 2]
SEEN = np.ones(len(FACING))
SKIN = 100.0 * np.exp(0.3 * FACING)
X, Y, _ = head_model().mean_vertices.T
NEAR_TIP = np.hypot(X - 0.03, Y - Y[JAW.vertices].mean()) < 0.007
TIP = NEAR_TIP & np.isin(np.arange(len(X)), JAW.vertices[JAW.share > 0.99]) & (FACING > 0.2)


def test_a_finger_on_the_jaw_is_doubted() -> None:
    assert TIP.sum() >= 3
    found = JAW.bright(np.where(TIP, 1.8 * SKIN, SKIN), SEEN, FACING)
    assert found[TIP].min() > 0.8
    assert found[~TIP].max() < 0.2


def test_a_shaded_jaw_is_not() -> None:
    assert JAW.bright(SKIN, SEEN, FACING).max() < 0.3
    assert JAW.bright(SKIN * np.exp(8.0 * X), SEEN, FACING).mean() < 0.01


def test_what_the_photo_does_not_show_is_not() -> None:
    found = JAW.bright(np.where(TIP, 1.8 * SKIN, SKIN), 0.0 * SEEN, FACING)
    assert found.max() == 0.0


def test_skin_in_the_gaps_of_a_beard_stays() -> None:
    patches = np.zeros(len(X), dtype=bool)
    patches[JAW.vertices] = np.sin(X[JAW.vertices] * 400) > 0.0
    bearded = np.where(patches, SKIN, 0.3 * SKIN)
    assert JAW.bright(bearded, SEEN, FACING).max() < 0.2
