"""Answers that a reload brings back, for the tab that asked for them alone."""

import secrets
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from gradio.utils import get_upload_folder

from space.reconstruct.result_panel import Answer
from space.settings import KEEP_FILES_S, MAX_SESSIONS

RECALL = "() => [sessionStorage.getItem('dasl-head') ?? '']"
REMEMBER = "(token) => { sessionStorage.setItem('dasl-head', token ?? ''); }"
"""The name of an answer in this browser tab: a reload finds it, another tab does not."""


class KeptAnswers:
    """The last answer of each browser tab, by a name that only this tab knows.

    As long as its files are kept, and of the newest tabs only; serves many threads.
    """

    def __init__(self, keep_s: float = KEEP_FILES_S, most: int = MAX_SESSIONS) -> None:
        self._keep_s, self._most = keep_s, most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, tuple[float, Answer]] = OrderedDict()

    def keep(self, answer: Answer) -> Answer:
        """The same answer with its name in `token`: the one that it has, or a new one."""
        token = answer.token or secrets.token_urlsafe(24)
        kept = replace(answer, token=token)
        with self._lock:
            self._answers[token] = time.monotonic(), kept
            self._answers.move_to_end(token)
            self._tidy()
        return kept

    def find(self, token: str) -> Answer | None:
        """The answer of that name; None where it is too old or was forgotten."""
        with self._lock:
            self._tidy()
            _, answer = self._answers.get(token, (0.0, None))
        return answer if answer and answer.glb.is_file() else None

    def forget(self, token: str) -> None:
        """Drops the answer and deletes its files at once."""
        with self._lock:
            _, answer = self._answers.pop(token, (0.0, None))
        if answer is None:
            return
        shutil.rmtree(answer.glb.parent, ignore_errors=True)
        for path in answer.reconstruction.uploads:
            if Path(get_upload_folder()).resolve() in path.resolve().parents:  # else an example
                path.unlink(missing_ok=True)

    def _tidy(self) -> None:
        oldest = time.monotonic() - self._keep_s
        for token, (at, _) in list(self._answers.items()):
            if at < oldest or len(self._answers) > self._most:
                del self._answers[token]
