"""Tests of the choices for a head's files."""

import pytest

from dasl.errors import ConfigError
from dasl.export.options import HeadOptions


def test_the_defaults_are_the_whole_head_in_the_models_frame() -> None:
    assert HeadOptions() == HeadOptions("head", 0, False, "head", 1024)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"part": "hair"}, "part must be one of head, face, got 'hair'"),
        ({"subdivisions": 3}, "subdivisions must be 0 or 1, got 3"),
        ({"align": "world"}, "align must be one of head, camera, got 'world'"),
        ({"texture_size": 8}, "from 64 to 4096, got 8"),
        ({"texture_size": 10**6}, "from 64 to 4096, got 1000000"),
        ({"texture_size": 512.5}, "whole number.*got 512.5"),
        ({"ipd_mm": 0.063}, "from 30 to 100 millimetres between the pupils, got 0.063"),
        ({"ipd_mm": float("nan")}, "from 30 to 100"),
        ({"expression": {"jawOpen": 1.5}}, "from 0 to 1, got 1.5 for 'jawOpen'"),
        ({"expression": {"jawOpen": float("nan")}}, "from 0 to 1, got nan"),
        ({"expression": {"jawOpen": "1"}}, "from 0 to 1, got '1'"),
        ({"ipd_mm": "61.5"}, "from 30 to 100 millimetres between the pupils, got '61.5'"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_with_those_there_are(choice, message) -> None:
    with pytest.raises(ConfigError, match=message):
        HeadOptions(**choice)
