"""Tests of morph targets: what moves, and that they are made once."""

import numpy as np

from dasl.export.morph_targets import STILL_BELOW_M, head_morph_targets, morph_target
from dasl.head.mesh import split_expression_basis
from tests.dasl.painted_head import head_model


def test_only_what_moves_is_kept() -> None:
    offsets = np.zeros((5, 3), np.float32)
    offsets[3] = (0.0, -0.01, 0.0)
    offsets[1, 2] = 0.5 * STILL_BELOW_M
    target = morph_target(offsets)
    assert target.rows.tolist() == [3]
    np.testing.assert_array_equal(target.offsets, offsets[[3]])


def test_the_head_s_targets_are_its_expressions_and_made_once() -> None:
    targets = head_morph_targets(head_model(), "face", 0)
    assert targets is head_morph_targets(head_model(), "face", 0)
    for target, offsets in zip(targets, split_expression_basis(head_model(), "face"), strict=True):
        moved = np.zeros_like(offsets)
        moved[target.rows] = target.offsets
        assert np.abs(moved - offsets).max() <= STILL_BELOW_M
