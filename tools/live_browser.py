"""The Live page in Chromium with a film as its camera: what it finds, how fast, its memory."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo_browser import chromium
from tools.live_film import BITS, BLOCK_PX
from tools.live_server import Served

HEAD_PX = 360
PHONE = (392, 844)
READY = "live-face.is-ready head-viewer.has-head"
WAIT_MS = 180_000
CAMERA_FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--enable-unsafe-swiftshader",
    "--enable-precise-memory-info",
)

_WATCH = """
(() => {
  const numbers = new Map();
  const strip = new OffscreenCanvas(BITS * BLOCK, BLOCK);
  const pencil = strip.getContext("2d", { willReadFrequently: true });
  const read = (bitmap) => {
    pencil.drawImage(bitmap, 0, BLOCK - (bitmap.displayHeight ?? bitmap.height));
    const { data } = pencil.getImageData(0, BLOCK / 2, strip.width, 1);
    let number = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      if (data[4 * (bit * BLOCK + BLOCK / 2)] > 127) number |= 1 << bit;
    }
    return number;
  };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    const { bitmap, time_s } = message;
    if (message.do === "frame" && globalThis.seen) numbers.set(time_s, read(bitmap));
    return post.call(this, message, ...more);
  };
  globalThis.watch = () => {
    const live = document.querySelector("live-face");
    globalThis.seen = [];
    globalThis.draws_ms = [];
    const { stage } = live.viewer;
    const render = stage.render.bind(stage);
    stage.render = () => { render(); draws_ms.push(performance.now()); };
    live.addEventListener("face", ({ detail: { face, time_s, took_ms } }) => {
      const answered_ms = performance.now();
      seen.push({
        number: numbers.get(time_s), took_ms, answered_ms, late_ms: answered_ms - 1000 * time_s,
        raw: face && [...face.raw.landmarks], points: face && [...face.landmarks],
        raw_weights: face && [...face.raw.expression],
      });
      numbers.delete(time_s);
    });
  };
})()
""".replace("BITS", str(BITS)).replace("BLOCK", str(BLOCK_PX))


@contextlib.contextmanager
def live_page(url: str, film: Path | None, *flags: str) -> Iterator[Any]:
    """The page, ready to start its camera, the head 360 pixels wide.

    Args:
        url: of the page.
        film: for the camera; None for Chromium's own test picture.
        flags: of Chromium, besides those for a camera.
    """
    files = [f"--use-file-for-fake-video-capture={film}"] if film else []
    with chromium(*CAMERA_FLAGS, *files, *flags) as browser:
        page = browser.new_context(bypass_csp=True).new_page()  # for Playwright's own waiting
        page.set_default_timeout(WAIT_MS)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.add_init_script(_WATCH)
        page.goto(url)
        page.wait_for_selector(READY)
        width = page.evaluate("document.querySelector('head-viewer canvas').clientWidth")
        wanted = PHONE[0] + HEAD_PX - width
        page.set_viewport_size({"width": wanted, "height": PHONE[1]})
        yield page


def frames_seen(page: Any, seconds: float) -> tuple[list[dict[str, Any]], list[float]]:
    """Starts the camera; every answer of the tracker, and when the head was drawn, ms.

    Args:
        page: of `live_page`.
        seconds: from the first face on.
    """
    page.evaluate("watch()")
    page.click("[data-do=start]")
    page.wait_for_function("seen.some(({ raw }) => raw)")
    page.wait_for_timeout(1000 * seconds)
    return page.evaluate("[seen, draws_ms]")


def processor_s(page: Any) -> dict[str, float]:
    """Processor time so far of Chromium's processes, seconds by kind: "renderer", "GPU" ..."""
    session = page.context.browser.new_browser_cdp_session()
    spent: dict[str, float] = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        spent[process["type"]] = spent.get(process["type"], 0.0) + process["cpuTime"]
    session.detach()
    return spent


@dataclass(frozen=True)
class FirstLoad:
    """A visit with an empty cache: seconds until it can start, and bytes until then, compressed."""

    seconds: float
    sent_bytes: int


def first_load(server: Served, bits_per_s: float, latency_s: float) -> FirstLoad:
    """Visits the page over a line of this rate, which all its requests share."""
    with chromium(*CAMERA_FLAGS) as browser:
        page = browser.new_context().new_page()
        page.set_default_timeout(WAIT_MS)
        before = server.sent_bytes
        server.bits_per_s, server.latency_s = bits_per_s, latency_s
        start = time.perf_counter()
        page.goto(server.url)
        page.wait_for_selector(READY)
        seconds = time.perf_counter() - start
        sent = server.sent_bytes - before
        server.bits_per_s, server.latency_s = None, 0.0
    return FirstLoad(seconds, sent)


@dataclass(frozen=True)
class Memory:
    """Memory at one time: scripts' heap of page and worker after a collection; all processes."""

    minutes: float
    heap_mb: float
    processes_mb: float


def memory_over(page: Any, minutes: float, every_s: float = 30.0) -> Iterator[Memory]:
    """Memory while the camera runs, from the start on."""
    session = page.context.browser.new_browser_cdp_session()
    own = page.context.new_cdp_session(page)
    start = time.monotonic()
    page.click("[data-do=start]")
    while True:
        page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
        own.send("HeapProfiler.collectGarbage")
        heap = own.send("Runtime.getHeapUsage")["usedSize"]
        ids = [one["id"] for one in session.send("SystemInfo.getProcessInfo")["processInfo"]]
        passed = (time.monotonic() - start) / 60
        yield Memory(passed, heap / 1e6, sum(map(_own_share_mb, ids)))
        if passed >= minutes:
            return
        page.wait_for_timeout(1000 * every_s)


def _own_share_mb(pid: int) -> float:
    """Proportional set size of a process: memory that several share counts once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:"))
