"""The demo's weights: the owner's choice, or the embedded ones if the hub fails."""

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import WeightsError
from space.settings import REVISION_VARIABLE

if TYPE_CHECKING:
    from dasl.reconstruction.reconstructor import FaceReconstructor

EMBEDDED = "the weights that this project carries (`dasl/assets/lite0`)"
FALLBACK = (
    "The weights that this page was set up with could not be fetched from the hub. Heads are made "
    f"with {EMBEDDED} meanwhile."
)

log = logging.getLogger(__name__)


class WeightsChoice:
    """Loads weights once, and reports which ones."""

    def __init__(self, source: str | None, revision: str | None) -> None:
        """Nothing is loaded yet.

        Args:
            source: a folder, a hub id "user/repo", or None for the embedded weights.
            revision: of the hub repository; a full commit hash needs no network once cached.
        """
        self._source, self._revision = source, revision
        self._fell_back = False
        if self._is_on_hub() and not re.fullmatch(r"[0-9a-f]{40}", revision or ""):
            log.warning(
                "%s is not pinned: set %s to a full commit hash, so that the "
                "demo does not change on its own",
                source,
                REVISION_VARIABLE,
            )

    def load(self) -> "FaceReconstructor":
        """The reconstructor; with the embedded weights if the chosen ones cannot be downloaded.

        Raises:
            WeightsError: a local folder, or the embedded weights, cannot be loaded.
        """
        from dasl.reconstruction.reconstructor import FaceReconstructor

        try:
            return FaceReconstructor.from_pretrained(self._source, revision=self._revision)
        except WeightsError as error:
            if not self._is_on_hub():
                raise
            log.warning("%s; taking the embedded weights", error)
            self._fell_back = True
            return FaceReconstructor.from_pretrained()

    @property
    def source(self) -> str | None:
        """Source of the weights in use: a folder, a hub id, or None for the embedded ones."""
        return None if self._fell_back else self._source

    @property
    def revision(self) -> str | None:
        """Revision of a hub repository."""
        return None if self._fell_back else self._revision

    @property
    def problem(self) -> str:
        """A notice for visitors if the weights in use are not the chosen ones, else ""."""
        return FALLBACK if self._fell_back else ""

    @property
    def words(self) -> str:
        """The weights in use, in Markdown."""
        if self._source is None or self._fell_back:
            return EMBEDDED
        if not self._is_on_hub():
            return f"those of the folder `{Path(self._source).name}`"
        revision = f", revision `{self._revision}`" if self._revision else ""
        return f"[{self._source}](https://huggingface.co/{self._source}){revision}"

    def _is_on_hub(self) -> bool:
        return self._source is not None and not Path(self._source).is_dir()
