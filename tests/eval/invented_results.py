"""Results as a scorer would give them, with invented figures."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from eval.results.record import Interval, MethodFacts, ProtocolResult, Score
from eval.results.truths import ORIGINAL_NPY
from eval.scoring.intervals import OVER_IMAGES
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise

IDS = ("image1", "image2", "image3")
LABELS = ("0-30", "30-60", "60-90")


def invented_score(mean: float, *, name: str = "2d", label: str = "2D", **changed: Any) -> Score:
    """A score whose bins lie 0.01 below, at, and 0.01 above their mean, an image in each."""
    known = 0.04 if math.isnan(mean) else mean
    errors = np.array([known - 0.01, known, known + 0.01])
    score = summarise(
        Errors(IDS, errors),
        name=name,
        label=label,
        groups=Groups(np.arange(3), LABELS),
        thresholds=(0.05,),
        bootstrap=Bootstrap(draws=100),
    )
    if math.isnan(mean):
        score = replace(score, mean_of_bins=mean, std_of_bins=mean, mean_of_images=mean)
    usual: dict[str, Any] = {
        "regions": {"jaw": mean},
        "per_point": (mean, math.nan),
        "interval": Interval(
            mean - 0.001, mean + 0.002, level=0.95, draws=100, seed=0, method=OVER_IMAGES
        ),
    }
    return replace(score, **usual | changed)


def invented_result(method: str, mean: float = 0.04, **changed: Any) -> ProtocolResult:
    """A result on three images of aflw2000-3d; `method` also tells its submission apart."""
    result = ProtocolResult(
        protocol="aflw2000-3d",
        protocol_version=1,
        options={"yaw": "yaw.npy", "z_rule": "mean"},
        facts=MethodFacts(method, year="2026", boxes="benchmark"),
        submission_sha256=method.encode().hex().ljust(64, "0"),
        truth_sha256=ORIGINAL_NPY,
        truth_source="invented",
        normaliser="box",
        alignment="none",
        expected=len(IDS),
        scored=len(IDS),
        failed_ids=(),
        scores=(
            invented_score(mean),
            invented_score(mean + 0.01, name="3d", label="3D, z mean"),
        ),
        warnings=("systematic offset",),
        package_version="9",
        created="2026-01-02",
    )
    return replace(result, **changed)


def partial_result(method: str, mean: float) -> ProtocolResult:
    """As `invented_result`, with one face failed: that of the last bin."""
    result = invented_result(method, mean)
    return replace(
        result,
        scores=tuple(_without_last(score) for score in result.scores),
        scored=2,
        failed_ids=("image3",),
    )


def _without_last(score: Score) -> Score:
    """The score with an image of the last bin failed, another of that bin answered."""
    errors = np.array([*list(score.per_image.values())[:2], math.nan])
    left = summarise(
        Errors(IDS, errors),
        name=score.name,
        label=score.label,
        groups=Groups(np.array([0, 1, 1]), LABELS[:2]),
        thresholds=(0.05,),
        bootstrap=Bootstrap(draws=100),
    )
    return replace(left, regions=score.regions, per_point=score.per_point)


def spread_result(method: str, factor: float = 1.0, count: int = 60) -> ProtocolResult:
    """A result on more images, with bins and angles, whose errors are `factor` times a pattern."""
    errors = factor * (0.02 + 0.001 * (np.arange(count) % 7))
    index = np.arange(count) % 3
    scores = tuple(
        summarise(
            Errors([f"image{n}" for n in range(count)], errors),
            name=name,
            label=label,
            groups=Groups(index, LABELS, 30.0 * index),
            thresholds=(0.05,),
            bootstrap=Bootstrap(draws=100),
        )
        for name, label in (("2d", "2D"), ("3d", "3D, z mean"))
    )
    return replace(invented_result(method), scores=scores, expected=count, scored=count)
