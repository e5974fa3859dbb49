"""Learn how wrong a network is, so that its confidence can be believed.

    python -m tools.calibrate_confidence --root DIR    # into the embedded weights
    python -m tools.calibrate_confidence runs/lite0/weights --root DIR
    python -m tools.calibrate_confidence dasl/assets/open --root DIR --rendered runs/open

The network predicts validation and training faces, damaged copies of them (`tools.damaged_faces`)
and pictures without a face (`tools.no_faces`). A small network learns the error from its signals:
`confidence.safetensors`, written beside the weights (`dasl.network.error_head`). Run it again for
every new training; two minutes on one core.

The figures printed are of two folds: each half of the validation faces, with its damaged copies, is
judged by a head that has not seen it. Pictures without a face are others than those learned from.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from dasl.errors import DaslError
from dasl.head.landmark_file import head_of_weights
from dasl.network.confidence import nme_from_confidence
from dasl.network.error_fit import fit_error_head
from dasl.network.error_head import Judgement, bytes_of_error_head
from dasl.reconstruction.regressor import COVERED
from dasl.weights.folder import EMBEDDED_FOLDER, ERROR_HEAD_FILE, load_weights, write_files
from space.reconstruct.describe import HIGH_CONFIDENCE
from tools.data_root import parse, parser_with_root
from tools.judged_faces import FOLDS, UNDAMAGED, Material, known_errors, photos
from tools.open_weights.originals import add_rendered_option, rendered_originals

Floats = NDArray[np.float32]

TRAINING_FACES = 3000
FAR_OFF = 2.0
"""An error above so many times the median of undamaged faces is a large one."""


def main(arguments: list[str] | None = None) -> int:
    """Predict, learn, report, write; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("weights", nargs="?", type=Path, default=EMBEDDED_FOLDER, help="folder")
    parser.add_argument(
        "--faces",
        type=int,
        default=TRAINING_FACES,
        help=f"training faces (default {TRAINING_FACES})",
    )
    add_rendered_option(parser)
    options = parse(parser, arguments)
    try:
        model = head_of_weights(options.weights)
        network, _ = load_weights(options.weights, head_id=model.head_id)
        if options.rendered is None:
            originals = photos(options.root, options.faces)
        else:
            originals = rendered_originals(options.root, options.rendered, options.faces)
        known = known_errors(network, model, originals)
        head = fit_error_head(known.to_learn_from())
        print(report(known, out_of_fold(known), head(known.measured_no_faces.signals)))
        write_files(options.weights, {ERROR_HEAD_FILE: bytes_of_error_head(head)})
    except DaslError as error:
        print(f"calibrate_confidence: {error}", file=sys.stderr)
        return 1
    print(options.weights / ERROR_HEAD_FILE)
    return 0


def out_of_fold(known: Material) -> Judgement:
    """What is said of each validation copy by a head that has not seen its face."""
    count = len(known.validation.rows)
    expected, covered = np.zeros(count, np.float32), np.zeros((count, 2), np.float32)
    for number in range(FOLDS):
        inside = known.fold(number)
        said = fit_error_head(known.to_learn_from(number))(known.validation.faces.signals[inside])
        expected[inside], covered[inside] = said.expected_nme, said.covered
    return Judgement(expected, covered)


def report(known: Material, said: Judgement, of_no_faces: Judgement) -> str:
    """The figures as lines.

    Args:
        known: the truth.
        said: of its validation copies.
        of_no_faces: of its pictures without a face.
    """
    nme, kinds = known.validation.faces.nme, known.validation.kinds
    plain = kinds == UNDAMAGED
    large = nme > FAR_OFF * np.median(nme[plain])
    high = said.expected_nme <= nme_from_confidence(HIGH_CONFIDENCE)
    lines = [
        f"undamaged validation faces: rank correlation of expected and true error "
        f"{spearmanr(said.expected_nme[plain], nme[plain]).statistic:.3f}",
        f"with damaged copies: {spearmanr(said.expected_nme, nme).statistic:.3f}; AUROC for errors "
        f"above {FAR_OFF:g} times the median {auroc(said.expected_nme, large):.3f}, damaged alone "
        f"{auroc(said.expected_nme[~plain], large[~plain]):.3f}",
        "| | faces | error | expected | called high | of these far off | eyes, mouth covered |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kinds):
        rows = kinds == kind
        off = large[rows & high].mean() if (rows & high).any() else 0.0
        eyes, mouth = (said.covered[rows] >= np.array(COVERED)).mean(axis=0)
        lines.append(
            f"| {kind} | {rows.sum()} | {nme[rows].mean():.1%} "
            f"| {said.expected_nme[rows].mean():.1%} | {high[rows].mean():.0%} | {off:.0%} "
            f"| {eyes:.0%}, {mouth:.0%} |"
        )
    none = of_no_faces.expected_nme
    lines.append(f"no face: {len(none)} pictures, expected error {none.min():.1%} and more")
    return "\n".join(lines)


def auroc(score: NDArray[np.floating], is_large: NDArray[np.bool_]) -> float:
    """How often one of the large has a larger score than one of the others."""
    large = int(is_large.sum())
    ranks = rankdata(score)[is_large].sum() - large * (large + 1) / 2
    return float(ranks / (large * (len(score) - large)))


if __name__ == "__main__":
    sys.exit(main())
