"""The static Live page, and a Chromium whose camera plays a film."""

from contextlib import contextmanager

import numpy as np
import pytest

from space.deploy.live import stage_live
from space.settings import ROOT
from tests.dasl.video.moving_head import moving_head
from tests.space.page_state import follow, state_of
from tests.space.visit import CHROMIUM_FLAGS, WAIT_MS
from tools.live_film import write_film

FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
NOTE = "document.querySelector('.lf-note').textContent"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The page as it is deployed."""
    folder = tmp_path_factory.mktemp("site")
    stage_live(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def camera(tmp_path_factory):
    """A film for Chromium's camera: a head that moves."""
    path = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    return write_film(path, (frame.pixels for frame in moving_head(24).frames[:12]))


class LivePage:
    """An open Live page, and what can be seen of it."""

    def __init__(self, page):
        self.page = page

    def ready(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_selector("live-face.is-ready head-viewer.has-head")
        self.page.evaluate(
            """() => {
              const live = document.querySelector("live-face");
              live.seen = 0;
              live.addEventListener("face", ({ detail }) => {
                if (!detail.face) return;
                live.seen += 1;
                live.newest = detail.face;
              });
            }"""
        )

    def start(self) -> None:
        self.page.click("[data-do=start]")

    def faces(self, more: int = 1) -> None:
        """Waits until so many more faces were found."""
        seen = self.page.evaluate("document.querySelector('live-face').seen")
        self.page.wait_for_function(
            "(count) => document.querySelector('live-face').seen >= count", arg=seen + more
        )

    def landmarks(self) -> np.ndarray:
        """(68, 2) pixels, of the newest face, unsmoothed."""
        found = self.page.evaluate("[...document.querySelector('live-face').newest.raw.landmarks]")
        return np.reshape(found, (68, 3))[:, :2]

    def says(self, words: str) -> None:
        """Waits until the note holds these words."""
        self.page.wait_for_function(f"(words) => {NOTE}.includes(words)", arg=words)

    def says_nothing(self) -> None:
        """Waits until all is well."""
        self.page.wait_for_function(f"{NOTE} === ''")

    def note(self) -> str:
        return self.page.evaluate(NOTE)

    def button(self) -> str:
        return self.page.inner_text("[data-do=start]")


@pytest.fixture(scope="session")
def launched(browser, chromium_path):
    """Starts a Chromium with these flags, or gives that which runs with them already."""
    running = {}

    def launch(*flags):
        if flags not in running:
            kind = browser.browser.browser_type
            args = [*CHROMIUM_FLAGS, "--enable-unsafe-swiftshader", *flags]
            running[flags] = kind.launch(executable_path=chromium_path, args=args)
        return running[flags]

    yield launch
    for own in running.values():
        own.close()


@pytest.fixture(scope="session")
def chromium(launched):
    """Opens a page in a session of its own, with a film as its camera if one is given.

    Without `has_policy` content policies are off: they forbid what Playwright waits with, too.
    Without `is_kept` no service worker loads all files once more.
    """

    @contextmanager
    def opened(film=None, *flags, has_policy=False, is_kept=False):
        camera = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}") if film else ()
        session = launched(*camera, *flags).new_context(
            bypass_csp=not has_policy, service_workers="allow" if is_kept else "block"
        )
        page = session.new_page()
        page.set_default_timeout(WAIT_MS)
        follow(page)
        try:
            yield LivePage(page)
        except BaseException:
            print(state_of(page))
            raise
        finally:
            session.close()

    return opened
