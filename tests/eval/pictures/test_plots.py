"""Plots: their data by hand, and pictures that can be opened."""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from eval.errors import ComparisonError, PictureError
from eval.pictures.plot_data import ced_frame, chosen_scores, regions_frame, yaw_frame
from eval.pictures.plots import PLOTS, plot_result, plot_results
from eval.results.record import ProtocolResult
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise
from tests.eval.invented_results import invented_result


def result_of(
    method: str,
    errors: Sequence[float],
    *,
    angles: Sequence[float] | None = None,
    bins: bool = True,
    thresholds: Sequence[float] = (0.1,),
) -> ProtocolResult:
    """A result of one score; the first half of the images is in the bin `near`."""
    count = len(errors)
    ids = [f"image{number}" for number in range(count)]
    index = (np.arange(count) >= count // 2).astype(np.int64)
    groups = Groups(index, ("near", "far"), None if angles is None else np.array(angles))
    values = np.array(errors, dtype=np.float64)
    points = np.stack([values, 3 * values], axis=1)
    score = summarise(
        Errors(ids, values, points, {"brows": (0, 1), "nose": (1, 2)} if bins else {}),
        name="2d",
        label="2D",
        groups=groups if bins else None,
        thresholds=thresholds,
        bootstrap=Bootstrap(draws=50),
    )
    return replace(invented_result(method), scores=(score,), expected=count)


def test_the_curve_rises_by_one_face_at_each_error_and_failures_stay_below() -> None:
    frame = ced_frame([result_of("a", [0.05, 0.02, math.nan, 0.3])])
    assert frame["error"].tolist() == pytest.approx([0.0, 2.0, 5.0, 10.0])
    assert frame["share"].tolist() == [0.0, 25.0, 50.0, 50.0]
    assert set(frame["unit"]) == {"%"} and set(frame["method"]) == {"a"}


def test_the_area_under_the_plotted_curve_is_the_reported_one() -> None:
    result = result_of("a", np.random.default_rng(0).gamma(2.0, 0.02, size=200).tolist())
    frame = ced_frame([result])
    area = float((frame["share"][:-1].to_numpy() * np.diff(frame["error"])).sum())
    assert area / 100.0 / 10.0 == pytest.approx(result.headline.thresholds[0].auc)


def test_without_thresholds_the_curve_ends_where_most_faces_lie_within() -> None:
    frame = ced_frame([result_of("a", np.linspace(0.0, 1.0, 101).tolist(), thresholds=())])
    assert frame["error"].max() == pytest.approx(95.0) and frame["share"].max() > 94.0


def test_degrees_stay_degrees() -> None:
    result = result_of("a", [1.0, 2.0], thresholds=(5.0,))
    score = replace(result.headline, unit="deg")
    frame = ced_frame([replace(result, scores=(score,))])
    assert frame["error"].tolist() == [0.0, 1.0, 2.0, 5.0] and frame["unit"].iat[0] == "deg"


def test_bins_have_their_means_and_intervals_around_them() -> None:
    errors = [0.01, 0.02, 0.03, 0.05, math.nan, 0.07]
    frame = yaw_frame([result_of("a", errors)])
    assert frame["bin"].tolist() == ["near", "far"] and frame["count"].tolist() == [3, 2]
    assert frame["mean"].tolist() == pytest.approx([2.0, 6.0])
    assert (frame["low"] < frame["mean"]).all() and (frame["mean"] < frame["high"]).all()
    assert frame["angle_deg"].isna().all()


def test_a_rolling_mean_takes_the_images_within_ten_degrees() -> None:
    angles = np.repeat([0.0, 12.0, 40.0, -351.0, 170.0], 10)  # -351 is 9; 170 is beyond the plot
    errors = np.repeat([0.01, 0.03, 0.05, 0.02, 0.9], 10)
    frame = yaw_frame([result_of("a", errors.tolist(), angles=angles.tolist())])
    at = frame.set_index("angle_deg")
    assert at.loc[0.0, "mean"] == pytest.approx(1.5) and at.loc[0.0, "count"] == 20
    assert at.loc[10.0, "mean"] == pytest.approx(2.0) and at.loc[10.0, "count"] == 30
    assert at.loc[40.0, "mean"] == pytest.approx(5.0)
    assert -30.0 not in at.index and frame["mean"].max() < 10  # too few faces; not on the plot


def test_regions_come_as_the_headline_averages_them() -> None:
    frame = regions_frame([result_of("a", [0.01, 0.03]), result_of("b", [0.02, 0.02])])
    assert frame["region"].tolist() == ["brows", "nose"] * 2
    assert frame["mean"].tolist() == pytest.approx([2.0, 6.0, 2.0, 6.0])


def test_two_methods_of_one_name_are_told_apart() -> None:
    results = [result_of("same", [0.1, 0.2]), result_of("same", [0.1, 0.2])]
    assert list(chosen_scores(results, None)) == ["same", "same (2)"]


@pytest.mark.parametrize("draw", [yaw_frame, regions_frame])
def test_a_plot_without_data_is_refused(
    draw: Callable[[Sequence[ProtocolResult]], pd.DataFrame],
) -> None:
    with pytest.raises(PictureError, match=r"this score; plot ced instead"):
        draw([result_of("a", [0.1, 0.2], bins=False)])


def test_an_unknown_score_lists_the_known_ones() -> None:
    with pytest.raises(PictureError, match=r"no score 3d of aflw2000-3d, it has 2d"):
        ced_frame([result_of("a", [0.1, 0.2])], "3d")


def test_results_that_do_not_compare_are_not_drawn_together() -> None:
    other = replace(result_of("b", [0.1, 0.2]), protocol="florence")
    with pytest.raises(ComparisonError, match=r"protocol must be the same"):
        ced_frame([result_of("a", [0.1, 0.2]), other])


@pytest.mark.parametrize("kind", sorted(PLOTS))
def test_every_plot_is_a_picture_or_a_table_by_its_suffix(kind: str, tmp_path: Path) -> None:
    results = [result_of(name, [0.01, 0.02, 0.03, 0.05]) for name in ("one", "$\\frac{$ <&> two")]
    for suffix in (".png", ".svg", ".csv"):
        plot_results(tmp_path / f"plot{suffix}", kind, results)
    with Image.open(tmp_path / "plot.png") as picture:
        picture.load()
        assert picture.width > 900 and len(picture.convert("RGB").getcolors(1 << 20) or []) > 20
    texts = [node.text for node in ElementTree.parse(tmp_path / "plot.svg").iter() if node.text]
    assert any("$\\frac{$ <&> two" in text for text in texts) and "one" in texts
    table = pd.read_csv(tmp_path / "plot.csv")
    assert table["method"].nunique() == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot.csv", "plot.png", "plot.svg"]


def test_a_method_that_begins_with_an_underscore_is_in_the_legend(tmp_path: Path) -> None:
    results = [result_of(name, [0.01, 0.02]) for name in ("_mine", "theirs")]
    plot_results(tmp_path / "p.svg", "ced", results)
    assert "_mine" in (tmp_path / "p.svg").read_text()


def test_the_same_data_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        plot_result(tmp_path / name, result_of("m", [0.01, 0.02, 0.03, 0.05]))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_one_result_gets_a_panel_for_each_plot_that_it_has_data_for(tmp_path: Path) -> None:
    plot_result(tmp_path / "all.png", result_of("m", [0.01, 0.02, 0.03, 0.05]))
    plot_result(tmp_path / "ced.png", result_of("m", [0.01, 0.02], bins=False))
    with Image.open(tmp_path / "all.png") as wide, Image.open(tmp_path / "ced.png") as narrow:
        assert wide.width == pytest.approx(3 * narrow.width, abs=2)


def test_another_suffix_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    result = result_of("m", [0.01, 0.02])
    with pytest.raises(PictureError, match=r"p.jpg must end in .png, .svg, .csv, got .jpg"):
        plot_results(tmp_path / "p.jpg", "ced", [result])
    with pytest.raises(PictureError, match=r"p must end in .png, .svg, got no suffix"):
        plot_result(tmp_path / "p", result)
    with pytest.raises(PictureError, match=r"cannot write .*No such file"):
        plot_result(tmp_path / "no" / "p.png", result)
