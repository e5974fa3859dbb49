"""The HTML as served: with our own <head>, preloaded files, and compression."""

import re
from collections.abc import Callable
from html import escape
from pathlib import PurePosixPath
from typing import ClassVar

from gradio.brotli_middleware import BrotliMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from space import text
from space.page.first_screen import early_links, first_screen
from space.reconstruct.service import EXAMPLE_PREFIX, ExampleHead
from space.viewer import WEB_FOLDER, served_at

CARD = WEB_FOLDER / "card.jpg"
"""Preview picture of links to the page; made by `tools/draw_card.py`."""

_EARLY_LISTENERS = """<script>
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?tab="]');
  if (!link || window.daslFollows) return;
  event.preventDefault();
  window.daslWaiting = link.href;
}, true);
addEventListener("beforeunload", (event) => {
  if (window.daslStays) event.stopImmediatePropagation();
});
</script>"""
"""Delays clicks on links inside the page until `address.js` is loaded: leaving a page that is still
loading cancels its requests, and Gradio reports a connection error.

Keeps Gradio from closing its connection while `corner.js` opens another program (`daslStays`),
behind which the page stays. Its listener comes first because it stands before Gradio's scripts.
"""

_BASE = re.compile(r"<base\b[^>]*>|<head>(?!.*<base\b)", re.DOTALL)
"""After it, relative addresses are right."""

_GRADIOS_CARD = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')

Example = Callable[[], ExampleHead | None]
"""Returns the example head shown at first, if it is ready."""


class CompressPage(BrotliMiddleware):
    """Compresses the page itself and the head that greets, which Gradio does not."""

    def _is_compressible_file_type(self, scope: Scope) -> bool:
        path = str(scope.get("path", ""))
        return path == "/" or (path.endswith(".glb") and EXAMPLE_PREFIX in path)


class CompressHeads(BrotliMiddleware):
    """Compresses the visitors' heads, which Gradio does not."""

    def _is_compressible_file_type(self, scope: Scope) -> bool:
        path = str(scope.get("path", ""))
        return path.endswith(".glb") and EXAMPLE_PREFIX not in path


class ModelTypes:
    """Names the type of heads' files, which Gradio serves as unknown bytes.

    Safari opens a USDZ in the room only if the server names its type.
    """

    TYPES: ClassVar[dict[str, bytes]] = {
        ".glb": b"model/gltf-binary",
        ".usdz": b"model/vnd.usdz+zip",
    }

    def __init__(self, app: ASGIApp) -> None:
        """Wraps the page."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        suffix = PurePosixPath(str(scope.get("path", ""))).suffix.lower()
        if scope["type"] != "http" or suffix not in self.TYPES:
            await self._app(scope, receive, send)
            return

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                headers = [one for one in message["headers"] if one[0].lower() != b"content-type"]
                named = (b"content-type", self.TYPES[suffix])
                message = {**message, "headers": [*headers, named]}
            await send(message)

        await self._app(scope, receive, send_named)


class OwnHead:
    """Puts our title, preview card, noscript text and preloads into the served HTML.

    Gradio adds such things by script, but search engines and chat programs run no scripts.
    """

    def __init__(self, app: ASGIApp, host: str, example: Example) -> None:
        """Wraps the page.

        Args:
            app: the ASGI app that serves the page.
            host: host of the page, for absolute addresses; "" if unknown.
            example: called at every visit.
        """
        self._app, self._host, self._example = app, host, example

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def send_rewritten(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = with_own_head(body.decode(), self._host, self._example()).encode()
            headers = [(name, value) for name, value in start["headers"] if not _is_length(name)]
            length = (b"content-length", str(len(page)).encode())
            await send({**start, "headers": [*headers, length]})
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, send_rewritten)


def with_own_head(page: str, host: str, example: ExampleHead | None) -> str:
    """Gradio's HTML with our <head> in place of its preview card, and a noscript text.

    Args:
        page: Gradio's HTML; other documents are returned unchanged.
        host: see `OwnHead`.
        example: the example head, if it is ready.
    """
    if "<gradio-app" not in page:
        return page
    page = _GRADIOS_CARD.sub("", page)
    page = _BASE.sub(lambda base: f"{base[0]}\n{early_links(example)}", page, count=1)
    page = page.replace("</head>", f"{_head(host)}{_EARLY_LISTENERS}</head>", 1)
    body = f"{first_screen() if example else ''}<noscript>{text.NOSCRIPT}</noscript>\n<gradio-app"
    return page.replace("<gradio-app", body, 1)


def _head(host: str) -> str:
    card = f"{f'https://{host}/' if host else ''}{served_at(CARD)}"
    named = {
        "og:title": text.TITLE,
        "og:description": text.DESCRIPTION,
        "og:type": "website",
        "og:image": card,
        "og:image:alt": text.CARD_WORDS,
    }
    for_chats = {"twitter:card": "summary_large_image", "twitter:image": card}
    metas = [
        f'<meta name="description" content="{escape(text.DESCRIPTION)}">',
        *(f'<meta property="{name}" content="{escape(words)}">' for name, words in named.items()),
        *(f'<meta name="{name}" content="{escape(words)}">' for name, words in for_chats.items()),
    ]
    return f"<title>{escape(text.TITLE)}</title>\n" + "\n".join(metas) + "\n"


def _is_length(name: bytes) -> bool:
    return name.lower() == b"content-length"
