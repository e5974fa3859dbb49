"""Units moved to another head, on invented shapes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.head_model.units import BLINK_CLEARANCE_M, move_units, symmetric_units

Array = NDArray[np.float64]
MIRROR = np.array([1, 0])


def test_a_unit_and_its_partner_become_mirror_images() -> None:
    units = {
        "eyeBlinkLeft": np.array([[0.0, 1, 0], [0, 0, 0]]),
        "eyeBlinkRight": np.array([[0.0, 0, 0], [0, 3, 0]]),
        "jawOpen": np.array([[0.5, -1, 0], [0.0, -2, 0]]),
    }
    even = symmetric_units(units, MIRROR)
    np.testing.assert_allclose(even["eyeBlinkLeft"], [[0, 2, 0], [0, 0, 0]])
    np.testing.assert_allclose(even["eyeBlinkRight"], [[0, 0, 0], [0, 2, 0]])
    np.testing.assert_allclose(even["jawOpen"], [[0.25, -1.5, 0], [-0.25, -1.5, 0]])


@pytest.fixture
def source() -> Array:
    return np.random.default_rng(0).normal(size=(30, 3))


def _regions(near_eyes: Array) -> dict[str, NDArray[np.bool_]]:
    nothing = np.zeros(len(near_eyes), dtype=bool)
    return {"eyes": near_eyes, "eye_sockets": nothing, "eyeballs": nothing}


def test_units_grow_and_turn_with_the_head(source: Array) -> None:
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    unit = np.random.default_rng(1).normal(size=(30, 3))
    moved = move_units(
        {"jawOpen": unit},
        source,
        1.1 * source @ turn + 5,
        _regions(np.arange(30) < 20),
        np.ones(30),
    )
    np.testing.assert_allclose(moved["jawOpen"], 1.1 * unit @ turn, atol=1e-9)


def test_a_lid_that_met_its_partner_meets_it_on_another_head(source: Array) -> None:
    """Vertex 0 closes onto vertex 1; on the other head both lie elsewhere."""
    unit = np.zeros_like(source)
    unit[0] = source[1] - source[0]
    mean = source.copy()
    mean[0] += [0.0, 0.2, 0.0]
    mean[1] += [0.0, -0.1, 0.05]
    moved = move_units(
        {"eyeSquintLeft": unit}, source, mean, _regions(np.ones(30, bool)), np.ones(30)
    )
    np.testing.assert_allclose(mean[0] + moved["eyeSquintLeft"][0], mean[1], atol=1e-9)
    np.testing.assert_allclose(moved["eyeSquintLeft"][2:], 0, atol=1e-9)


def test_shut_lids_stand_off_the_eyeball_of_their_side() -> None:
    ball = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    eyeballs = np.concatenate([0.01 * ball + [side, 0, 0] for side in (0.03, -0.03)])
    head = np.concatenate([eyeballs, [[0.03, 0.01, 0.005], [-0.03, 0.01, 0.005]]])
    unit = np.zeros_like(head)
    unit[12] = [0.0, -0.01, 0.005]
    regions = _regions(np.arange(14) >= 12) | {"eyeballs": np.arange(14) < 12}
    moved = move_units({"eyeBlinkLeft": unit}, head, head, regions, np.ones(14))["eyeBlinkLeft"]
    np.testing.assert_allclose(moved[12], [0.0, -0.01, 0.005 + BLINK_CLEARANCE_M], atol=1e-9)
    np.testing.assert_allclose(np.delete(moved, 12, axis=0), 0, atol=1e-9)
