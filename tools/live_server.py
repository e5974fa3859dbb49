"""Serves the static Live page for measurements and tests, as a static host does.

The server compresses text, can limit the rate of all answers together, and keeps every request.
"""

import functools
import gzip
import http.server
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

COMPRESSED = (".html", ".js", ".css", ".json", ".svg", ".txt", ".md")
_PIECE = 16_384
STOPS_WITHIN_S = 0.05


@dataclass(frozen=True)
class Request:
    """What a browser asked for: the body is that which it sent."""

    method: str
    path: str
    body: bytes


@dataclass
class Served:
    """A running server.

    Attributes:
        url: of the page.
        headers: sent with every answer; may be changed while it runs.
        bits_per_s: of all answers together; None without limit.
        latency_s: added to every answer.
        requests: so far, in order.
        sent_bytes: of all answers so far, without headers.
        is_over: it was stopped: connections that a browser keeps open are closed unanswered.
    """

    url: str
    headers: dict[str, str]
    bits_per_s: float | None = None
    latency_s: float = 0.0
    requests: list[Request] = field(default_factory=list)
    sent_bytes: int = 0
    is_over: bool = False
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, count: int) -> None:
        """Sleeps until the line has room for this many bytes more."""
        with self._lock:
            self.sent_bytes += count
            if self.bits_per_s is None:
                return
            self._free_at = max(self._free_at, time.monotonic()) + 8 * count / self.bits_per_s
            free_at = self._free_at
        time.sleep(max(0.0, free_at - time.monotonic()))


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def do_GET(self) -> None:
        if self.served.is_over:
            self.close_connection = True
            return
        self._note()
        time.sleep(self.served.latency_s)
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        if path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        for name, value in self.served.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            self.served.wait_for(len(piece))
            self.wfile.write(piece)

    def do_POST(self) -> None:
        self._note()
        self.send_error(405)

    do_PUT = do_POST

    def _note(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.served.requests.append(Request(self.command, self.path, body))

    def log_message(self, *_: object) -> None:
        """Writes nothing: `Served.requests` has it."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A browser that closes in the middle of an answer is no error."""


@contextmanager
def served(
    folder: Path, headers: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Served]:
    """Serve a folder on this machine until the block ends.

    Args:
        folder: the files.
        headers: sent with every answer, such as a content policy.
        port: 0 for a free one.
    """
    result = Served("", dict(headers or {}))
    handler = type("Handler", (_Handler,), {"served": result})
    with _Server(("127.0.0.1", port), functools.partial(handler, directory=str(folder))) as server:
        result.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, args=(STOPS_WITHIN_S,), daemon=True).start()
        try:
            yield result
        finally:
            result.is_over = True
            server.shutdown()
