"""A measured result in the two formats that the Hugging Face hub shows on a model's page."""

import math
from collections.abc import Iterable

import yaml
from huggingface_hub import (
    EvalResult,
    EvalResultEntry,
    ModelCardData,
    eval_result_entries_to_yaml,
)

from eval.benchmarks.protocol import Protocol
from eval.errors import RecordError
from eval.leaderboard.board import in_unit, unit_of
from eval.leaderboard.ranking import unranked_reason
from eval.results.record import ProtocolResult, Score

TASK = "keypoint-detection"


def choose_record(records: Iterable[ProtocolResult], method: str | None) -> ProtocolResult:
    """The record of one method; of several variants the one with the most images.

    Args:
        records: of one benchmark.
        method: its name or a part of it; None if there is only one record.

    Raises:
        RecordError: no record or several match; the message lists the methods.
    """
    known = list(records)
    exact = [record for record in known if record.facts.method == method]
    part = (method or "").lower()
    fitting = exact or [record for record in known if part in record.facts.method.lower()]
    most = max((record.expected for record in fitting), default=0)
    if len({record.facts.method for record in fitting}) == 1:
        fitting = [record for record in fitting if record.expected == most]
    if len(fitting) == 1:
        return fitting[0]
    names = "; ".join(record.facts.method for record in fitting or known) or "none"
    raise RecordError(
        f"{len(fitting)} records fit, wanted one; name it with --method, from: {names}"
    )


def eval_results_yaml(result: ProtocolResult, dataset_id: str) -> str:
    """The content of a `.eval_results/*.yaml` file of a model repository, one entry per score.

    The task ids are the protocol's name and the score's, such as `aflw2000-3d-2d`; the benchmark
    dataset's eval.yaml must define them.

    Args:
        result: one that boards rank.
        dataset_id: of the benchmark's dataset on the hub, such as "user/aflw2000-3d".

    Raises:
        RecordError: boards do not rank the record: partial coverage, another truth, or reported.
    """
    reason = unranked_reason(result)
    if reason:
        raise RecordError(
            f"{result.facts.method} is {reason}, and the hub would rank it; score a full "
            "submission with the published files, or export a table"
        )
    entries = [
        EvalResultEntry(
            dataset_id=dataset_id,
            task_id=f"{result.protocol}-{score.name}",
            value=_rounded(score.headline, score),
            date=result.created,
            notes=_notes(result, score),
        )
        for score in result.scores
    ]
    return yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, width=100)


def model_card_yaml(result: ProtocolResult, protocol: Protocol, dataset_id: str | None) -> str:
    """Front matter of a model card, with a `model-index` of the result.

    Args:
        result: of the model.
        protocol: of the result.
        dataset_id: on the hub; None takes the protocol's name.
    """
    entries = [
        EvalResult(
            task_type=TASK,
            dataset_type=dataset_id or protocol.name,
            dataset_name=protocol.title,
            metric_type="nme" if score.unit == "fraction" else "mae",
            metric_name=f"{score.label}, {name}, {unit_of(score)}, {_faces(result)} faces",
            metric_value=_rounded(value, score),
        )
        for score in result.scores
        for name, value in (
            ("mean of bins", score.mean_of_bins),
            ("mean of images", score.mean_of_images),
        )
        if not math.isnan(value)
    ]
    card = ModelCardData(model_name=result.facts.method, eval_results=entries)
    return f"---\n{card.to_yaml()}\n---\n"


def _notes(result: ProtocolResult, score: Score) -> str:
    """A description of the value, in one line."""
    low, high = (in_unit(end, score).text for end in (score.interval.low, score.interval.high))
    choices = ", ".join(f"{name} {value}" for name, value in result.options.items())
    return (
        f"{score.label}, {score.aggregate.replace('_', ' ')}, {unit_of(score)}, lower is better; "
        f"95 % interval [{low}, {high}]; {_faces(result)} faces; {choices}; "
        f"protocol version {result.protocol_version}, dasl-eval {result.package_version}"
    )


def _faces(result: ProtocolResult) -> str:
    return f"{result.scored:,} of {result.expected:,}"


def _rounded(value: float, score: Score) -> float:
    return float(in_unit(value, score).text)
