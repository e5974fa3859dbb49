"""Tests of raising upper lids to where a photo shows them."""

import numpy as np
import pytest

from dasl.texture.lids import raised_lids
from dasl.texture.photo import PosedHead
from tests.dasl.painted_head import head_model
from tests.dasl.texture.conftest import posed_head
from tests.dasl.texture.test_eyes import drawn_eyes

LEFT, RIGHT = (head_model().expression_names.index(f"eyeWide{side}") for side in ("Left", "Right"))
CALM = np.zeros((1, len(head_model().expression_names)), np.float32)


def test_eyes_that_are_drawn_wider_are_opened_and_the_weights_given_stay() -> None:
    before = CALM.copy()
    raised = raised_lids(head_model(), drawn_eyes((0.0, 2.5)), CALM)
    assert 0.2 < raised[0, LEFT] == pytest.approx(raised[0, RIGHT])
    others = np.delete(raised, [LEFT, RIGHT], axis=1)
    assert np.abs(others).max() == 0.0
    np.testing.assert_array_equal(CALM, before)


def test_lids_drawn_higher_are_raised_further() -> None:
    low, high = (
        raised_lids(head_model(), drawn_eyes((0.0, up)), CALM)[0, LEFT] for up in (0.5, 2.5)
    )
    assert high > low + 0.1


def test_skin_without_eyes_leaves_the_lids() -> None:
    head = drawn_eyes((0.0, 0.0))
    blank = PosedHead(head.vertices_image, head.scale, np.full((1800, 1800, 3), 150, np.uint8))
    np.testing.assert_array_equal(raised_lids(head_model(), blank, CALM), CALM)


def test_closed_eyes_stay_closed() -> None:
    closed = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    head = posed_head(weights=closed)
    np.testing.assert_array_equal(raised_lids(head_model(), head, CALM), CALM)


def test_a_weight_never_exceeds_one() -> None:
    wide = CALM.copy()
    wide[0, [LEFT, RIGHT]] = 0.95
    assert raised_lids(head_model(), drawn_eyes((0.0, 1.0)), wide).max() <= 1.0
