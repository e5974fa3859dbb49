"""Errors in words for visitors; what is no message of ours goes to the log."""

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
        error: what went wrong.
        path: of the visitor's file, if it is about one.
    """
    if isinstance(error, WeightsError):
        log.error("the model is not ready: %s", error)
        return text.NOT_READY
    if not isinstance(error, DaslError):
        log.error("an answer failed", exc_info=error)
        return text.TROUBLE
    return public_words(str(error), path)


def public_words(words: str, path: str | Path | None = None) -> str:
    """A message or notice of ours for the visitor, without paths of the server.

    Args:
        words: may name files in quotes.
        path: of the visitor's file, if it is about one.
    """
    if path:
        words = words.replace(f"'{path}'", "this file").replace(str(path), Path(path).name)
    return capitalised(_QUOTED_PATH.sub(lambda found: f"'{Path(found[1]).name}'", words))
