"""Principal components, on invented heads with a known answer."""

import numpy as np

from tools.head_model.identity import principal_components


def test_components_are_one_standard_deviation_of_what_was_drawn() -> None:
    random = np.random.default_rng(1)
    mean, direction = random.normal(size=(2, 20, 3))
    odd_direction = random.normal(size=(20, 3))
    drawn = random.normal(size=(1500, 1, 1)) * 0.7
    odd_drawn = random.normal(size=(1500, 1, 1)) * 0.2
    basis = principal_components(
        (mean + drawn * direction).astype(np.float32),
        (odd_drawn * odd_direction).astype(np.float32),
        random.uniform(0.1, 1, size=20),
        symmetric_count=1,
        odd_count=1,
    )
    np.testing.assert_allclose(basis.mean, mean, atol=0.05)
    sign = np.sign((basis.components[0] * direction).sum())
    np.testing.assert_allclose(sign * basis.components[0], 0.7 * direction, atol=0.1)
    sign = np.sign((basis.components[1] * odd_direction).sum())
    np.testing.assert_allclose(sign * basis.components[1], 0.2 * odd_direction, atol=0.02)
    assert basis.mirror_sign.tolist() == [1, -1]


def test_leading_components_come_first_and_their_largest_entry_is_positive() -> None:
    random = np.random.default_rng(2)
    samples = random.normal(size=(300, 20, 3)) * np.linspace(0.1, 2, 20)[:, None]
    basis = principal_components(
        samples.astype(np.float32), samples.astype(np.float32), np.ones(20), 5, 3
    )
    lengths = np.linalg.norm(basis.components.reshape(8, -1), axis=1)
    assert (np.diff(lengths[:5]) < 0).all()
    assert (np.diff(lengths[5:]) < 0).all()
    flat = basis.components.reshape(8, -1)
    assert (flat[np.arange(8), np.abs(flat).argmax(axis=1)] > 0).all()


def test_a_heavier_vertex_decides_which_component_leads() -> None:
    random = np.random.default_rng(3)
    samples = np.zeros((500, 2, 3), dtype=np.float32)
    samples[:, 0, 0] = random.normal(size=500)
    samples[:, 1, 1] = 1.5 * random.normal(size=500)
    plain = principal_components(samples, samples, np.array([1.0, 1.0]), 1, 1)
    weighted = principal_components(samples, samples, np.array([9.0, 1.0]), 1, 1)
    assert np.abs(plain.components[0]).argmax() == 4
    assert np.abs(weighted.components[0]).argmax() == 0
