"""Messages and figures as the page writes them. Pure functions; no HTML."""

import math

from eval.leaderboard.board import in_unit, unit_of
from eval.results.record import Score

NOT_STATED = "not stated"
"""In a record, where its submitter says nothing."""


def sentence(message: str) -> str:
    """An error's message as a sentence; the name of a file that it begins with keeps its case.

    Example:
        >>> sentence("no image was scored by both"), sentence("a.csv has no rows")
        ('No image was scored by both.', 'a.csv has no rows.')
    """
    begins_with_a_file = "." in message.partition(" ")[0]
    return f"{message if begins_with_a_file else capitalised(message)}."


def capitalised(message: str) -> str:
    """The message with its first letter large; the others keep their case."""
    return message[:1].upper() + message[1:]


def stated(fact: str) -> str:
    """A fact of a record as the page shows it: nothing where nothing is said."""
    return "" if fact == NOT_STATED else fact


def shown(value: float, score: Score) -> str:
    """An error with its unit, such as "3.64 %"."""
    text = in_unit(value, score).text
    return text if math.isnan(value) else f"{text} {'%' if unit_of(score) == '%' else '°'}"


def with_minus(number: str) -> str:
    """A formatted number with the typographer's minus in place of the hyphen."""
    return number.replace("-", "−")
