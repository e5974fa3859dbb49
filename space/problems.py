"""Error messages for visitors; unexpected errors go to the log."""

import logging
import re
from pathlib import Path

from dasl.errors import DaslError, WeightsError
from space import text
from space.text import capitalised

_QUOTED_PATH = re.compile(r"'((?:/|[A-Za-z]:\\)[^']+)'")

log = logging.getLogger(__name__)


def problem_words(error: Exception, path: str | Path | None = None) -> str:
    """A sentence for the visitor, without paths of the server.

    Args:
        error: the exception.
        path: path of the visitor's file, if the error concerns one.
    """
    if isinstance(error, WeightsError):
        log.error("the model is not ready: %s", error)
        return text.NOT_READY
    if not isinstance(error, DaslError):
        log.error("an answer failed", exc_info=error)
        return text.TROUBLE
    return public_words(str(error), path)


def public_words(words: str, path: str | Path | None = None) -> str:
    """One of our messages for the visitor, without server paths.

    Args:
        words: the message; may name files in quotes.
        path: path of the visitor's file, if the message concerns one.
    """
    if path:
        words = words.replace(f"'{path}'", "this file").replace(str(path), Path(path).name)
    return capitalised(_QUOTED_PATH.sub(lambda found: f"'{Path(found[1]).name}'", words))
