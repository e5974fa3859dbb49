"""Weighs the demo's first load, and times how soon the head that greets stands there.

    python -m tools.page_speed                   # without limit, on 4G and on fast 3G
    python -m tools.page_speed --networks 4g --files 20

Starts `python app.py`, waits until it has its example, and opens the page in an empty browser for
each network. Bytes are those on the wire, compressed. Times need an idle machine.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tools.demo_browser import chromium, running_demo

NETWORKS = {
    "unlimited": None,
    "4g": (9e6, 1.5e6, 170.0),
    "3g": (1.6e6, 0.75e6, 562.5),
}
"""Name -> bits a second down and up, and milliseconds there and back, as Chromium's own presets."""

HEAD_IS_SEEN = """() => [...document.querySelectorAll("head-viewer.has-head")].some((viewer) => {
  const drawn = viewer.stage.renderer.info.render; // of the last frame: a head and its shadow
  const { x, y, width, height } = viewer.querySelector("canvas").getBoundingClientRect();
  const top = document.elementFromPoint(x + width / 2, y + Math.min(height, innerHeight - y) / 2);
  return drawn.triangles > 1000 && viewer.contains(top);
})"""
"""Whether a frame with the head is drawn, in the window, and nothing covers it."""

SHOWN = "new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))"
USABLE = "#photo input[type=file]"
"""What takes a photo; only Gradio's page has it."""
WAIT_MS = 180_000
AFTER_MS = 3000


@dataclass(frozen=True)
class FirstLoad:
    """A visit with an empty cache: seconds to the page, to a head that is seen, and until the page
    takes a photo; size and address of each file, those after that among them."""

    page_s: float
    head_s: float
    usable_s: float
    files: Sequence[tuple[int, str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--files", type=int, default=0, help="list so many of the largest")
    options = parser.parse_args()
    with running_demo() as demo, chromium() as browser:
        first_load(browser, demo.url, None)  # the example is made, the server's caches are full
        for name in options.networks:
            load = first_load(browser, demo.url, NETWORKS[name])
            total = sum(size for size, _ in load.files)
            print(f"{name:10} page {load.page_s:5.2f} s  head {load.head_s:5.2f} s", end="  ")
            print(f"usable {load.usable_s:5.2f} s", end="  ")
            print(f"{total / 1e6:.2f} MB in {len(load.files)} files")
        for size, address in sorted(load.files, reverse=True)[: options.files]:
            print(f"{size / 1000:8.1f} kB  {address.removeprefix(demo.url)[:100]}")


def first_load(browser, url: str, network: tuple[float, float, float] | None) -> FirstLoad:
    """One visit.

    Args:
        browser: Chromium.
        url: of the page.
        network: see `NETWORKS`.
    """
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if network:
        down, up, latency_ms = network
        limits = {"downloadThroughput": down / 8, "uploadThroughput": up / 8}
        offered = {"offline": False, "latency": latency_ms, **limits}
        session.send("Network.emulateNetworkConditions", offered)
    addresses: dict[str, str] = {}
    files: list[tuple[int, str]] = []
    session.on(
        "Network.requestWillBeSent",
        lambda asked: addresses.update({asked["requestId"]: asked["request"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda got: files.append((got["encodedDataLength"], addresses.get(got["requestId"], ""))),
    )
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(HEAD_IS_SEEN)
    page.evaluate(SHOWN)
    head_s = time.perf_counter() - start
    page.wait_for_selector(USABLE, state="attached")
    page.wait_for_function("!document.querySelector('#first-screen')")
    usable_s = time.perf_counter() - start
    page_s = page.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart")
    page.wait_for_timeout(AFTER_MS)
    context.close()
    return FirstLoad(page_s / 1000, head_s, usable_s, files)


if __name__ == "__main__":
    main()
