"""The two forms that the hub shows on a model's page, read back by the hub's own client."""

import math
from dataclasses import replace

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from eval.benchmarks import PROTOCOLS
from eval.errors import RecordError
from eval.leaderboard.hub_metadata import choose_record, eval_results_yaml, model_card_yaml
from tests.eval.invented_results import invented_result, invented_score, partial_result


def test_eval_results_have_one_entry_a_score() -> None:
    text = eval_results_yaml(invented_result("ours", 0.0364395898), "user/aflw2000-3d")
    flat, deep = parse_eval_result_entries(yaml.safe_load(text))
    assert (flat.dataset_id, flat.task_id, flat.value) == (
        *("user/aflw2000-3d", "aflw2000-3d-2d", 3.644),
    )
    assert (deep.task_id, deep.value) == ("aflw2000-3d-3d", 4.644)
    assert flat.date == "2026-01-02"
    assert flat.notes is not None
    for words in (
        "mean of bins, %",
        "lower is better",
        "[3.544, 3.844]",
        "3 of 3 faces",
        "yaw.npy",
    ):
        assert words in flat.notes


def test_partial_coverage_is_not_handed_to_a_ranking() -> None:
    with pytest.raises(RecordError, match="unranked: 1 of its faces failed"):
        eval_results_yaml(partial_result("partial", 0.03), "user/data")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"truth_sha256": "2" * 64}, r"another truth \(sha256 222222222222\)"),
        ({"provenance": "reported"}, "unranked: reported"),
    ],
)
def test_what_boards_do_not_rank_is_not_handed_on(changed: dict[str, str], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        eval_results_yaml(invented_result("one", 0.03, **changed), "user/data")


def test_a_model_card_holds_the_means_and_the_coverage() -> None:
    record = partial_result("ours: <b>", 0.03)
    text = model_card_yaml(record, PROTOCOLS["aflw2000-3d"], None)
    results = ModelCard(text + "# ours\n").data.eval_results
    assert results is not None
    assert [(result.metric_type, result.metric_value) for result in results] == [
        *(("nme", 2.5), ("nme", 2.5), ("nme", 3.5), ("nme", 3.5))
    ]
    assert results[0].metric_name == "2D, mean of bins, %, 2 of 3 faces"
    assert results[0].dataset_type == "aflw2000-3d"


def test_degrees_are_a_mean_absolute_error() -> None:
    score = invented_score(
        math.nan, label="yaw", unit="deg", aggregate="mean_of_images", bins=(), mean_of_images=3.456
    )
    record = invented_result("pose", scores=(score,))
    text = model_card_yaml(record, PROTOCOLS["aflw2000-3d"], "user/data")
    (result,) = ModelCard(text).data.eval_results or []
    assert (result.metric_type, result.metric_value) == ("mae", 3.46)
    assert result.dataset_type == "user/data"


def test_a_record_is_chosen_by_name_part_of_a_name_or_as_the_only_one() -> None:
    records = [invented_result("3DDFA"), invented_result("3DDFA-V2"), invented_result("2DASL")]
    assert choose_record(records, "3DDFA").facts.method == "3DDFA"
    assert choose_record(records, "v2").facts.method == "3DDFA-V2"
    assert choose_record(records[:1], None).facts.method == "3DDFA"


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (None, "3 records fit.*3DDFA; 3DDFA-V2; 2DASL"),
        ("3d", "2 records fit.*3DDFA; 3DDFA-V2$"),
        ("PRNet", "0 records fit.*3DDFA; 3DDFA-V2; 2DASL"),
    ],
)
def test_an_unclear_choice_lists_the_methods(method: str | None, message: str) -> None:
    records = [invented_result("3DDFA"), invented_result("3DDFA-V2"), invented_result("2DASL")]
    with pytest.raises(RecordError, match=message):
        choose_record(records, method)
    with pytest.raises(RecordError, match="from: none"):
        choose_record([], method)


def test_of_a_methods_variants_the_one_with_the_most_images_is_chosen() -> None:
    every, fewer = invented_result("one"), replace(invented_result("one"), expected=2)
    assert choose_record([fewer, every], "one") is every
    with pytest.raises(RecordError, match="2 records fit"):
        choose_record([every, replace(every, options={"yaw": "mine.npy"})], "one")
