"""Keeps results, so that a reload of the same browser tab shows them again."""

import secrets
import shutil
import threading
import time
from collections import OrderedDict, deque
from dataclasses import replace
from pathlib import Path

from gradio.utils import get_upload_folder

from space.reconstruct.result_panel import Answer
from space.settings import KEEP_FILES_S, MAX_SESSIONS

TOKEN = "dasl-head"
RECALL = f"() => [sessionStorage.getItem('{TOKEN}') ?? '']"
REMEMBER = f"(token) => {{ sessionStorage.setItem('{TOKEN}', token ?? ''); }}"
"""The token of a result, stored in this browser tab: survives a reload, unknown to other tabs."""


class KeptAnswers:
    """The last result of each browser tab, by a token that only this tab knows.

    Results are kept as long as their files, and for the newest tabs only. Thread-safe.
    """

    def __init__(self, keep_s: float = KEEP_FILES_S, most: int = MAX_SESSIONS) -> None:
        self._keep_s, self._most = keep_s, most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._forgotten: deque[str] = deque(maxlen=most)

    def keep(self, answer: Answer) -> Answer:
        """The result with its token: the existing one, or a new one."""
        token = answer.token or secrets.token_urlsafe(24)
        kept = replace(answer, token=token)
        with self._lock:
            self._answers[token] = time.monotonic(), kept
            self._answers.move_to_end(token)
            self._tidy()
        return kept

    def find(self, token: str) -> Answer | None:
        """The result with this token; None if it is too old or was deleted."""
        with self._lock:
            self._tidy()
            _, answer = self._answers.get(token, (0.0, None))
        return answer if answer and answer.glb.is_file() else None

    def forget(self, token: str) -> None:
        """Removes the result and deletes its files immediately."""
        with self._lock:
            _, answer = self._answers.pop(token, (0.0, None))
            self._forgotten.append(token)
        if answer is None:
            return
        shutil.rmtree(answer.glb.parent, ignore_errors=True)
        for path in answer.reconstruction.uploads:
            if Path(get_upload_folder()).resolve() in path.resolve().parents:  # else an example
                path.unlink(missing_ok=True)

    def was_forgotten(self, token: str) -> bool:
        """Whether `forget` was called with this token; of the newest ones."""
        with self._lock:
            return token in self._forgotten

    def _tidy(self) -> None:
        oldest = time.monotonic() - self._keep_s
        for token, (at, _) in list(self._answers.items()):
            if at < oldest or len(self._answers) > self._most:
                del self._answers[token]
