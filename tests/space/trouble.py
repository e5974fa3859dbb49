"""What a page or its server says when something is wrong, gathered while a test runs."""

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SEEN = "seen by the tests: "
WATCH = """
(() => {
  const told = new WeakSet();
  const wrong = "[data-testid=toast-body], [data-testid=status-tracker] .error";
  const look = () => document.querySelectorAll(wrong).forEach((node) => {
    if (told.has(node) || !node.innerText.trim()) return;
    told.add(node);
    const kind = node.matches("[data-testid=toast-body]") ? "toast" : "error overlay";
    console.info(`SEEN${kind}: ${node.innerText.replace(/\\s+/g, " ")}`);
  });
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(look).observe(document, all);
})()
""".replace("SEEN", SEEN)
"""A toast is gone after some seconds, so the page itself tells of each as it appears."""

ALWAYS_ALLOWED = (r"/gradio_api/heartbeat/",)
"""Of pages that outlive the server of their test: their open stream then ends."""


class Trouble(logging.Handler):
    """Toasts, error overlays, console errors and uncaught errors of all pages of a test.

    Tracebacks and logged errors of this process's servers too, while `heard`: fixtures of a module
    bring them about before any fixture of a test could capture them.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._seen: list[str] = []
        self._allowed: list[str] = []

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Hears what servers of this process log and print."""
        print_exc, root = traceback.print_exc, logging.getLogger()

        def told(*args, **options) -> None:
            self._seen.append(f"traceback: {traceback.format_exc()}")
            print_exc(*args, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(traceback, "print_exc", told)
            root.addHandler(self)
            yield
            root.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(f"logged: {record.getMessage()}")

    def watch(self, page) -> None:
        """Gathers from an empty page, from its first script on."""
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self._seen.append(f"uncaught error: {error}"))
        page.on("console", self._hear)

    def _hear(self, message) -> None:
        if message.text.startswith(SEEN):
            self._seen.append(message.text.removeprefix(SEEN))
        elif message.type == "error":
            address = message.location.get("url", "")
            self._seen.append(f"console error: {message.text} ({address})")

    def allow(self, *patterns: str) -> None:
        """What this test brings about on purpose, as regular expressions."""
        self._allowed += patterns

    def taken(self, output: str = "") -> list[str]:
        """Everything that was not allowed, and nothing is kept for the next test.

        Args:
            output: that servers, those of other processes too, wrote on their streams.
        """
        printed = [f"traceback: {output}"] if "Traceback (most recent call last)" in output else []
        allowed = re.compile("|".join((*ALWAYS_ALLOWED, *self._allowed)))
        told = (*self._seen, *printed)
        wrong = [words for words in told if not allowed.search(words)]
        self._seen, self._allowed = [], []
        return wrong


TROUBLE = Trouble()
"""Of this process: pages outlive tests."""
