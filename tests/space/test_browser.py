"""The page in a real browser: what a visitor sees and what leaves the machine."""

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl.weights import EMBEDDED_FOLDER
from tests.space.conftest import RunningDemo

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

ROOT = Path(__file__).resolve().parents[2]
UPLOAD = "#photo input[type=file]"
WAIT_MS = 60_000


class Visit:
    """An open page, and every address that it asked for."""

    def __init__(self, page, url: str) -> None:
        self.page, self.addresses = page, []
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: self.addresses.append(request.url))
        page.goto(url)
        page.wait_for_selector(UPLOAD, state="attached")

    def hosts(self) -> set[str]:
        web = (urlsplit(address) for address in self.addresses)
        return {parts.hostname for parts in web if parts.scheme in ("http", "https", "ws", "wss")}

    def upload(self, photo: Path) -> None:
        self.page.set_input_files(UPLOAD, photo)

    def status(self, kind: str) -> str:
        return self.page.locator(f"#status .{kind} span").inner_text()

    def head_colours(self) -> np.ndarray:
        """Pixels of the viewer's middle once a head stands there: (N, 3)."""
        self.page.locator("#head").scroll_into_view_if_needed()
        canvas = self.page.wait_for_selector("#head canvas")
        deadline = time.monotonic() + WAIT_MS / 1000
        while time.monotonic() < deadline:
            pixels = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"))
            height, width = pixels.shape[:2]
            middle = pixels[height // 4 : -height // 4, 2 * width // 5 : -2 * width // 5]
            middle = middle.reshape(-1, 3).astype(int)
            # the backdrop is bluish white
            if (middle[:, 0] > middle[:, 2] + 12).mean() > 0.2:
                return middle
            time.sleep(0.3)
        pytest.fail("no head appeared in the viewer")

    def download(self, name: str, folder: Path) -> Path:
        with self.page.expect_download() as waiting:
            self.page.get_by_text(name, exact=True).click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator:
    flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=chromium_path, args=[*flags, "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, running: RunningDemo) -> Iterator[Visit]:
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield Visit(page, running.url)
    page.close()


def test_a_photo_becomes_a_head_and_nothing_leaves_the_machine(visit, running, astronaut, tmp_path):
    calls = running.reconstructor.calls
    visit.upload(astronaut)
    visit.page.wait_for_selector("#status .done")
    visit.head_colours()
    assert visit.status("done") == "1 face found."
    assert "jaw open" in visit.page.locator("#cards").inner_text()
    assert visit.page.locator("#landmarks img").count() == 1
    glb = visit.download("Download GLB", tmp_path)
    assert len(GLTF2().load(str(glb)).meshes[0].extras["targetNames"]) == 51
    assert running.reconstructor.calls == calls + 1
    assert visit.hosts() == {"127.0.0.1"}


def test_one_of_several_faces_can_be_chosen(visit, running, astronaut):
    running.reconstructor.centres[:] = [(150.0, 150.0), (380.0, 300.0)]
    visit.upload(astronaut)
    visit.page.wait_for_selector("#status .done")
    assert visit.status("done").startswith("2 faces found.")
    visit.page.locator("#chooser").get_by_text("Face 2").click()
    visit.page.wait_for_selector('#cards section[aria-label="Face 2 in numbers"]')
    # the first face again, by a click on the photo
    picture = visit.page.locator("#numbered img")
    box = picture.bounding_box()
    shown = min(box["width"], box["height"])
    left, top = (box["width"] - shown) / 2, (box["height"] - shown) / 2
    picture.click(position={"x": left + shown * 150 / 512, "y": top + shown * 150 / 512})
    visit.page.wait_for_selector('#cards section[aria-label="Face 1 in numbers"]')


def test_a_file_that_is_no_photo_gets_a_word_and_clears_the_page(visit, astronaut, tmp_path):
    visit.upload(astronaut)
    visit.page.wait_for_selector("#status .done")
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"not a photo")
    visit.page.get_by_label("Remove Image").click()
    visit.page.wait_for_selector("#status .hint")
    visit.upload(path)
    visit.page.wait_for_selector("#status .problem")
    assert visit.status("problem").startswith("This file is not an image")
    assert "Traceback" not in visit.page.content()
    assert visit.page.get_by_text("Download GLB").count() == 0


def test_a_file_too_large_is_refused_in_words(visit, tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(os.urandom(21_000_000))
    visit.upload(path)
    visit.page.get_by_text("exceed the maximum allowed size").first.wait_for()


def test_an_example_is_answered_by_one_click(visit):
    visit.page.locator("#examples button.gallery-item").first.click()
    visit.page.wait_for_selector("#status .done")


def test_the_page_fits_a_phone(browser, running, astronaut):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    visit = Visit(page, running.url)
    visit.upload(astronaut)
    page.wait_for_selector("#status .done")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


@pytest.mark.skipif(
    not EMBEDDED_FOLDER.is_dir(),
    reason="dasl/assets/lite0 is missing: the weights are not embedded",
)
def test_the_real_demo_answers_a_photo_soon_after_its_start(browser, astronaut):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "DASL_WEIGHTS": ""}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url)
        visit = Visit(browser.new_page(viewport={"width": 1280, "height": 900}), url)
        visit.upload(astronaut)
        visit.page.wait_for_selector("#status .done")
        colours = visit.head_colours()
        assert visit.status("done") == "1 face found."
        assert colours.std(axis=0).min() > 10  # a photo's texture, not one colour
        assert "facing the camera" in visit.page.locator("#cards").inner_text()
        assert visit.hosts() == {"127.0.0.1"}
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{url} did not answer")
