"""The model card of a weights folder, for the hub.

All figures come from the folder's config (measured on validation data in training) and from the
evaluator's records of these weights; none are entered by hand.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dasl.network.confidence import CONFIG_KEY as CALIBRATION_KEY
from dasl.network.config import NetworkConfig
from dasl.weights.card_terms import RESEARCH, CardTerms
from eval.benchmarks.aflw2000.pose import ANGLES
from eval.results.record import ProtocolResult
from eval.scoring.metrics import YAW_BINS

BACKBONE_TITLES = {"efficientnet_lite0": "EfficientNet-Lite0", "resnet50": "ResNet-50"}
MODES = {
    "blank": "first pass (no landmark map)",
    "second": "both passes (own landmarks in the map)",
    "hand_placed": "both passes, hand-placed points in the map",
}
BINS = (*YAW_BINS, "mean_of_bins")
CARD = """---
{header}
library_name: dasl
pipeline_tag: image-to-3d
tags: [face-alignment, 3d-face-reconstruction, 3dmm]
---

# {title}: 3D face reconstruction and dense alignment from one photo

{backbone} that regresses pose, identity ({identity} numbers) and expression ({expression}
weights) of a head model from a 120x120 crop and an optional landmark map, after 2DASL
(arXiv 1903.09359). Use it with the package `dasl`:

```python
from dasl import FaceReconstructor

faces = FaceReconstructor.from_pretrained({source})("photo.jpg")
```

## Intended use

{use} Not for identifying people, nor for
judging who or how somebody is; not for surveillance, nor for decisions about people.

## Training

{training}

## Figures

{figures}
## Limits

Errors grow beyond 60 degrees of yaw, and on small, blurred and covered faces. Depth and the shape
of what the photo does not show are guesses of the head model. Errors have not been measured apart
by age, sex or skin tone, by which the usual face data sets are not balanced.

## Licence

{licence}
"""
NOTHING_MEASURED = "Nothing was measured of these weights.\n"


def model_card(
    title: str,
    network: NetworkConfig,
    config: Mapping[str, Any],
    records: Sequence[ProtocolResult] = (),
    *,
    repo_id: str | None = None,
    training: str | None = None,
    caveat: str = "",
    terms: CardTerms = RESEARCH,
) -> str:
    """Write the card's text.

    Args:
        title: of the model.
        network: the network's configuration.
        config: of the weights folder; the trainer's records are used if present.
        records: of these weights only.
        repo_id: their repository on the hub; None for the embedded weights.
        training: how they were trained; None describes it from the config.
        caveat: a remark on the figures.
        terms: what the weights may be used for.
    """
    tables = [
        validation_table(config, terms.measured_on),
        calibration_line(config),
        benchmark_table(records),
    ]
    parts = [*tables, caveat and f"{caveat}\n"]
    return CARD.format(
        title=title,
        backbone=BACKBONE_TITLES.get(network.backbone, network.backbone),
        identity=network.identity_count,
        expression=network.expression_count,
        source=f'"{repo_id}"' if repo_id else terms.source,
        header=terms.header,
        use=terms.use,
        licence=terms.licence,
        training=training or training_text(config),
        figures="\n".join(filter(None, parts)) or NOTHING_MEASURED,
    )


def training_text(config: Mapping[str, Any]) -> str:
    """Describe data, initialisation and length of the training run from its config."""
    training = config.get("training")
    if not isinstance(training, Mapping):
        return "The folder does not say how these weights were trained."
    names = ("data", "network", "run", "loss", "second_stage")
    data, start, run, loss, second = (training.get(name) or {} for name in names)
    lines = [f"- Training data: {', '.join(data.get('train') or ['not stated'])}"]
    if data.get("teachers"):
        lines.append(f"- Labels averaged with the landmarks of: {', '.join(data['teachers'])}")
    begun = start.get("weights") or ("ImageNet weights" if start.get("imagenet") else "nothing")
    lines.append(f"- Started from: {begun}")
    lines.append(
        f"- {run.get('epochs', '?')} epochs, batches of {run.get('batch_size', '?')} faces"
    )
    # The section also has options that are strings or booleans.
    weights = {name: value for name, value in loss.items() if type(value) in (int, float) and value}
    lines.append("- Loss: " + ", ".join(f"{name} {value:g}" for name, value in weights.items()))
    if second.get("epochs"):
        lines.append(f"- Then {second['epochs']} epochs with vertex {second['vertex']:g}")
    return "\n".join(lines) + "\n\nAll settings are in `config.json`."


def validation_table(config: Mapping[str, Any], measured_on: str = RESEARCH.measured_on) -> str:
    """Table of errors at the hand-placed points of validation faces; "" if not measured."""
    measured = config.get("validation") or {}
    rows = []
    for mode, name in MODES.items():
        values = [(measured.get(mode) or {}).get(key) for key in BINS]
        if any(value is not None for value in values):
            rows.append(f"| {name} | " + " | ".join(map(_percent, values)) + " |")
    if not rows:
        return ""
    head = f"{measured_on}\n\n| | 0-30 | 30-60 | 60-90 | mean of bins |\n|---|---|---|---|---|\n"
    note = (
        "\nThe last row measures what a map can give: the points drawn are those it is measured "
        "at.\n"
        if (measured.get("hand_placed") or {}).get("mean") is not None
        else ""
    )
    return head + "\n".join(rows) + "\n" + note


def calibration_line(config: Mapping[str, Any]) -> str:
    """A line on the confidence's calibration; "" if these weights have none."""
    if CALIBRATION_KEY not in config:
        return ""
    return "Confidence is calibrated to the expected error on the same validation faces.\n"


def benchmark_table(records: Sequence[ProtocolResult]) -> str:
    """Table of benchmark results; "" if there are none."""
    rows = [_nme_row(record) for record in records if record.headline.unit == "fraction"]
    poses = [_pose_line(record) for record in records if record.headline.unit == "deg"]
    if not rows and not poses:
        return ""
    head = "Benchmarks, NME in percent, by `python -m eval score`, after choosing by validation:"
    columns = "| benchmark | 0-30 | 30-60 | 60-90 | mean of bins | 95 % | mean of images |"
    return "\n".join([head, "", columns, "|---|---|---|---|---|---|---|", *rows, "", *poses])


def _nme_row(record: ProtocolResult) -> str:
    score = record.headline
    low, high = (f"{100 * end:.2f}" for end in (score.interval.low, score.interval.high))
    bins = " | ".join(f"{100 * part.mean:.2f}" for part in score.bins)
    means = f"{100 * score.mean_of_bins:.2f} | {low}-{high} | {100 * score.mean_of_images:.2f}"
    return f"| {record.protocol} ({record.facts.method}) | {bins} | {means} |"


def _pose_line(record: ProtocolResult) -> str:
    angles = ", ".join(
        f"{part.label} {part.mean_of_images:.2f}" for part in record.scores if part.name in ANGLES
    )
    return (
        f"Head pose ({record.protocol}, {record.scored:,} faces): mean absolute error "
        f"{record.headline.mean_of_images:.2f} degrees ({angles}).\n"
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"
