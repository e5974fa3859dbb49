"""The rim of the neck: planar and smooth on any head."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.head_model.identity import IdentityBasis
from tools.head_model.neck import HARMONICS, finish_neck, neck_rim
from tools.head_model.population import mirrored
from tools.head_model.topology import RIM_TILT, HeadTopology, trim_collar

Array = NDArray[np.float64]


def _face(identity: IdentityBasis, head: HeadTopology) -> NDArray[np.bool_]:
    """All that lies well above the rim."""
    above: NDArray[np.bool_] = identity.mean[:, 1] > identity.mean[neck_rim(head), 1].max() + 0.5
    return above


@pytest.fixture(scope="module")
def trimmed(topology: HeadTopology, untrimmed_adult: Array) -> tuple[HeadTopology, IdentityBasis]:
    """The head with a ragged rim and components that tear at it."""
    head, rows, _ = trim_collar(topology, untrimmed_adult)
    mean = untrimmed_adult[rows]
    random = np.random.default_rng(0)
    components = np.stack([mean * 0.05, random.normal(size=mean.shape) * 0.02])
    components[1] = (components[1] + mirrored(components[1], head.mirror)) / 2
    return head, IdentityBasis(mean, components, np.ones(2))


def test_the_rim_is_one_ring_along_edges(trimmed: tuple[HeadTopology, IdentityBasis]) -> None:
    head, _ = trimmed
    rim = neck_rim(head)
    assert len(rim) == len(set(rim.tolist())) > 40
    sides = np.stack([head.quads, np.roll(head.quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    known = set(map(tuple, sides.tolist()))
    assert all(pair in known for pair in zip(rim, np.roll(rim, -1), strict=True))


def test_the_rim_of_every_head_is_planar_and_smooth(
    trimmed: tuple[HeadTopology, IdentityBasis],
) -> None:
    head, identity = trimmed
    finished, rim = finish_neck(identity, head, _face(identity, head)), neck_rim(head)
    for coefficients in ([0, 0], [2, -1], [-1.5, 3]):
        shape = finished.mean + np.tensordot(coefficients, finished.components, axes=1)
        height = shape[rim, 1] - RIM_TILT * shape[rim, 2]
        np.testing.assert_allclose(height, height.mean(), atol=1e-9)
        waves = np.abs(np.fft.rfft(shape[rim][:, [0, 2]], axis=0))
        assert waves[HARMONICS + 1 :].max() < 1e-9 * waves.max()


def test_a_finished_neck_is_left_as_it_is_and_so_is_the_face(
    trimmed: tuple[HeadTopology, IdentityBasis],
) -> None:
    head, identity = trimmed
    once = finish_neck(identity, head, _face(identity, head))
    twice = finish_neck(once, head, _face(identity, head))
    np.testing.assert_allclose(twice.mean, once.mean, atol=1e-9)
    face = _face(identity, head)
    np.testing.assert_array_equal(once.mean[face], identity.mean[face])


def test_symmetric_heads_stay_symmetric(trimmed: tuple[HeadTopology, IdentityBasis]) -> None:
    head, identity = trimmed
    finished = finish_neck(identity, head, _face(identity, head))
    before = np.abs(mirrored(identity.mean, head.mirror) - identity.mean).max()
    after = np.abs(mirrored(finished.mean, head.mirror) - finished.mean).max()
    assert after < before + 1e-9
