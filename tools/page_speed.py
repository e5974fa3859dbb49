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

HEAD = "#head head-viewer.has-head"
WAIT_MS = 180_000
AFTER_MS = 3000


@dataclass(frozen=True)
class FirstLoad:
    """A visit with an empty cache: seconds to the page and to the head; size and address of each
    file, those after the head among them."""

    page_s: float
    head_s: float
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
    page.goto(url)
    page_s = time.perf_counter() - start
    page.wait_for_selector(HEAD)
    head_s = time.perf_counter() - start
    page.wait_for_timeout(AFTER_MS)
    context.close()
    return FirstLoad(page_s, head_s, files)


if __name__ == "__main__":
    main()
