"""What an open page shows and asked for: told where a browser test fails, most often by waiting."""

from collections import deque

LAST = 12  # requests
PATIENCE_MS = 2000  # with a page that may hang
SHOWN = "#status:visible, #clip-status:visible, .lf-note:visible, [role=alert]:visible"


class Requests:
    """The last requests of a page and what became of them."""

    def __init__(self, page) -> None:
        self._lines: deque[list[str]] = deque(maxlen=LAST)
        self._of: dict[object, list[str]] = {}
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self._ended(request, "done"))
        page.on("requestfailed", lambda request: self._ended(request, f"{request.failure}"))

    def _asked(self, request) -> None:
        line = [f"{request.method} {request.url[:120]}", "no answer yet"]
        self._lines.append(line)
        self._of[request] = line

    def _ended(self, request, how: str) -> None:
        line = self._of.pop(request, None)
        if line is not None:
            line[1] = how

    def told(self) -> list[str]:
        return [f"  {asked}: {how}" for asked, how in self._lines]


_REQUESTS: dict[object, Requests] = {}


def follow(page) -> None:
    """Keeps the page's last requests until it is closed."""
    _REQUESTS[page] = Requests(page)
    page.on("close", lambda _: _REQUESTS.pop(page, None))


def state_of(page) -> str:
    """The address of a page, its messages, and the last requests if it is followed."""
    try:
        page.wait_for_function("document.readyState", timeout=PATIENCE_MS)
        tabs = page.locator("[role=tab][aria-selected=true]").all_inner_texts()
        shown = page.locator(SHOWN).all_inner_texts()
    except Exception as error:  # the report of a failure must not fail
        tabs, shown = [], [f"does not answer: {str(error).splitlines()[0]}"]
    words = " | ".join(" ".join(text.split()) for text in (*tabs, *shown) if text.strip())
    requests = _REQUESTS[page].told() if page in _REQUESTS else []
    return "\n".join([f"{page.url}: {words}", *requests])
