"""The Submit tab in a real browser."""

from pathlib import Path

import numpy as np
import pytest

from space.settings import BoardSettings
from tests.space.board_visit import (
    HEADLINE,
    METHOD,
    RANK,
    Boards,
    BoardVisit,
    _uploads,
    boards,
    launched,
    visit,
)
from tests.space.trouble import Trouble
from tests.space.visit import WIDE_DESK, open_page

pytestmark = pytest.mark.long

__all__ = ["_uploads", "boards", "visit"]  # fixtures
PUBLIC = "2dasl_released.npz"
HOSTILE = "<img src=x onerror=window.pwned=1>"


def test_the_public_submission_scores_3_644_and_lands_on_the_board_as_partial_coverage(
    visit: BoardVisit, boards: Boards, data_root: Path
):
    visit.open("Submit")
    visit.fill_form(data_root / "submissions" / PUBLIC, f"public file {HOSTILE}")
    visit.page.get_by_label("Link to paper or code").fill("https://github.com/XgTu/2DASL")
    visit.score()
    result = visit.page.locator(".scored")
    result.wait_for()
    words = result.inner_text()
    assert "3.644 %" in words and "Unranked: 2 of its faces failed" in words
    assert HOSTILE in words  # as the text that it is
    assert len(list((boards.place / "records").glob("*.json"))) == 1

    visit.open_board()
    visit.search("public file")
    assert visit.column(METHOD) == [f"public file {HOSTILE}"]
    assert visit.column(RANK) == ["–"] and visit.column(HEADLINE) == ["3.644"]
    visit.click_row("public file")
    visit.page.locator(".row-detail", has_text="unranked: 2 of its faces failed").wait_for()
    assert visit.page.evaluate("window.pwned") is None
    assert visit.hosts() == {"127.0.0.1"}


def test_a_refused_file_leaves_no_result_of_the_one_before(
    visit: BoardVisit, data_root: Path, tmp_path: Path, trouble: Trouble
):
    trouble.allow("status of 422")
    visit.open("Submit")
    visit.page.get_by_label("For the board").uncheck()
    visit.fill_form(data_root / "submissions" / PUBLIC, "good")
    visit.score()
    visit.page.locator(".scored").wait_for()
    bad = tmp_path / "bad.npz"
    np.savez(bad, ids=np.array(["nobody"]), landmarks=np.zeros((1, 68, 3), np.float32))
    visit.page.get_by_label("Name of the method").fill("bad")
    visit.page.locator(".scored").wait_for(state="detached")
    clear = "button[aria-label='Remove this file'], button[aria-label='Clear']"
    visit.page.locator("#submission").locator(clear).first.click()
    visit.fill_form(bad, "bad")
    visit.score()
    told = visit.page.locator("#submission .validation-error")
    told.wait_for()
    name = visit.page.locator("#submission").get_by_text("bad", exact=False).last.bounding_box()
    box = told.bounding_box()
    assert name["y"] >= box["y"] + box["height"] - 1  # the words do not hide the file's name
    assert visit.page.locator(".scored, #record-files:visible").count() == 0


def test_a_bad_submission_is_refused_in_words_before_it_queues(
    visit: BoardVisit, data_root: Path, tmp_path: Path, trouble: Trouble
):
    trouble.allow("status of 422")  # how Gradio tells its page that the form is not valid
    visit.open("Submit")
    visit.page.locator("#score-file").wait_for()
    visit.page.get_by_label("Link to paper or code").fill("javascript:alert(1)")
    visit.score()
    complaints = visit.page.locator(".validation-error")  # Gradio says them to screen readers, too
    complaints.get_by_text("Enter a name; the board shows it.").wait_for()
    complaints.get_by_text("must be an http:// or https:// address").wait_for()
    bad = tmp_path / "bad.npz"
    points = np.zeros((2, 68, 3), np.float32)
    np.savez(bad, ids=np.array([HOSTILE, "image00002"]), landmarks=points)
    visit.fill_form(bad, "bad")
    visit.score()
    visit.page.get_by_text("names that the benchmark does not have").first.wait_for()
    assert visit.page.evaluate("window.pwned") is None
    assert visit.page.locator(".scored").count() == 0
    assert "Traceback" not in visit.page.content()


def test_a_submission_is_scored_by_keyboard_alone(visit: BoardVisit, data_root: Path):
    page, choosers = visit.page, []
    # asked for now: Chromium takes a moment before it gives the windows of files away
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.locator("h1").click()  # from the top
    visit.tab_to("Submit")
    page.keyboard.press("Enter")
    visit.tab_to("Benchmark")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    visit.tab_to("Name of the method")
    page.keyboard.type("by keyboard")
    visit.tab_to("Crops come from")
    visit.tab_to("Upload")
    page.keyboard.press("Enter")
    visit.until(lambda: bool(choosers))
    choosers[0].set_files(data_root / "submissions" / PUBLIC)  # in the system's window
    page.locator("#submission").get_by_text(".npz").first.wait_for()
    visit.tab_to("For the board")
    page.keyboard.press("Space")
    assert not page.get_by_label("For the board").is_checked()
    visit.tab_to("Score")
    page.keyboard.press("Enter")
    page.locator(".scored").wait_for()
    assert "3.644 %" in page.locator(".scored").inner_text()
    visit.tab_to("Record")  # the files of the result follow


def test_without_data_the_tab_says_how_to_score_at_home(browser, tmp_path: Path):
    for url in launched(BoardSettings(place=str(tmp_path))):
        page = open_page(browser, WIDE_DESK)
        visit = BoardVisit(page, url)
        visit.open("Submit")
        page.get_by_text("This server has no benchmark data").wait_for()
        page.get_by_text("python -m eval score aflw2000-3d SUBMISSION.npz").first.wait_for()
        page.close()
