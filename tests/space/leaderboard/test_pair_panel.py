import gradio as gr
import pytest

from space.leaderboard.pair_panel import PairPanel, compared
from space.leaderboard.view import Asked, BoardView, view_of
from tests.eval.invented_results import spread_result


@pytest.fixture
def view() -> BoardView:
    results = [spread_result("one"), spread_result("two", 1.2), spread_result("three", 1.4)]
    return view_of(results, Asked("aflw2000-3d"))


def test_the_best_measured_methods_of_a_board_are_compared_first(view):
    with gr.Blocks():
        panel = PairPanel()
    shown = panel.shown(view)
    assert list(shown) == panel.outputs()
    first, second = (shown[side] for side in panel.sides)
    assert (
        [name for name, _ in first.choices]
        == ["one", "two", "three"]
        == [name for name, _ in second.choices]
    )
    assert (first.value, second.value) == ("one", "two")
    assert "<b>one</b> is better than <b>two</b>" in shown[panel.words]


def test_a_pair_is_compared_in_words_and_a_name_of_nobody_is_none(view):
    assert "<b>one</b> is better than <b>three</b>" in compared(view, "three", "one")
    for first, second in (("one", "nobody"), (None, "one"), ("", "")):
        assert "Choose two measured methods" in compared(view, first, second)
