"""`eval plot`: pictures and tables of records."""

import argparse
from pathlib import Path

import pandas as pd
import pytest

from eval.commands import plot
from eval.errors import ComparisonError, PictureError, RecordError
from eval.leaderboard.files import save_record
from eval.pictures.plots import PLOTS
from tests.eval.invented_results import invented_result


def plotted(*words: object) -> str:
    """What the command prints for a command line."""
    parser = argparse.ArgumentParser()
    plot.add(parser.add_subparsers())
    return plot.run(parser, parser.parse_args(["plot", *map(str, words)]))


@pytest.fixture
def records(tmp_path: Path) -> list[Path]:
    """Two records of one benchmark."""
    for name, mean in (("one", 0.03), ("two", 0.04)):
        save_record(tmp_path / f"{name}.json", invented_result(name, mean))
    return [tmp_path / "one.json", tmp_path / "two.json"]


def test_the_command_offers_every_plot_there_is() -> None:
    assert plot.KINDS.keys() == PLOTS.keys()


def test_records_are_drawn_where_the_user_asks(records: list[Path], tmp_path: Path) -> None:
    assert plotted("ced", *records, "--output", tmp_path / "c.png") == f"wrote {tmp_path}/c.png\n"
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_named_score_is_plotted_in_place_of_the_headlines(
    records: list[Path], tmp_path: Path
) -> None:
    plotted("regions", records[0], "--output", tmp_path / "r.csv", "--score", "3d")
    assert pd.read_csv(tmp_path / "r.csv")["mean"].tolist() == pytest.approx([4.0])


def test_what_cannot_be_plotted_says_why(records: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"no score pose of aflw2000-3d, it has 2d, 3d"):
        plotted("ced", *records, "--output", tmp_path / "c.png", "--score", "pose")
    with pytest.raises(RecordError, match=r"cannot read .*gone.json"):
        plotted("ced", tmp_path / "gone.json", "--output", tmp_path / "c.png")
    save_record(tmp_path / "other.json", invented_result("other", protocol="aflw-lfpa"))
    with pytest.raises(ComparisonError, match=r"protocol must be the same"):
        plotted("ced", records[0], tmp_path / "other.json", "--output", tmp_path / "c.png")
    assert not (tmp_path / "c.png").exists()


@pytest.mark.parametrize(
    "words", [["ced"], ["pie", "r.json", "--output", "p.png"], ["ced", "r.json"]]
)
def test_a_wrong_command_line_is_status_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        plotted(*words)
    assert stop.value.code == 2
