from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from eval.leaderboard.files import save_record
from space.leaderboard import text
from space.leaderboard.tab import LeaderboardTab
from space.leaderboard.table import ON_AT_FIRST
from space.records import RecordSource
from tests.eval.invented_results import invented_result, spread_result

BOTH = "Measured and quoted"
BOARD = "aflw2000-3d"


@pytest.fixture
def tab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LeaderboardTab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    own = tmp_path / "own"
    own.mkdir()
    save_record(own / "one.json", spread_result("one"))
    save_record(own / "two.json", spread_result("two", 1.2))
    save_record(own / "three.json", invented_result("three", protocol="florence"))
    with gr.Blocks(), gr.Tab("Leaderboard") as outer:
        return LeaderboardTab(RecordSource(own, str(tmp_path / "board")), outer)


def click(place: int, method: str) -> SimpleNamespace:
    return SimpleNamespace(place=place, method=method)


def test_the_first_visit_shows_the_first_board_with_curves_and_a_comparison(tab):
    shown = tab.show(None, None, None, BOTH, ON_AT_FIRST)
    assert shown[tab._board].value == BOARD
    assert shown[tab._message] == text.HOW_TO_READ
    assert shown[tab._table]["lines"][0]["cells"][1]["text"] == "one"
    assert shown[tab._methods].value == ["one", "two"]
    assert shown[tab._plots].count("<svg") == 2
    assert "<b>one</b> is better than <b>two</b>" in shown[tab._pair.words]
    assert shown[tab._downloads["latex"]].value["orig_name"] == "aflw2000-3d.tex"


def test_another_board_brings_its_own_choices(tab):
    shown = tab.show("florence", "a variant of another board", "2D", BOTH, ON_AT_FIRST)
    assert shown[tab._board].value == "florence"
    assert shown[tab._variant].value == shown[tab._variant].choices[0][1]
    assert shown[tab._pair.sides[0]].value == "three" and shown[tab._pair.sides[1]].value is None
    assert "Choose two measured methods" in shown[tab._pair.words]


def test_what_is_shown_already_is_not_drawn_again(tab):
    shown = tab.show("florence", None, None, BOTH, ON_AT_FIRST)[tab._shown]
    again = tab.show("florence", "a variant of another board", None, BOTH, ON_AT_FIRST, shown)
    assert set(again) == {tab._message}
    assert tab._table in tab.show(BOARD, None, None, BOTH, ON_AT_FIRST, shown)


def test_the_board_of_an_address_is_shown_and_what_it_does_not_know_is_not_asked(tab):
    asked = SimpleNamespace(board="florence", score="no such score", rows="no such rows")
    shown = tab.restore(ON_AT_FIRST, asked)
    assert shown[tab._board].value == "florence" and shown[tab._origins] == BOTH
    assert shown[tab._table]["asked"]["board"] == "florence"
    quoted = tab.restore(ON_AT_FIRST, SimpleNamespace(board=BOARD, score=None, rows="Quoted"))
    assert quoted[tab._origins] == quoted[tab._table]["asked"]["rows"] == "Quoted"


def test_what_draws_again_follows_what_is_shown_and_not_lists_of_before(tab):
    assert tab.show_again(None, ON_AT_FIRST)[tab._board].value == BOARD
    shown = tab.restore(ON_AT_FIRST, SimpleNamespace(board="florence", score=None, rows=None))
    asked = shown[tab._shown]
    assert tab.show_again(asked, ON_AT_FIRST)[tab._table]["asked"]["board"] == "florence"
    assert tab.show_columns(asked, [])["asked"]["board"] == "florence"
    assert tab.show_columns(None, []) == gr.skip()


def test_a_board_without_such_rows_says_how_to_get_one(tab):
    shown = tab.show("aflw-lfpa", None, None, "Measured", ON_AT_FIRST)
    assert shown[tab._message] == text.NOTHING_MEASURED
    assert shown[tab._table] is None
    assert shown[tab._downloads["csv"]].visible is False


def test_a_click_shows_the_row_and_adds_a_measured_one_to_the_curves(tab):
    shown = tab.show_row(BOARD, "", "2D", BOTH, ["one"], click(1, "two"))
    assert "<h3>two</h3>" in shown[tab._row._detail]
    assert shown[tab._row._citation].value.startswith("@misc{two-2026")
    assert shown[tab._methods] == ["one", "two"]
    assert shown[tab._plots].count('class="swatch"') == 2


def test_a_click_on_a_row_that_has_moved_finds_it_by_its_name(tab):
    shown = tab.show_row(BOARD, "", "2D", BOTH, [], click(0, "two"))
    assert "<h3>two</h3>" in shown[tab._row._detail]
    shown = tab.show_row(BOARD, "", "2D", BOTH, [], click(99, "nowhere"))
    assert "Choose a row" in shown[tab._row._detail]
    assert shown[tab._row._citation].visible is False


def test_curves_and_comparison_follow_the_choices(tab):
    assert tab.plot(BOARD, "", "2D", BOTH, ["two", "unknown"]).count('class="swatch"') == 1
    assert "different methods" in tab.compare(BOARD, "", "2D", BOTH, "one", "one")
    assert "3D, z mean" in tab.compare(BOARD, "", "3D, z mean", BOTH, "two", "one")


def test_programs_get_every_row_with_figures_unrounded(tab):
    rows = tab.leaderboard(BOARD)
    assert rows[0]["method"] == "one" and rows[0]["2D: mean of bins, %"] == pytest.approx(2.29)
    assert {row["origin"] for row in rows} == {"measured", "quoted"}
    with pytest.raises(gr.Error, match=r"choose one of aflw2000-3d, florence"):
        tab.leaderboard("nonsense")


def test_two_methods_of_one_name_can_both_be_chosen(tab, tmp_path):
    changed = spread_result("one", 1.5)
    save_record(
        tmp_path / "own" / "four.json",
        type(changed)(**{**vars(changed), "submission_sha256": "f" * 64}),
    )
    shown = tab.show(BOARD, None, None, BOTH, ON_AT_FIRST)
    assert [name for name, _ in shown[tab._methods].choices] == ["one", "two", "one (2)"]
