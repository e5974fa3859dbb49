"""Records that were edited: every figure must follow from the per-image errors."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.commands.table import RECORDS
from eval.errors import RecordError
from eval.leaderboard.files import load_record, save_record
from eval.leaderboard.recheck import refuse_edited
from eval.results.record import Interval, ProtocolResult
from eval.scoring.intervals import OVER_IMAGES
from eval.submissions.landmarks68 import REGIONS
from tests.eval.invented_results import invented_result, invented_score, partial_result

Edit = Callable[[dict[str, Any]], None]


def edited(path: Path, edit: Edit) -> Path:
    """Save a record, then change its JSON alone, as a person with an editor would."""
    save_record(path, partial_result("one", 0.04))
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    return path


def in_first(name: str, value: object) -> Edit:
    return lambda document: document["scores"][0].update({name: value})


def in_first_bin(name: str, value: object) -> Edit:
    return lambda document: document["scores"][0]["bins"][0].update({name: value})


def in_threshold(name: str, value: object) -> Edit:
    return lambda document: document["scores"][0]["thresholds"][0].update({name: value})


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (in_first("mean_of_bins", 0.001), r"2d\.mean_of_bins is 0\.001, wanted 0\.035"),
        (in_first("mean_of_images", 0.001), r"2d\.mean_of_images is 0\.001, wanted 0\.035"),
        (in_first("mean_of_bins", 10**400), r"2d\.mean_of_bins is inf, wanted 0\.035"),
        (in_first("std_of_bins", 0.0), r"2d\.std_of_bins is 0, wanted 0\.005"),
        (in_first("aggregate", "mean_of_images"), r"2d\.aggregate is 'mean_of_images', wanted"),
        (in_first_bin("mean", 0.001), r"2d\.bins\.0-30\.mean is 0\.001, wanted 0\.03"),
        (in_first_bin("count", 2), r"2d\.bins\.0-30\.count is 2, wanted 1"),
        (in_threshold("failure_rate", 0.0), r"2d\.thresholds\.0\.failure_rate is 0, wanted 0\.33"),
        (in_threshold("threshold", 0.0), r"2d has thresholds \[0\.0\], wanted positive"),
        (in_threshold("auc", 1.0), r"2d\.thresholds\.0\.auc is 1, wanted 0\.2"),
        (lambda document: document.update(expected=2), "expected is 2, wanted 3"),
        (lambda document: document.update(scored=3), "scored is 3, wanted 2"),
        (lambda document: document.update(failed_ids=[]), r"failed_ids is \(\), wanted"),
    ],
)
def test_an_edited_figure_is_refused_by_name(tmp_path: Path, edit: Edit, said: str) -> None:
    path = edited(tmp_path / "edited.json", edit)
    with pytest.raises(RecordError, match=rf"edited\.json: {said}.*the record was edited"):
        load_record(path)


def test_an_edit_of_a_lesser_score_is_refused_too(tmp_path: Path) -> None:
    path = edited(
        tmp_path / "edited.json", lambda document: document["scores"][1].update(mean_of_bins=0.01)
    )
    with pytest.raises(RecordError, match=r"3d\.mean_of_bins is 0\.01"):
        load_record(path)


def with_scores(**changed: Any) -> ProtocolResult:
    return invented_result("one", 0.04, scores=(invented_score(0.04, **changed),))


def test_an_interval_away_from_its_mean_is_refused() -> None:
    refuse_edited(with_scores())
    lower = Interval(0.01, 0.02, level=0.95, draws=100, seed=0, method=OVER_IMAGES)
    with pytest.raises(
        RecordError, match=r"2d\.interval is \[0\.01, 0\.02\], wanted one around 0\.04"
    ):
        refuse_edited(with_scores(interval=lower))


def test_an_interval_too_narrow_for_its_errors_is_refused() -> None:
    result = load_record(RECORDS / "aflw2000-3d_3ddfa_v2_mb05.json")
    score = result.headline
    narrow = replace(score.interval, low=score.headline - 1e-5, high=score.headline + 1e-5)
    with pytest.raises(RecordError, match=r"2d\.interval is .*, wanted a width of"):
        refuse_edited(replace(result, scores=(replace(score, interval=narrow),)))


@pytest.mark.parametrize("part", ["regions", "per_point"])
def test_regions_and_points_follow_from_each_other_and_the_headline(part: str) -> None:
    result = load_record(RECORDS / "aflw2000-3d_3ddfa_v2_mb05.json")
    score = result.headline
    better = {
        "regions": {**score.regions, "jaw": 0.001},
        "per_point": tuple(0.5 * value for value in score.per_point),
    }
    if part == "per_point":
        points = np.array(better["per_point"])
        better["regions"] = {n: points[a:b].mean() for n, (a, b) in REGIONS.items()}
    else:
        del better["per_point"]
    with pytest.raises(RecordError, match=rf"2d\.{part}\.(jaw|mean) is "):
        refuse_edited(replace(result, scores=(replace(score, **better),)))


def test_a_score_without_an_image_or_with_negative_errors_is_refused() -> None:
    nothing = dict.fromkeys(("image1", "image2", "image3"), math.nan)
    with pytest.raises(RecordError, match="2d has no image scored"):
        refuse_edited(
            replace(
                with_scores(per_image=nothing), scored=0, failed_ids=("image1", "image2", "image3")
            )
        )
    with pytest.raises(RecordError, match="2d has a negative or infinite error"):
        refuse_edited(with_scores(per_image={"image1": -1.0, "image2": 0.04, "image3": 0.05}))


def test_the_shipped_records_are_what_their_errors_give() -> None:
    paths = sorted(RECORDS.glob("*.json"))
    assert len(paths) > 5
    assert all(load_record(path).provenance == "scored" for path in paths)


def test_a_record_of_the_schema_before_is_read_as_reported(tmp_path: Path) -> None:
    def older(document: dict[str, Any]) -> None:
        del document["provenance"]
        document["schema_version"] = 2

    result = load_record(edited(tmp_path / "older.json", older))
    assert (result.provenance, result.schema_version) == ("reported", 3)
