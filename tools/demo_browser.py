"""Runs the demo as a separate process, and a Chromium to view it, for other tools."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1].absolute()
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
START_S = 120.0
STOP_S = 20.0


@dataclass(frozen=True)
class Demo:
    """A running demo.

    Attributes:
        url: of its page.
        pid: of its process.
        started: when, by `time.perf_counter`.
    """

    url: str
    pid: int
    started: float

    @property
    def peak_memory_mb(self) -> float:
        """Peak memory of the process, as reported by Linux."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


@contextmanager
def running_demo(**environment: str) -> Iterator[Demo]:
    """`python app.py` on a free port, stopped at the end.

    Args:
        **environment: variables on top of those of this process.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    variables = {**os.environ, **environment, "GRADIO_SERVER_PORT": str(port)}
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(url, server)
        yield Demo(url, server.pid, started)
    finally:
        server.terminate()
        server.wait(STOP_S)


@contextmanager
def chromium(*flags: str) -> Iterator:
    """A headless Chromium with further flags; without one, exits with advice what to install."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit(f"no browser ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *flags])
        yield browser
        browser.close()


def _wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"app.py ended with status {server.returncode} before it answered")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{url} did not answer within {START_S:.0f} s")
