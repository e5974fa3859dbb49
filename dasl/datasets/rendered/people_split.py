"""The split of rendered people into training and test, by seed.

The photos of their skins are split in the same way.
"""

import re
from collections.abc import Sequence

from dasl.errors import ConfigError

FIRST_MEASURING_SEED = 9000
"""People with this seed or a larger one are for testing, the others for training."""
_PERSON = re.compile(r"person-(\d+)-\d+-\d+(?!\d)")
"""The start of a picture's id; derived pictures append to it."""


def is_for_measuring(seed: int) -> bool:
    """Whether the people of a seed, and the photos of their skins, are kept out of training."""
    return seed >= FIRST_MEASURING_SEED


def person_id(seed: int, number: int, shot: int) -> str:
    """The id of a picture in a face set; the part before the shot identifies the person."""
    return f"person-{seed}-{number}-{shot}"


def refuse_measuring_people(ids: Sequence[str]) -> None:
    """Check that faces may be used for training.

    Raises:
        ConfigError: a face shows a person kept for testing.
    """
    for name in ids:
        person = _PERSON.match(name)
        if person and is_for_measuring(int(person[1])):
            raise ConfigError(
                f"{name} is kept for testing and must not be trained on; render people with a "
                f"seed below {FIRST_MEASURING_SEED}: python -m tools.render_people --seed 1"
            )
