"""The demo's settings and limits.

All environment variables of the page are read here, by `Settings.from_environment`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from eval.program.data_root import data_root

ROOT = Path(__file__).resolve().parents[1]
RECORDS_FOLDER = ROOT / "eval" / "records"

WEIGHTS_VARIABLE = "DASL_WEIGHTS"
REVISION_VARIABLE = "DASL_WEIGHTS_REVISION"
MCP_VARIABLE = "DASL_MCP"
BOARD_VARIABLE = "DASL_BOARD"
PUBLISH_VARIABLE = "DASL_PUBLISH"
PER_DAY_VARIABLE = "DASL_SUBMISSIONS_PER_DAY"
SPACE_VARIABLE, HOST_VARIABLE = "SPACE_ID", "SPACE_HOST"
"""Set by the hub in every Space: the Space's name and the host of its page."""

Publish = Literal["approve", "at-once"]
PUBLISH_CHOICES: tuple[Publish, ...] = get_args(Publish)

DEFAULT_BOARD = ROOT / "outputs" / "board"
DEFAULT_PER_DAY = 5

MAX_UPLOAD_MB = 40
"""Largest upload. A phone's photo has 3 to 12, a ten-second clip 20 to 40."""

MAX_CLIP_S = 12.0
"""Longest part of a clip that is processed, in about half a minute on two cores."""

KEEP_FILES_S = 30 * 60
"""Photos and results are deleted from the server when they are this old."""

CLEAN_EVERY_S = 5 * 60
MAX_WAITING = 40
"""Longest queue; further visitors are asked to come back later."""

MAX_SESSIONS = 64
"""Most visitors whose last result is kept in memory, for at most `KEEP_FILES_S`."""


class SettingsError(ValueError):
    """An environment variable has an invalid value."""


@dataclass(frozen=True)
class BoardSettings:
    """Where submissions are scored and kept.

    Attributes:
        data_root: folder with the benchmarks' files; if None, the page explains local scoring.
        place: place of the records, a folder or `hf://datasets/USER/NAME`.
        publish: "approve": the owner approves each submission first; "at-once": no approval.
        per_day: submissions that one person may have scored in 24 hours.
        on_space: whether this is a Space of the hub, where people sign in.
    """

    data_root: Path | None = None
    place: str = str(DEFAULT_BOARD)
    publish: Publish = "approve"
    per_day: int = DEFAULT_PER_DAY
    on_space: bool = False


@dataclass(frozen=True)
class Settings:
    """All settings of the demo.

    Attributes:
        weights: a weights folder or a hub id "user/repo"; None takes the embedded ones.
        revision: revision of the hub repository.
        records: folder with the scorer's records.
        boards: settings of the Leaderboard and Submit tabs.
        mcp: whether programs may call the endpoints as MCP tools.
        host: host of the page, if set by the hub.
    """

    weights: str | None = None
    revision: str | None = None
    records: Path = RECORDS_FOLDER
    boards: BoardSettings = field(default_factory=BoardSettings)
    mcp: bool = False
    host: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings given by environment variables; an empty variable counts as unset.

        Args:
            environment: None takes the process's.

        Raises:
            SettingsError: names the variable, its value and the values allowed.

        Example:
            >>> Settings.from_environment({"DASL_WEIGHTS": "user/repo"}).weights
            'user/repo'
        """
        given = os.environ if environment is None else environment
        boards = BoardSettings(
            data_root=data_root(environment=given),
            place=given.get(BOARD_VARIABLE) or str(DEFAULT_BOARD),
            publish=_publish(given.get(PUBLISH_VARIABLE) or "approve"),
            per_day=_per_day(given.get(PER_DAY_VARIABLE) or str(DEFAULT_PER_DAY)),
            on_space=bool(given.get(SPACE_VARIABLE)),
        )
        return cls(
            weights=given.get(WEIGHTS_VARIABLE) or None,
            revision=given.get(REVISION_VARIABLE) or None,
            boards=boards,
            mcp=given.get(MCP_VARIABLE) == "1",
            host=given.get(HOST_VARIABLE) or "",
        )


def _publish(value: str) -> Publish:
    for choice in PUBLISH_CHOICES:
        if value == choice:
            return choice
    raise SettingsError(
        f"{PUBLISH_VARIABLE} must be {' or '.join(PUBLISH_CHOICES)}, got {value!r}; set one"
    )


def _per_day(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10_000:
        raise SettingsError(
            f"{PER_DAY_VARIABLE} must be a whole number from 1 to 10000, got {value!r}; set one"
        )
    return int(value)
