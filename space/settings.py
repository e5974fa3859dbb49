"""What the demo can be told from outside, and the limits that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from space.submit_settings import BoardSettings

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES_FOLDER = Path(__file__).resolve().parent / "examples"
RECORDS_FOLDER = ROOT / "eval" / "records"

WEIGHTS_VARIABLE = "DASL_WEIGHTS"
REVISION_VARIABLE = "DASL_WEIGHTS_REVISION"
MCP_VARIABLE = "DASL_MCP"

MAX_UPLOAD_MB = 40
"""Largest file taken; a phone's photo has 3 to 12, its clip of ten seconds 20 to 40."""

MAX_CLIP_S = 12.0
"""Longest clip taken: two cores look at it for about half a minute."""

KEEP_FILES_S = 30 * 60
"""Photos and results are deleted from the server when they are this old."""

CLEAN_EVERY_S = 5 * 60
MAX_WAITING = 40
"""Visitors in the queue; the next one is asked to come back."""

MAX_SESSIONS = 64
"""Visitors whose last result is kept in memory, at most `KEEP_FILES_S` each."""


@dataclass(frozen=True)
class Settings:
    """Where the demo takes its parts from.

    Attributes:
        weights: a weights folder or a hub id "user/repo"; None takes the embedded ones.
        revision: of the hub repository.
        records: folder with the scorer's records.
        boards: of the Leaderboard and Submit tabs.
        mcp: whether programs may call the endpoints as MCP tools.
    """

    weights: str | None = None
    revision: str | None = None
    records: Path = RECORDS_FOLDER
    boards: BoardSettings = field(default_factory=BoardSettings)
    mcp: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Settings as the environment names them; empty counts as unset.

        Raises:
            SettingsError: a value means nothing.

        Example:
            >>> Settings.from_environment({"DASL_WEIGHTS": "user/repo"}).weights
            'user/repo'
        """
        return cls(
            weights=environment.get(WEIGHTS_VARIABLE) or None,
            revision=environment.get(REVISION_VARIABLE) or None,
            boards=BoardSettings.from_environment(environment),
            mcp=environment.get(MCP_VARIABLE) == "1",
        )
