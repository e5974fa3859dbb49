"""The head of an example photo, shown until the visitor provides a photo."""

import threading
from collections import OrderedDict

import gradio as gr

from space import text
from space.components import Updates, hint_status
from space.reconstruct.head_files import HeadChoices
from space.reconstruct.kept import KeptAnswers
from space.reconstruct.result_panel import Answer, ResultPanel
from space.reconstruct.service import ReconstructionService
from space.settings import MAX_SESSIONS
from space.viewer import shown_head

GREETING_WAIT_S = 30.0
"""How long visitors wait for the example while the server starts."""


class Greeter:
    """Fills the panel of a page that opens. Thread-safe.

    While the server starts, a greeting waits for the example. A visitor who does not wait may have
    asked for a head by then; the greeting leaves that one alone.
    """

    def __init__(
        self, panel: ResultPanel, service: ReconstructionService, kept: KeptAnswers
    ) -> None:
        """Stores the arguments.

        Args:
            panel: the panel to fill.
            service: makes the example.
            kept: results from before a reload.
        """
        self._panel, self._service, self._kept = panel, service, kept
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, None] = OrderedDict()

    def has_asked(self, request: gr.Request | None) -> None:
        """Notes that a visitor has asked for a head."""
        if request is None or not request.session_hash:
            return
        with self._lock:
            self._asked[request.session_hash] = None
            if len(self._asked) > MAX_SESSIONS:
                self._asked.popitem(last=False)

    def greet(self, token: str = "", request: gr.Request | None = None) -> Updates:
        """The browser tab's result from before the reload, else the example's head, if ready."""
        answer = self._kept.find(token) if token else None
        if answer is not None:
            return self._panel.filled(answer)
        example = self._service.awaited_example(GREETING_WAIT_S)
        with self._lock:
            is_late = request is not None and request.session_hash in self._asked
        if example is None or is_late:
            return {self._panel.status: gr.skip()}
        return {
            self._panel.status: hint_status(text.GREETING),
            self._panel.head: shown_head(example.glb, text.GREETING_TITLE, example.behind),
        }

    def stand_in(self, blocked: bool, shown: Answer | None) -> Updates:
        """A still picture of the result's head, or of the example's, if the viewer is blocked.

        Args:
            blocked: whether the viewer cannot run in this browser.
            shown: the result that the page shows now.
        """
        if blocked and shown is not None:
            return self._panel.stand_in(shown.face, shown.choices)
        example = self._service.example
        if blocked and example is not None:
            greeted = {self._panel.status: hint_status(text.GREETING_STILL)}
            return greeted | self._panel.stand_in(example.face, HeadChoices())
        return {self._panel.status: gr.skip()}
