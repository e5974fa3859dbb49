"""A running demo with a stand-in reconstructor, and a browser."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pytest

from dasl.photo.load import load_photo
from dasl.reconstruction.face import Face
from space.examples import photo_path
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from tests.space.page_state import state_of
from tests.space.stand_in import StandInReconstructor
from tests.space.trouble import TROUBLE, Trouble
from tests.space.visit import SHARED, Visit, open_page

HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails tells what every open page shows and asked for."""
    report = yield
    if report.failed and call.when != "teardown":
        item.stash[HAS_FAILED] = True
        pages = [page for context in SHARED for page in context.pages]
        if pages:
            report.sections.append(("open pages", "\n".join(map(state_of, pages))))
    return report


@pytest.fixture(scope="module", autouse=True)
def _no_page_is_left() -> Iterator[None]:
    """A page that outlives its module asks servers that are gone, in somebody else's test."""
    yield
    left = [page.url for context in SHARED for page in context.pages]
    assert not left, f"pages left open: {left}"


@pytest.fixture(autouse=True)
def _no_trouble(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser test fails on any toast, error overlay, console error or traceback, and closes.

    What a failed test could not close is closed here.
    """
    if "browser" not in request.fixturenames:
        yield
        TROUBLE.taken()  # what this test logs on purpose
        return
    streams, browser = (request.getfixturevalue(name) for name in ("capfd", "browser"))
    before = set(browser.pages)
    yield
    left = [page for page in browser.pages if page not in before]
    for page in left:
        page.close()
    wrong = TROUBLE.taken("".join(streams.readouterr()))
    if left and not request.node.stash.get(HAS_FAILED, False):
        wrong.append(f"{len(left)} pages left open")
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
