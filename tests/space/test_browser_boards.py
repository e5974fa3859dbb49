"""Leaderboard and About tabs in a real browser."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.space.board_visit import (
    METHOD,
    RANK,
    Boards,
    BoardVisit,
    _read_once,
    _uploads,
    boards,
    reading,
    visit,
)
from tests.space.visit import PHONE, WIDE_DESK, open_page

pytestmark = pytest.mark.long

__all__ = ["_read_once", "_uploads", "boards", "reading", "visit"]  # fixtures


def is_rising_then_unknown(figures: list[str]) -> bool:
    """Whether many figures stand in order, and behind them the rows without one."""
    known = [float(text) for text in figures if text != "–"]
    dashes = ["–"] * (len(figures) - len(known))
    ordered = known == sorted(known) != sorted(known, reverse=True)
    return len(known) > 5 and ordered and figures[len(known) :] == dashes


def test_headers_sort_by_mouse_and_key_with_unknown_figures_last_both_ways(visit: BoardVisit):
    visit.open_board()
    board = visit.column(METHOD)
    assert visit.column(RANK)[:3] == ["1", "2", "3"]
    header = visit.page.locator("#results thead th", has_text="0-30").first
    visit.sort_by("0-30")
    assert header.get_attribute("aria-sort") == "ascending"
    places = visit.page.locator("#results thead th").all_inner_texts()
    place = next(at for at, title in enumerate(places) if "0-30" in title)
    assert "–" in visit.column(place) and is_rising_then_unknown(visit.column(place))
    header.get_by_role("button").press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    falling = visit.column(place)
    known = [text for text in falling if text != "–"]
    assert is_rising_then_unknown([*known[::-1], *falling[len(known) :]])
    visit.sort_by("0-30")
    assert visit.column(METHOD) == board


def test_a_filter_that_hides_every_row_says_so_and_is_dropped_on_another_board(visit: BoardVisit):
    visit.open_board()
    visit.page.get_by_label("Filter the rows").fill("nobody’s method")
    visit.page.get_by_text("No row has “nobody’s method”").wait_for()
    visit.page.get_by_role("button", name="Show all rows").click()
    assert len(visit.column(METHOD)) > 3
    visit.page.get_by_label("Filter the rows").fill("SynergyNet")
    visit.choose("Benchmark", "florence")
    visit.until(lambda: not any("SynergyNet" in name for name in visit.column(METHOD)))
    assert visit.page.get_by_label("Filter the rows").input_value() == ""
    assert visit.column(METHOD)


def test_the_board_searches_plots_and_compares(reading: BoardVisit):
    reading.open_board()
    reading.search("SynergyNet")
    assert reading.column(METHOD)

    curves = reading.page.locator("#board-plots svg")
    assert curves.count() == 2
    picture = np.asarray(Image.open(io.BytesIO(curves.first.screenshot())).convert("RGB"))
    colours = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()}
    assert len(colours) > 50  # curves, grid and letters, not one flat field
    assert "is better than" in reading.page.locator("#comparison .verdict").inner_text()
    assert reading.hosts() == {"127.0.0.1"}


def test_a_click_on_a_sorted_board_shows_what_is_behind_that_row_and_its_files(reading: BoardVisit):
    reading.open_board()
    reading.sort_by("mean of bins")
    reading.search("2DASL (coefficients")
    reading.click_row("2DASL (coeff")
    detail = reading.page.locator(".row-detail")
    detail.wait_for()
    words = detail.inner_text()
    for wanted in (
        "2DASL (coefficients",
        "2 of its faces failed",
        "image00179",
        "sqrt(width * height)",
    ):
        assert wanted in words
    assert "@article{2dasl-2021" in reading.page.locator("#cite textarea").input_value()
    with reading.page.expect_download() as waiting:
        reading.page.get_by_role("button", name="Error of each image (CSV)").click()
    lines = Path(waiting.value.path()).read_text().splitlines()
    assert len(lines) > 1998 and "image00002" in lines[1]
    with reading.page.expect_download() as waiting:
        reading.page.get_by_role("button", name="Record (JSON)").click()
    record = json.loads(Path(waiting.value.path()).read_text())
    assert record["facts"]["method"].startswith("2DASL (coefficients")


def test_our_rows_show_boxes_training_data_year_and_link_at_first(reading: BoardVisit):
    reading.open_board()
    titles = [
        title.strip() for title in reading.page.locator("#results thead th").all_inner_texts()
    ]
    reading.search("dasl lite0")
    for title in ("Boxes", "Training data", "Year"):
        assert all(reading.column(titles.index(title))), title
    row = reading.page.locator("#results tbody tr:visible").first
    reading.click_row("dasl lite0")
    reading.page.locator(".row-detail", has_text="dasl lite0").wait_for()
    assert row.locator("a").count() or reading.page.locator(".row-detail a").count()


def test_another_benchmark_column_and_pair_can_be_chosen_and_the_board_taken_home(
    visit: BoardVisit,
):
    visit.open_board()
    visit.choose("Benchmark", "aflw2000-3d-reannotated")
    visit.page.locator("#results caption", has_text="re-annotated").wait_for(state="attached")
    visit.page.locator("#columns").get_by_text("Columns").click()
    visit.page.get_by_label("Source", exact=True).check()
    visit.page.locator("#results thead th", has_text="Source").wait_for()
    visit.page.get_by_label("B", exact=True).click()
    visit.page.get_by_role("option", name="2DASL (coefficients").click()
    visit.page.locator("#comparison .verdict", has_text="2DASL").wait_for()
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Download LaTeX").click()
    assert r"\begin{tabular}" in Path(waiting.value.path()).read_text()


def test_every_benchmark_can_be_chosen_by_mouse_and_shows_its_rows(visit: BoardVisit):
    visit.open_board()
    visit.page.get_by_label("Benchmark", exact=True).first.click()
    options = visit.page.get_by_role("option")
    visit.until(lambda: options.count() > 5)
    boards = options.evaluate_all("all => all.map(o => o.ariaLabel)")
    before = visit.column(METHOD)
    visit.page.get_by_role("option", name=boards[-1], exact=True).click()
    visit.until(lambda: visit.column(METHOD) not in ([], before))
    for board in [*boards[:-1], boards[-1]]:
        before = visit.column(METHOD)
        visit.choose("Benchmark", board)
        visit.until(lambda before=before: visit.column(METHOD) not in ([], before))
    visit.page.get_by_label("Benchmark", exact=True).first.click()  # opened, and left as it was
    visit.page.locator("h1").click()
    visit.page.wait_for_timeout(1000)


def test_an_address_brings_a_board_and_back_brings_what_was_before(browser, boards: Boards):
    address = f"{boards.url}?tab=leaderboard&board=florence&filter=PRNet"
    visit = BoardVisit(open_page(browser, WIDE_DESK), address)
    visit.until(lambda: visit.column(METHOD) and all("PRNet" in m for m in visit.column(METHOD)))
    visit.page.locator("#results caption", has_text="Florence").wait_for(state="attached")
    visit.choose("Benchmark", "aflw2000-3d")
    visit.until(lambda: "board=aflw2000-3d" in visit.page.url)
    visit.click_row("2DASL (coeff")
    visit.until(lambda: "method=2DASL" in visit.page.url)
    visit.page.go_back()
    visit.page.locator("#results caption", has_text="Florence").wait_for(state="attached")
    visit.open("About")
    visit.until(lambda: visit.page.url.endswith("?tab=about"))
    visit.page.go_back()
    visit.page.locator("#results caption", has_text="Florence").wait_for(state="attached")
    visit.page.close()


def test_the_method_is_shown_in_pictures(reading: BoardVisit):
    reading.open("About")
    pictures = reading.loaded_picture(".steps img")
    widths = pictures.evaluate_all("all => all.map(picture => picture.naturalWidth)")
    assert widths == [240] * 6
    reading.page.get_by_text("Heads are made here with").wait_for()


PARTS = {
    "Leaderboard": "#comparison .verdict",
    "Submit": "#score-file, #score-at-home",
    "About": ".steps img",
}


@pytest.fixture(scope="module")
def phone(browser, boards: Boards) -> Iterator[BoardVisit]:
    page = open_page(browser, PHONE)
    yield BoardVisit(page, boards.url)
    page.close()


@pytest.mark.parametrize("tab", ["Leaderboard", "Submit", "About"])
def test_each_tab_fits_a_phone(phone: BoardVisit, tab: str):
    page = phone.page
    shown = page.get_by_role("tab", name=tab, exact=True)
    behind = page.locator(".overflow-menu > button")  # the three dots
    phone.until(lambda: shown.first.is_visible() or behind.is_visible())
    if shown.first.is_visible():
        shown.first.click()
    else:
        behind.click()
        page.locator(".overflow-dropdown button", has_text=tab).click()
    page.locator(PARTS[tab]).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if tab == "Leaderboard":
        box = page.locator("#results tbody tr").first.locator("td").nth(1).bounding_box()
        assert box["x"] + box["width"] <= 390  # the score
