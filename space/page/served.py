"""The page's HTML as it leaves the server: our own head in it, what comes first, sent small."""

import json
import re
from collections.abc import Callable
from html import escape

from gradio.brotli_middleware import BrotliMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from space import text
from space.reconstruct.service import ExampleHead
from space.viewer import VENDOR_FOLDER, WEB_FOLDER, served_at, shown_by_url

CARD = WEB_FOLDER / "card.jpg"
"""What a link to the page shows; made by `tools/draw_card.py`."""

FIRST_SCRIPTS = [
    *(WEB_FOLDER / f"{name}.js" for name in ("viewer", "stage")),
    VENDOR_FOLDER / "three" / "three.bundle.js",
]
"""Asked for at once: else they wait until Gradio has drawn the page."""

_EARLY_LINKS = """<script>
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?tab="]');
  if (!link || window.daslFollows) return;
  event.preventDefault();
  window.daslWaiting = link.href;
}, true);
</script>"""
"""A link inside the page that is clicked before `address.js` is there waits for it.

To leave a page that still asks for its parts ends these requests: Gradio tells a connection error.
"""

_GRADIOS_CARD = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')

Example = Callable[[], ExampleHead | None]
"""The head that greets, once there is one."""


class CompressRest(BrotliMiddleware):
    """Sends small what Gradio does not: the page itself, and heads."""

    def _is_compressible_file_type(self, scope: Scope) -> bool:
        path = str(scope.get("path", ""))
        return path == "/" or path.endswith(".glb")


class OwnHead:
    """Puts our own title, card, noscript and first files into the page; Gradio's scripts do later.

    Who reads links (search engines, chats) runs no scripts.
    """

    def __init__(self, app: ASGIApp, host: str, example: Example) -> None:
        """Wraps the page.

        Args:
            app: that serves it.
            host: of the page, for absolute addresses; "" where nobody named it.
            example: asked at every visit.
        """
        self._app, self._host, self._example = app, host, example

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
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
    """Gradio's HTML with our head in place of its card, and words for who runs no scripts.

    Args:
        page: as Gradio writes it; another document stays as it is.
        host: see `OwnHead`.
        example: the head that greets, if it is there.
    """
    if "<gradio-app" not in page:
        return page
    page = _GRADIOS_CARD.sub("", page)
    page = page.replace("</head>", f"{_head(host)}{_EARLY_LINKS}\n{_first(example)}</head>", 1)
    return page.replace("<gradio-app", f"<noscript>{text.NOSCRIPT}</noscript>\n<gradio-app", 1)


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


def _first(example: ExampleHead | None) -> str:
    scripts = [f'<link rel="modulepreload" href="{served_at(path)}">' for path in FIRST_SCRIPTS]
    if example is None:
        return "\n".join(scripts)
    head = served_at(example.glb)
    shown = shown_by_url(example.glb, text.GREETING_TITLE, example.behind)
    greeting = json.dumps(shown).replace("<", "\\u003c")  # ends no script
    return "\n".join(
        [
            f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{head}">',
            *scripts,
            f"<script>window.daslGreeting = {greeting};</script>",
        ]
    )


def _is_length(name: bytes) -> bool:
    return name.lower() == b"content-length"
