"""Tests of the strands' relief: its normal map and the directions that belong to it."""

import numpy as np

from dasl.export.hair.relief import relief_tangents, strand_relief


def normals() -> np.ndarray:
    return strand_relief().astype(float) / 127.5 - 1.0


def test_normals_are_unit_and_point_outward_on_average() -> None:
    np.testing.assert_allclose(np.linalg.norm(normals(), axis=-1), 1.0, atol=0.01)
    mean = normals().mean(axis=(0, 1))
    np.testing.assert_allclose(mean[:2], 0.0, atol=0.01)
    assert mean[2] > 0.9


def test_strands_run_from_crown_to_collar() -> None:
    """Normals tilt to the sides of a strand, and change across it much faster than along it."""
    tilt = normals()[..., 0]
    assert np.ptp(normals()[..., 1]) < 0.01
    assert 0.1 < tilt.std() < 0.5
    along, across = (np.abs(np.diff(tilt, axis=axis)).mean() for axis in (0, 1))
    assert across * strand_relief().shape[1] > 20.0 * along * strand_relief().shape[0]


def test_the_relief_has_no_seam() -> None:
    tilt = normals()[..., 0]
    seam = np.abs(tilt[:, 0] - tilt[:, -1]).mean()
    assert seam < 2.0 * np.abs(np.diff(tilt, axis=1)).mean()


def test_tangents_point_along_u() -> None:
    """At the front (u = 0.5) to positive x, at the side of positive x (u = 0.75) to the back."""
    uv = np.array([[0.5, 0.2], [0.75, 0.9], [0.0, 0.5]], dtype=np.float32)
    wanted = [[1, 0, 0, 1], [0, 0, -1, 1], [-1, 0, 0, 1]]
    tangents = relief_tangents(uv)
    np.testing.assert_allclose(tangents, wanted, atol=1e-6)
    assert tangents.dtype == np.float32
