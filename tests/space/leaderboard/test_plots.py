import re
from dataclasses import replace

from eval.pictures.plots import COLOURS
from eval.results.record import MethodFacts
from space.leaderboard.plots import KINDS, MOST_METHODS, plots_html
from space.theme import STYLES
from tests.eval.invented_results import invented_result, spread_result

OTHER_TERMS = invented_result("other", options={"subset": "some"})


def test_both_plots_are_drawn_in_the_pages_colours():
    html = plots_html([spread_result("one"), spread_result("two", 1.2)], "2D")
    assert html.count("<svg") == len(KINDS)
    assert "var(--plot-line-1)" in html and "var(--plot-line-2)" in html
    assert "var(--plot-ink)" in html and "var(--font)" in html
    assert not re.search("|".join(COLOURS[:MOST_METHODS]), html, re.I)
    assert "<style" not in html and "<metadata" not in html


def test_ids_of_the_two_drawings_do_not_meet():
    html = plots_html([spread_result("one")], "2D")
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for used in re.findall(r'(?:url\(#|href="#)([^")]+)', html):
        assert used in ids


def test_a_plot_can_be_read_without_seeing_it():
    html = plots_html([spread_result("one")], "2D")
    assert re.search(
        r'role="img" aria-label="Share of faces[^"]+one, half of the faces within', html
    )


def test_names_stand_beside_the_drawing_and_are_escaped():
    hostile = replace(spread_result("x"), facts=MethodFacts("<script>$a_b$"))
    html = plots_html([hostile, spread_result("two")], "2D")
    assert "<script" not in html
    drawings = re.findall(r"<svg.*?</svg>", html, re.S)
    assert not any("script" in drawing for drawing in drawings)
    assert html.count("&lt;script&gt;$a_b$") == 1 + len(KINDS)  # legend and descriptions


def test_no_more_methods_are_drawn_than_there_are_colours():
    html = plots_html([spread_result(f"m{n}") for n in range(9)], "2D")
    assert html.count('class="swatch"') == MOST_METHODS <= len(COLOURS)
    style = "".join(path.read_text() for path in STYLES)
    for number in range(1, MOST_METHODS + 1):
        assert style.count(f"--plot-line-{number}: #") == 2  # light and dark


def test_what_cannot_be_drawn_is_said():
    assert "Choose measured methods" in plots_html([], "2D")
    words = plots_html([invented_result("one"), OTHER_TERMS], "2D")
    assert "must be the same" in words and "<svg" not in words
