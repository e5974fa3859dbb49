"""Which rendered people are for training and which for measuring: never the same.

The seed decides, and the photos that people wear are split with it.
"""

import re
from collections.abc import Sequence

from dasl.errors import ConfigError

FIRST_MEASURING_SEED = 9000
"""People of this seed and above are for measuring, those below for training."""
_PERSON = re.compile(r"person-(\d+)-\d+-\d+(?!\d)")
"""The start of a picture's id; what is made of the picture adds to it."""


def is_for_measuring(seed: int) -> bool:
    """Whether people of a seed, and the photos they wear, are kept out of training."""
    return seed >= FIRST_MEASURING_SEED


def person_id(seed: int, number: int, shot: int) -> str:
    """The id of a picture in a face set; all but the shot is the person's."""
    return f"person-{seed}-{number}-{shot}"


def refuse_measuring_people(ids: Sequence[str]) -> None:
    """Checks faces that somebody wants to train on.

    Raises:
        ConfigError: they are people kept for measuring.
    """
    for name in ids:
        person = _PERSON.match(name)
        if person and is_for_measuring(int(person[1])):
            raise ConfigError(
                f"{name} is kept for measuring and must not be trained on; render people with a "
                f"seed below {FIRST_MEASURING_SEED}: python -m tools.render_people --seed 1"
            )
