"""What a page or its server says when something is wrong, gathered while a test runs."""

import logging
import re
from collections.abc import Sequence

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


class Trouble:
    """Toasts, error overlays, console errors and uncaught errors of all pages of a test."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._allowed: list[str] = []

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

    def taken(self, output: str, records: Sequence[logging.LogRecord]) -> list[str]:
        """Everything that was not allowed, and nothing is kept for the next test.

        Args:
            output: that the server wrote on its streams.
            records: that it logged.
        """
        logged = [f"logged: {r.getMessage()}" for r in records if r.levelno >= logging.ERROR]
        traceback = (
            [f"traceback: {output}"] if "Traceback (most recent call last)" in output else []
        )
        allowed = re.compile("|".join((*ALWAYS_ALLOWED, *self._allowed)))
        told = (*self._seen, *logged, *traceback)
        wrong = [words for words in told if not allowed.search(words)]
        self._seen, self._allowed = [], []
        return wrong


TROUBLE = Trouble()
"""Of this process: pages outlive tests."""
