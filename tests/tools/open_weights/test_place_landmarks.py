"""The open landmarks follow from hand-placed positions and portraits, not from the head's own."""

import numpy as np
import pytest

from dasl.head.landmark_file import landmark_bytes
from dasl.head.morphable_model import MorphableModel
from tools.head_model.landmarks import with_positions
from tools.open_weights.place_landmarks import (
    BY_HAND,
    MOVED,
    OUTPUT,
    Positions,
    placed,
    read,
)

WITHIN_DM = 0.01  # a millimetre


@pytest.fixture(scope="module")
def made(adult, head: MorphableModel) -> Positions:
    """Placed anew."""
    return placed(head, adult)


def test_the_committed_positions_come_from_hand_and_portraits(made: Positions) -> None:
    for name, positions in read().items():
        assert np.abs(made[name] - positions).max() < WITHIN_DM


def test_another_heads_own_landmarks_change_nothing(
    adult, head: MorphableModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.open_weights.place_landmarks.ROUNDS", 1)
    shifted = head.with_landmarks(
        head.landmarks68_vertices[::-1],
        head.landmarks68_weights[::-1],
        head.landmarks21_vertices,
        head.landmarks21_weights,
    )
    found, wanted = (placed(model, adult)["ibug68"] for model in (shifted, head))
    np.testing.assert_allclose(found, wanted)


def test_only_brows_mouth_corners_and_the_bridge_left_their_hand_placed_positions() -> None:
    moved = np.linalg.norm(read()["ibug68"] - read(BY_HAND)["ibug68"], axis=1) > 0.02
    assert set(np.flatnonzero(moved).tolist()) <= set(MOVED) | {28, 29}


def test_the_file_beside_the_weights_has_these_positions(adult, head) -> None:
    content = landmark_bytes(with_positions(head, read(), adult))
    assert content == OUTPUT.read_bytes()
