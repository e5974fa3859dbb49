"""The one rule about rows that cannot be used."""

import logging

import pytest

from dasl.datasets.broken_rows import BrokenRows
from dasl.errors import ConfigError


def test_the_first_broken_row_stops_where_none_is_allowed() -> None:
    with pytest.raises(ConfigError, match=r"mine: a: torn; .*data\.broken_share"):
        BrokenRows("mine", 0.0).add("a", "torn")


def test_a_few_are_counted_and_the_first_reasons_told(caplog: pytest.LogCaptureFixture) -> None:
    broken = BrokenRows("mine", 0.5)
    for name in "abcd":
        broken.add(name, "torn")
    with caplog.at_level(logging.WARNING):
        broken.check(8)
    assert len(broken) == 4
    assert "mine: 4 of 8 rows left out: a: torn; b: torn; c: torn; ..." in caplog.text


def test_more_than_the_share_or_nothing_at_all_is_an_error() -> None:
    broken = BrokenRows("mine", 0.1)
    broken.add("a", "torn")
    with pytest.raises(ConfigError, match="1 of 9 rows are broken"):
        broken.check(9)
    with pytest.raises(ConfigError, match="holds no face"):
        BrokenRows("mine", 0.1).check(0)


def test_whole_rows_need_no_word(caplog: pytest.LogCaptureFixture) -> None:
    BrokenRows("mine", 0.0).check(5)
    assert not caplog.text
