from space.leaderboard.view import (
    MEASURED,
    QUOTED,
    Asked,
    all_rows,
    board_names,
    compared_at_first,
    variant_labels,
    view_of,
)
from tests.eval.invented_results import invented_result, partial_result

OTHER = invented_result("subset", 0.02, options={"subset": "some"})
RECORDS = [invented_result("worse", 0.05), invented_result("better", 0.03), OTHER]


def test_the_benchmark_with_most_measured_rows_comes_first():
    assert board_names([*RECORDS, invented_result("x", protocol="florence")])[:2] == (
        "aflw2000-3d",
        "florence",
    )
    assert "aflw-lfpa" in board_names([])


def test_only_rows_of_one_variant_stand_beside_each_other():
    view = view_of(RECORDS, Asked("aflw2000-3d"))
    assert [row.method for row in view.measured] == ["better", "worse"]
    assert len(view.variants) == 2
    other = view_of(RECORDS, Asked("aflw2000-3d", view.variants[1]))
    assert [row.method for row in other.measured] == ["subset"]


def test_a_choice_that_does_not_exist_counts_as_not_made():
    view = view_of(RECORDS, Asked("nonsense", "nonsense", "nonsense"))
    assert (view.board, view.score) == ("aflw2000-3d", "2D")
    assert view.title.startswith("AFLW2000-3D, 68 points")


def test_rows_without_a_figure_of_the_score_are_left_out():
    in_2d, in_3d = (view_of(RECORDS, Asked(score=s, origins=QUOTED)) for s in ("2D", "3D, z mean"))
    assert 0 < len(in_3d.rows) < len(in_2d.rows)
    assert all(row.record is None for row in in_2d.rows)


def test_measured_and_quoted_rows_can_be_seen_alone():
    view = view_of([*RECORDS, partial_result("partial", 0.01)], Asked(origins=MEASURED))
    assert [row.method for row in view.rows] == ["better", "worse", "partial"]
    assert view.rows[2].rank is None


def test_a_benchmark_of_quoted_rows_only_has_no_variant():
    view = view_of([], Asked("florence"))
    assert (view.variants, view.variant, view.measured) == ((), "", ())
    assert view.rows


def test_all_rows_hold_every_variant_and_score():
    rows = all_rows("aflw2000-3d", RECORDS)
    assert {row.method for row in rows} >= {"subset", "better", "PRNet"}


def test_a_variant_is_named_without_the_hash_of_its_bins():
    options = {"subset": "balanced, 900 faces, seed 0", "yaw bins": "1/1/1 faces, 0123abcd"}
    view = view_of([invented_result("one", options=options)], Asked("aflw2000-3d"))
    ((label, value),) = variant_labels(view)
    assert label == "subset: balanced, 900 faces, seed 0 · protocol version: 1"
    assert value == view.variant


def test_this_projects_best_is_compared_with_the_best_other_method():
    methods = ("2DASL (released)", "dasl lite0", "dasl lite0, own detector", "3DDFA-V2")
    names = {method: invented_result(method) for method in methods}
    assert compared_at_first(names) == ("dasl lite0", "2DASL (released)")
    ours = {method: names[method] for method in methods[1:3]}
    assert compared_at_first(ours) == ("dasl lite0", "dasl lite0, own detector")
    assert compared_at_first({}) == ("", "")


def test_a_board_of_quoted_rows_alone_has_its_title():
    view = view_of([], Asked("now"))
    assert view.title.startswith("NoW challenge") and view.rows
