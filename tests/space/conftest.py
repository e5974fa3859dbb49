"""A running demo with a stand-in reconstructor, and a browser."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pytest

from dasl.photo.load import load_photo
from dasl.reconstruction.face import Face
from space.examples import photo_path
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from tests.space.stand_in import StandInReconstructor
from tests.space.trouble import TROUBLE, Trouble
from tests.space.visit import Visit, open_page


@pytest.fixture(autouse=True)
def _no_trouble(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser test fails on any toast, error overlay, console error or traceback."""
    if "browser" not in request.fixturenames:
        yield
        TROUBLE.taken()  # what this test logs on purpose
        return
    streams = request.getfixturevalue("capfd")
    yield
    wrong = TROUBLE.taken("".join(streams.readouterr()))
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def trouble() -> Trouble:
    """To allow what a test brings about on purpose."""
    return TROUBLE


@dataclass(frozen=True)
class RunningDemo:
    """The demo, its address, what answers in it, and the folders that it reads and writes."""

    demo: gr.Blocks
    url: str
    reconstructor: StandInReconstructor
    records: Path
    uploads: Path


@pytest.fixture(scope="session")
def astronaut() -> Path:
    return photo_path("astronaut")


@pytest.fixture(scope="session")
def reconstructor() -> StandInReconstructor:
    return StandInReconstructor()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests; its uploads go to a folder of the test."""
    folder, uploads = tmp_path_factory.mktemp("records"), tmp_path_factory.mktemp("uploads")
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    stand_in = StandInReconstructor()
    demo = build_demo(ReconstructionService(lambda: stand_in), folder)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield RunningDemo(demo, url, stand_in, folder, uploads)
    demo.close()
    if before is None:
        del os.environ["GRADIO_TEMP_DIR"]
    else:
        os.environ["GRADIO_TEMP_DIR"] = before


@pytest.fixture(scope="session")
def astronaut_face(astronaut: Path, reconstructor: StandInReconstructor) -> Face:
    return reconstructor(load_photo(astronaut))[0]


@pytest.fixture
def visit(browser, running: RunningDemo) -> Iterator[Visit]:
    """The running demo's page on a desk; one face will be found."""
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    page = open_page(browser)
    yield Visit(page, running.url)
    page.close()


@pytest.fixture(scope="module")
def answered_once(browser, running, astronaut) -> Iterator[Visit]:
    """A page with a photo's head, for all tests that change no more than its viewer."""
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    page = open_page(browser)
    visit = Visit(page, running.url)
    visit.answer(astronaut)
    yield visit
    page.close()


@pytest.fixture
def answered(answered_once) -> Visit:
    """That page with its viewer as it was at the start."""
    page = answered_once.page
    page.emulate_media(reduced_motion="reduce")  # all is there at once
    page.locator("#head").get_by_role("button", name="Photo’s", exact=True).click()
    page.locator("#head [data-do=reset]").click()
    page.locator("#head input[value=textured]").check(force=True)
    page.emulate_media(reduced_motion="no-preference")
    return answered_once
