"""Display units of errors: fractions in percent, angles in degrees."""

from eval.results.record import Unit

SYMBOL: dict[Unit, str] = {"fraction": "%", "deg": "deg"}
FACTOR: dict[Unit, float] = {"fraction": 100.0, "deg": 1.0}
DECIMALS: dict[Unit, int] = {"fraction": 3, "deg": 2}


def shown_value(value: float, unit: Unit) -> float:
    """An error in its display unit."""
    return FACTOR[unit] * value


def shown_text(value: float, unit: Unit) -> str:
    """The same as text, without the unit's symbol.

    Example:
        >>> shown_text(0.03644, "fraction"), shown_text(4.5, "deg")
        ('3.644', '4.50')
    """
    return f"{shown_value(value, unit):.{DECIMALS[unit]}f}"
