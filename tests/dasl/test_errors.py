"""Tests of the exceptions and of the check of shapes."""

import re

import numpy as np
import pytest
import torch

from dasl.errors import (
    BoxError,
    ConfigError,
    DaslError,
    NoFaceFound,
    PhotoError,
    ShapeError,
    WeightsError,
    check_shape,
)


@pytest.mark.parametrize(
    "kind", [BoxError, ConfigError, NoFaceFound, PhotoError, ShapeError, WeightsError]
)
def test_every_error_is_ours_and_a_value_error(kind: type[Exception]) -> None:
    assert issubclass(kind, DaslError)
    assert issubclass(kind, ValueError)


def test_check_shape_says_what_is_wanted_what_was_got_and_the_next_step() -> None:
    wanted = "vertices must be (B, 68, 3), got (68, 3); add a batch axis"
    with pytest.raises(ShapeError, match=re.escape(wanted)):
        check_shape("vertices", np.zeros((68, 3)), "B", 68, 3, hint="add a batch axis")


def test_check_shape_takes_arrays_and_tensors_with_free_axes() -> None:
    check_shape("points", np.zeros((7, 68, 3)), "B", 68, None)
    check_shape("points", torch.zeros(7, 68, 3), "B", 68, 3)


def test_check_shape_wants_equally_named_axes_equally_long() -> None:
    check_shape("rotation", np.zeros((3, 3)), "N", "N")
    with pytest.raises(ShapeError, match=re.escape("rotation must be (N, N), got (3, 2)")):
        check_shape("rotation", np.zeros((3, 2)), "N", "N")


def test_check_shape_refuses_a_wrong_length() -> None:
    with pytest.raises(ShapeError, match=re.escape("box must be (4,), got (5,)")):
        check_shape("box", np.zeros(5), 4)
