"""Errors as people read them."""

from typing import get_args

from eval.results.record import Unit
from eval.results.units import DECIMALS, FACTOR, SYMBOL, shown_text, shown_value


def test_each_unit_has_a_symbol_a_factor_and_digits() -> None:
    assert set(SYMBOL) == set(FACTOR) == set(DECIMALS) == set(get_args(Unit))


def test_fractions_are_percent_with_three_digits_and_angles_degrees_with_two() -> None:
    assert shown_value(0.0364, "fraction") == 3.64 and shown_value(4.567, "deg") == 4.567
    assert shown_text(0.0364441, "fraction") == "3.644" and shown_text(4.567, "deg") == "4.57"
