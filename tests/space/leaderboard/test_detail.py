from dataclasses import replace

from eval.results.record import MethodFacts
from space.leaderboard.detail import detail_html, score_of
from space.leaderboard.view import Asked, view_of
from tests.eval.invented_results import invented_result, partial_result

HOSTILE = "<script>alert(1)</script>"


def rows(*records):
    return view_of(records, Asked("aflw2000-3d")).rows


def test_before_a_row_is_chosen_the_visitor_is_told_to():
    assert "Choose a row" in detail_html(None, "2D")


def test_a_measured_row_shows_regions_worst_faces_and_how_it_was_computed():
    html = detail_html(rows(invented_result("ours", 0.04))[0], "2D")
    for words in ("Error by region", "jaw", "Worst faces", "How this number was computed"):
        assert words in html
    worst = html[html.index("<tbody>") :]
    assert worst.index("image3") < worst.index("image2") < worst.index("image1")  # by error
    assert "5.000 %" in worst
    assert "10,000 draws" not in html and "100 draws" in html
    assert "systematic offset" in html
    assert "<img" not in html  # faces by id only


def test_partial_coverage_names_the_faces_without_an_answer():
    html = detail_html(rows(partial_result("partial", 0.04))[0], "2D")
    assert "unranked: 1 of its faces failed" in html
    assert "No answer on: image3." in html


def test_another_score_is_shown_where_it_is_asked_for():
    row = rows(invented_result("ours", 0.04))[0]
    assert "Error by region, 3D, z mean" in detail_html(row, "3D, z mean")
    assert score_of(row.record, "nonsense") is row.record.headline


def test_a_quoted_row_says_that_nobody_re_ran_it():
    row = next(row for row in rows() if row.method == "PRNet")
    html = detail_html(row, "2D")
    assert "What the source prints" in html and "Nobody re-ran it here" in html
    assert 'href="https://arxiv.org/abs/1803.07835"' in html


def test_nothing_that_others_wrote_is_rendered():
    facts = MethodFacts(HOSTILE, link="javascript:alert(1)", licence=HOSTILE, boxes=HOSTILE)
    hostile = replace(
        invented_result("x"),
        facts=facts,
        warnings=(HOSTILE,),
        truth_source=HOSTILE,
        normaliser=HOSTILE,
        options={HOSTILE: HOSTILE},
    )
    html = detail_html(rows(hostile)[0], "2D")
    assert "<script" not in html and "javascript:" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
