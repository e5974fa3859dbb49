"""What the owner of a demo decides about its boards: data, place of the records, approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Publish = Literal["approve", "at-once"]

DATA_VARIABLE = "DASL_DATA_ROOT"
BOARD_VARIABLE = "DASL_BOARD"
PUBLISH_VARIABLE = "DASL_PUBLISH"
PER_DAY_VARIABLE = "DASL_SUBMISSIONS_PER_DAY"
SPACE_VARIABLE = "SPACE_ID"
"""Set by the hub on every Space."""

DEFAULT_BOARD = Path(__file__).resolve().parents[1] / "outputs" / "board"
DEFAULT_PER_DAY = 5


class SettingsError(ValueError):
    """An environment variable has a value that means nothing."""


@dataclass(frozen=True)
class BoardSettings:
    """Where submissions are scored and kept.

    Attributes:
        data_root: folder with the benchmarks' files; None: the page explains how to score at home.
        place: of the records, a folder or `hf://datasets/USER/NAME`.
        publish: "approve" keeps a submission back until the owner agrees, "at-once" does not.
        per_day: submissions that one person may have scored in 24 hours.
        on_space: whether this is a Space of the hub, where people sign in.
    """

    data_root: Path | None = None
    place: str = str(DEFAULT_BOARD)
    publish: Publish = "approve"
    per_day: int = DEFAULT_PER_DAY
    on_space: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "BoardSettings":
        """Settings as the variables above name them; empty counts as unset.

        Raises:
            SettingsError: names the variable, its value and what may stand there.

        Example:
            >>> BoardSettings.from_environment({"DASL_PUBLISH": "at-once"}).publish
            'at-once'
        """
        root = environment.get(DATA_VARIABLE)
        return cls(
            data_root=Path(root) if root else None,
            place=environment.get(BOARD_VARIABLE) or str(DEFAULT_BOARD),
            publish=_publish(environment.get(PUBLISH_VARIABLE) or "approve"),
            per_day=_per_day(environment.get(PER_DAY_VARIABLE) or str(DEFAULT_PER_DAY)),
            on_space=bool(environment.get(SPACE_VARIABLE)),
        )


def _publish(value: str) -> Publish:
    for choice in get_args(Publish):
        if value == choice:
            return choice
    raise SettingsError(
        f"{PUBLISH_VARIABLE} must be {' or '.join(get_args(Publish))}, got {value!r}; set one"
    )


def _per_day(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10_000:
        raise SettingsError(
            f"{PER_DAY_VARIABLE} must be a whole number from 1 to 10000, got {value!r}; set one"
        )
    return int(value)
