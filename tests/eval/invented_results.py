"""Results as a scorer would give them, with invented figures."""

import math
from dataclasses import replace
from typing import Any

from eval.results.record import (
    BinScore,
    Interval,
    MethodFacts,
    ProtocolResult,
    Score,
    ThresholdScore,
)
from eval.scoring.intervals import OVER_IMAGES

IDS = ("image1", "image2", "image3")


def invented_score(mean: float, *, name: str = "2d", label: str = "2D", **changed: Any) -> Score:
    """A score whose bins lie 0.01 below, at, and 0.01 above their mean."""
    labels = ("0-30", "30-60", "60-90")
    score = Score(
        name=name,
        label=label,
        unit="fraction",
        aggregate="mean_of_bins",
        mean_of_bins=mean,
        std_of_bins=0.01,
        mean_of_images=mean - 0.004,
        interval=Interval(
            mean - 0.001, mean + 0.002, level=0.95, draws=100, seed=0, method=OVER_IMAGES
        ),
        thresholds=(ThresholdScore(0.05, failure_rate=0.125, auc=0.5),),
        bins=tuple(
            BinScore(b, 1, mean + 0.01 * n) for n, b in zip((-1, 0, 1), labels, strict=True)
        ),
        regions={"jaw": mean},
        per_point=(mean, math.nan),
        per_image=dict(zip(IDS, (mean, mean / 3, 2 * mean), strict=True)),
    )
    return replace(score, **changed)


def invented_result(method: str, mean: float = 0.04, **changed: Any) -> ProtocolResult:
    """A result on three images of aflw2000-3d; `method` also tells its submission apart."""
    result = ProtocolResult(
        protocol="aflw2000-3d",
        protocol_version=1,
        options={"yaw": "yaw.npy", "z_rule": "mean"},
        facts=MethodFacts(method, year="2026", boxes="benchmark"),
        submission_sha256=method.encode().hex().ljust(64, "0"),
        truth_sha256="1" * 64,
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
    """As `invented_result`, with one face failed."""
    result = invented_result(method, mean)
    scores = tuple(
        replace(score, per_image=dict(score.per_image) | {"image3": math.nan})
        for score in result.scores
    )
    return replace(result, scores=scores, scored=2, failed_ids=("image3",))


def spread_result(method: str, factor: float = 1.0, count: int = 60) -> ProtocolResult:
    """A result on more images, with bins and angles, whose errors are `factor` times a pattern."""
    errors = {f"image{n}": factor * (0.02 + 0.001 * (n % 7)) for n in range(count)}
    more: dict[str, Any] = {
        "bin_of": {name: ("0-30", "30-60", "60-90")[n % 3] for n, name in enumerate(errors)},
        "angle_deg": {name: 30.0 * (n % 3) for n, name in enumerate(errors)},
    }
    scores = tuple(
        invented_score(0.03 * factor, name=name, label=label, per_image=errors, **more)
        for name, label in (("2d", "2D"), ("3d", "3D, z mean"))
    )
    return replace(invented_result(method), scores=scores, expected=count, scored=count)
