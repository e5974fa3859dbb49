"""An open page of the demo: what a visitor does and sees."""

import io
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from tests.space.page_state import follow
from tests.space.trouble import TROUBLE

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
UPLOAD = "#photo input[type=file]"
WAIT_MS = 180_000  # a hang, not slowness
DESK, WIDE_DESK, PHONE = (1280, 900), (1440, 1000), (390, 844)

REACHED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  const label = one.labels?.[0]?.innerText;
  return [one.id, one.ariaLabel, one.placeholder, one.type, one.innerText, label]
    .filter(Boolean).join(" ").replace(/\\s+/g, " ").slice(0, 80) || one.tagName;
}"""
"""How a person would call what has the keyboard's focus."""

SHARED: list = []
"""The Playwright context that all tests share, once one of them has asked for a browser."""


def open_page(browser, size: tuple[int, int] = DESK):
    """An empty page of this width and height, pixels; what goes wrong on it fails the test."""
    page = browser.new_page()
    TROUBLE.watch(page)
    follow(page)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page


class Visit:
    """An open page, and every address that it asked for."""

    def __init__(self, page, url: str) -> None:
        self.page, self.addresses = page, []
        page.on("request", lambda request: self.addresses.append(request.url))
        page.goto(url)
        page.wait_for_selector(UPLOAD, state="attached")

    def close(self) -> None:
        """Before the page's server ends, which the page would look for without end."""
        self.page.close()

    def hosts(self) -> set[str]:
        web = (urlsplit(address) for address in self.addresses)
        return {parts.hostname for parts in web if parts.scheme in ("http", "https", "ws", "wss")}

    def upload(self, photo: Path) -> None:
        self.page.set_input_files(UPLOAD, photo)

    def answer(self, photo: Path) -> None:
        """Upload and wait until the head stands there."""
        self.upload(photo)
        self.page.wait_for_selector("#status .done")
        self.page.wait_for_selector("#head head-viewer.has-head")

    def tab_to(self, words: str) -> None:
        """Press the Tab key until something with these words has the focus."""
        reached = []
        for _ in range(60):
            self.page.keyboard.press("Tab")
            reached.append(self.page.evaluate(REACHED))
            if words in reached[-1]:
                return
        pytest.fail(f"no way to {words} by keyboard: {' | '.join(reached)}")

    def forget(self) -> None:
        """Delete the result. By script: at times Chromium loses clicks of the mouse.

        It does so for good once a page has asked for a program that headless Chromium lacks.
        """
        self.page.get_by_role("button", name="Forget this photo").dispatch_event("click")
        self.page.locator("#status .hint").get_by_text("Forgotten").wait_for()

    def status(self, kind: str) -> str:
        return self.page.locator(f"#status .{kind} span").inner_text()

    def loaded_picture(self, selector: str, other_than: str | None = None):
        """A picture, or several, with its pixels: it stands there before they have come.

        Gradio drops clicks on a picture that is still loading.

        Args:
            selector: of the `img`.
            other_than: the `src` of the picture that is to be replaced first.
        """
        loaded = """([selector, other]) => {
          const all = [...document.querySelectorAll(selector)];
          const has = (one) => one.src !== other && one.complete && one.naturalWidth > 0;
          return all.length > 0 && all.every(has);
        }"""
        self.page.wait_for_function(loaded, arg=[selector, other_than])
        return self.page.locator(selector)

    def stage(self, viewer: str = "#head") -> np.ndarray:
        """What the viewer shows: (H, W, 3) int."""
        canvas = self.page.locator(f"{viewer} canvas")
        canvas.scroll_into_view_if_needed()
        return np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")).astype(int)

    def settled_stage(self, viewer: str = "#head") -> np.ndarray:
        """The viewer once it stands still."""
        now = self.stage(viewer)
        for _ in range(50):
            before, now = now, self.stage(viewer)
            if not changed(before, now).any():
                return now
        pytest.fail("the head does not stand still")

    def stage_that_differs(
        self, before: np.ndarray, share: float, viewer: str = "#head"
    ) -> np.ndarray:
        """The viewer once at least this share of its pixels is another than before."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while time.monotonic() < deadline:
            now = self.stage(viewer)
            if now.shape == before.shape and changed(before, now).mean() >= share:
                return now
            time.sleep(0.2)
        pytest.fail("the viewer did not change")

    def download(self, row: str, name: str, folder: Path) -> Path:
        with self.page.expect_download() as waiting:
            self.page.locator(row).get_by_role("button", name=name, exact=True).click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which pixels differ so that an eye sees it: (H, W) bool."""
    return np.abs(before - after).max(axis=2) > 24
