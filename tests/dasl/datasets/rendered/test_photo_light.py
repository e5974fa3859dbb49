"""The light on a face is found, and relative to its mean."""

import numpy as np

from dasl.datasets.rendered.photo_light import BRIGHTEST, DIMMEST, face_light


def _half_sphere(count: int = 2000) -> np.ndarray:
    normals = np.random.default_rng(0).standard_normal((count, 3))
    normals[:, 2] = np.abs(normals[:, 2])
    return (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)


def test_light_from_one_side_is_found_on_a_skin_of_one_colour() -> None:
    normals = _half_sphere()
    light = 1.0 + 0.5 * normals[:, 0] - 0.2 * normals[:, 1]
    colours = (light[:, None] * [0.4, 0.3, 0.2]).astype(np.float32)
    found = face_light(colours, normals, np.ones(len(normals), dtype=bool))
    # The ridge and the trimming take a little off.
    np.testing.assert_allclose(found, light / light.mean(), atol=0.13)
    before, after = np.std(np.log(colours[:, 0])), np.std(np.log(colours[:, 0] / found))
    assert after < 0.2 * before


def test_dark_spots_are_no_light() -> None:
    normals = _half_sphere()
    colours = np.full((len(normals), 3), 0.3, dtype=np.float32)
    colours[::20] *= 0.1
    found = face_light(colours, normals, np.ones(len(normals), dtype=bool))
    np.testing.assert_allclose(found / np.median(found), 1.0, atol=0.02)


def test_light_stays_within_its_bounds_where_nothing_was_seen() -> None:
    normals = _half_sphere()
    lit = normals[:, 2] > 0.6
    colours = np.repeat(np.maximum(0.02, 2.0 * normals[:, :1] + 0.3), 3, axis=1).astype(np.float32)
    everywhere = np.concatenate([normals, -normals])
    found = face_light(np.tile(colours, (2, 1)), everywhere, np.tile(lit, 2))
    assert found.min() >= DIMMEST
    assert found.max() <= BRIGHTEST
