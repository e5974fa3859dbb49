"""Errors in words for visitors; what is no message of ours goes to the log."""

import logging
from pathlib import Path

from dasl.errors import DaslError, WeightsError
from space import text
from space.wording import capitalised

log = logging.getLogger(__name__)


def problem_words(error: Exception, path: str | Path | None = None) -> str:
    """A sentence for the visitor, without paths of the server.

    Args:
        error: what went wrong.
        path: of the visitor's file, if it is about one.
    """
    if isinstance(error, WeightsError):
        log.error("the model is not ready: %s", error)
        return text.NOT_READY
    if not isinstance(error, DaslError):
        log.error("an answer failed", exc_info=error)
        return text.TROUBLE
    words = str(error)
    if path:
        words = words.replace(f"'{path}'", "this file").replace(str(path), Path(path).name)
    return capitalised(words)
