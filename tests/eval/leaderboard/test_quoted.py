"""Quoted figures: the file that ships, and what its reader refuses."""

import csv
from pathlib import Path

import pytest

from eval.benchmarks import PROTOCOLS
from eval.errors import RecordError
from eval.leaderboard.quoted import COLUMNS, QUOTED_BOARDS, QuotedFigure, QuotedResult, load_quoted

NAMES = (
    *("CDM", "RCPR (300W)", "ESR (300W)", "SDM (300W)", "3DDFA", "DeFA", "PRNet", "VRN-Guided"),
    *("2DASL", "3DDFA-V2 (M+R+S)", "SADRNet", "SynergyNet", "DSFNet-f"),
)
GOOD = {
    "board": "aflw2000-3d",
    "score": "2D",
    "method": "PRNet",
    "year": "2018",
    "0-30": "2.75",
    "30-60": "3.51",
    "60-90": "4.61",
    "mean_of_bins": "3.62",
    "mean_of_images": "",
    "unit": "%",
    "kind": "published",
    "remark": "",
    "source": "Table 1",
}


def written(path: Path, *lines: dict[str, str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(lines)
    return path


def of(board: str, method: str) -> list[QuotedResult]:
    return [r for r in load_quoted() if (r.board, r.method) == (board, method)]


def test_every_named_method_is_quoted_on_a_board_that_is_scored() -> None:
    quoted = load_quoted()
    assert set(NAMES) <= {result.method for result in quoted}
    assert {result.board for result in quoted} <= {*PROTOCOLS, *QUOTED_BOARDS}


def test_every_quoted_result_names_its_source_and_has_a_figure_or_a_remark() -> None:
    for result in load_quoted():
        printed = [
            text
            for figure in result.figures
            for text in (*figure.bins.values(), figure.mean_of_bins, figure.mean_of_images)
        ]
        assert result.source
        assert any(printed) or result.remark, result


def test_figures_stand_as_printed() -> None:
    (result,) = [r for r in of("aflw2000-3d", "2DASL") if r.figures[0].mean_of_bins]
    assert dict(result.figures[0].bins) == {"0-30": "2.75", "30-60": "3.46", "60-90": "4.45"}
    assert result.figures[0].mean_of_bins == "3.55"
    assert "SynergyNet (3DV 2021)" in result.source


@pytest.mark.parametrize("board", ["aflw-lfpa", "florence"])
def test_what_was_not_seen_of_2dasl_stays_empty_with_the_known_difference(board: str) -> None:
    (result,) = of(board, "2DASL")
    for figure in result.figures:
        assert not any((*figure.bins.values(), figure.mean_of_bins, figure.mean_of_images))
    assert {"aflw-lfpa": "0.08 below PRNet", "florence": "0.39"}[board] in result.remark


def test_depth_figures_of_other_z_rules_are_other_scores() -> None:
    labels = {f.score for r in load_quoted() if r.board == "aflw2000-3d" for f in r.figures}
    uv = {"2D, UV points", "3D, z mean, UV points"}  # against another truth
    assert labels == {"2D", "3D, z mean", "3D, z none", "3D, z not stated", *uv}


def test_lines_of_one_source_on_one_method_come_together(tmp_path: Path) -> None:
    path = written(
        tmp_path / "q.csv",
        GOOD,
        GOOD | {"source": "Table 2"},
        GOOD | {"score": "3D, z mean", "remark": "z", "mean_of_bins": ""},
        GOOD
        | dict.fromkeys(("0-30", "30-60", "60-90", "mean_of_bins"), "")
        | {"mean_of_images": "3.27"},
    )
    first, second = load_quoted(path)
    assert (first.source, second.source) == ("Table 1", "Table 2")
    assert [figure.score for figure in first.figures] == ["2D", "3D, z mean"]
    assert first.remark == "z"
    assert first.figures[0] == QuotedFigure(
        "2D", "%", {"0-30": "2.75", "30-60": "3.51", "60-90": "4.61"}, "3.62", "3.27"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ""}, "q.csv, line 2: source is empty"),
        ({"unit": "m"}, "unit must be one of"),
        ({"kind": "rumour"}, "kind must be one of"),
        ({"mean_of_bins": "about 3"}, "'about 3' is not an error"),
        ({"mean_of_bins": "nan"}, "'nan' is not an error"),
        ({"mean_of_bins": "-1"}, "'-1' is not an error"),
        (
            dict.fromkeys(("0-30", "30-60", "60-90", "mean_of_bins"), ""),
            "neither figure nor remark",
        ),
    ],
)
def test_a_line_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        load_quoted(written(tmp_path / "q.csv", GOOD | change))


def test_a_figure_given_twice_by_one_source_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "q.csv", GOOD, GOOD | {"mean_of_bins": "3.6"})
    with pytest.raises(RecordError, match="0-30 is given 2 times"):
        load_quoted(path)


def test_another_head_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("a,b\n")
    with pytest.raises(RecordError, match="must start with the columns"):
        load_quoted(tmp_path / "q.csv")
    with pytest.raises(RecordError, match="cannot read"):
        load_quoted(tmp_path / "nowhere.csv")
