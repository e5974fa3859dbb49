"""An open page of the boards, and a demo that shows them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eval.program.data_root import data_root
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from space.settings import RECORDS_FOLDER, BoardSettings
from tests.space.stand_in import StandInReconstructor
from tests.space.visit import WAIT_MS, WIDE_DESK, Visit, open_page

RANK, METHOD, HEADLINE = 0, 1, 2  # places of columns at first


class BoardVisit(Visit):
    """A visit to the boards."""

    def open(self, tab: str) -> None:
        self.page.get_by_role("tab", name=tab, exact=True).click()

    def column(self, place: int) -> list[str]:
        """The visible cells of a column of the board, from the top."""
        rows = self.page.locator("#results tbody tr:visible")
        return rows.evaluate_all(
            "(rows, place) => rows.map(row => row.children[place].innerText.trim())", place
        )

    def open_board(self) -> None:
        self.open("Leaderboard")
        self.page.wait_for_selector("#comparison .verdict")
        self.until(lambda: len(self.column(RANK)) > 3)

    def sort_by(self, title: str) -> None:
        self.page.locator("#results thead button", has_text=title).first.click()

    def search(self, words: str) -> None:
        self.page.get_by_label("Filter the rows").fill(words)
        self.until(lambda: all(words in name for name in self.column(METHOD)))

    def click_row(self, words: str) -> None:
        self.page.locator("#results tbody th:visible", has_text=words).first.click()

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait for what the page shows only after a moment."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while not seen():
            assert time.monotonic() < deadline, "the page did not come to show it"
            self.page.wait_for_timeout(100)

    def fill_form(self, file: Path, method: str, link: str = "") -> None:
        self.page.set_input_files("#submission input[type=file]", file)
        self.page.locator("#submission").get_by_text(file.suffix).first.wait_for()
        self.page.get_by_label("Name of the method").fill(method)
        self.page.get_by_label("Link to paper or code").fill(link)

    def choose(self, label: str, option: str) -> None:
        """One entry of a list, by mouse."""
        self.page.get_by_label(label, exact=True).first.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def score(self) -> None:
        self.page.locator("#score-file").click()


@dataclass(frozen=True)
class Boards:
    """A demo with the project's records, its address, and the place of submissions."""

    url: str
    place: Path


def launched(settings: BoardSettings) -> Iterator[str]:
    demo = build_demo(
        ReconstructionService(lambda: StandInReconstructor()), RECORDS_FOLDER, settings
    )
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield url
    demo.close()


@pytest.fixture(scope="module", autouse=True)
def _uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        yield


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boards]:
    """With the benchmark's data where DASL_DATA_ROOT names them; submissions appear at once."""
    place = tmp_path_factory.mktemp("board")
    settings = BoardSettings(data_root(), str(place), "at-once", per_day=50)
    for url in launched(settings):
        yield Boards(url, place)


@pytest.fixture
def visit(browser, boards: Boards) -> Iterator[BoardVisit]:
    page = open_page(browser, WIDE_DESK)
    yield BoardVisit(page, boards.url)
    page.close()


@pytest.fixture(scope="module")
def _read_once(browser, boards: Boards) -> Iterator[BoardVisit]:
    page = open_page(browser, WIDE_DESK)
    yield BoardVisit(page, boards.url)
    page.close()


@pytest.fixture
def reading(_read_once: BoardVisit) -> BoardVisit:
    """One page for all tests that change no more than the filter and the order of the rows."""
    field = _read_once.page.get_by_label("Filter the rows")
    if field.count():
        _read_once.open("Leaderboard")
        field.fill("")
    return _read_once
