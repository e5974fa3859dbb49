"""Learn how wrong a network is, so that its confidence can be believed.

    python -m tools.calibrate_confidence --root DIR    # into the embedded weights
    python -m tools.calibrate_confidence runs/lite0/weights --root DIR
    python -m tools.calibrate_confidence dasl/assets/open --root DIR --rendered runs/open

The network predicts validation and training faces, damaged copies of them (`tools.damaged_faces`)
and pictures without a face (`tools.no_faces`). The error head learns the error from its signals. It
is that of the 68 landmarks: at hand-placed points where there are some, at detected ones along the
jaw line (`tools.judged_faces`).

The cover network learns what is covered, from training faces under covers (`tools.cover_faces`).
Both are written beside the weights as `confidence.safetensors` (`dasl.network.judge`). Run it
again for every new training, after `tools.quantise_network`: the network predicts as it will on a
CPU. It takes about five minutes on one core.

The figures printed are of two folds: each half of the validation faces, with its damaged copies, is
judged by a head that has not seen it. The cover network has seen no validation face. Their covers
are cut from other pictures than it learned from; "other covers" are of kinds that it did not learn.
Pictures without a face are others than those learned from.
"""

import sys

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from dasl.commands.annotate import Limits
from dasl.errors import DaslError
from dasl.head.landmark_file import head_of_weights
from dasl.network.confidence import nme_from_confidence
from dasl.network.cover_network import REGIONS
from dasl.network.error_fit import fit_error_head
from dasl.network.judge import COVERED, Judge, bytes_of_judge
from dasl.reconstruction.regression import least_nme
from dasl.video import track
from dasl.weights.folder import ERROR_HEAD_FILE, write_files
from space.reconstruct.describe import HIGH_CONFIDENCE
from tools.cover_faces import learned_cover_network
from tools.data_root import parse, parser_with_weights
from tools.judged_faces import (
    ERROR_FACES,
    FOLDS,
    UNDAMAGED,
    Material,
    known_errors,
    network_of,
    photos,
)
from tools.open_weights.originals import add_rendered_option, rendered_originals

Floats = NDArray[np.float32]

TRAINING_FACES = 16_000
SMALL_PX = 30.0
RIGHT_NME, WRONG_NME = 0.07, 0.15
THRESHOLDS = {
    "a face of a clip is kept": nme_from_confidence(track.KEEP_CONFIDENCE),
    "kept though the detector misses it": nme_from_confidence(track.TRUSTED_CONFIDENCE),
    "its roll is used": nme_from_confidence(track.UPRIGHT_CONFIDENCE),
    "annotate": Limits().expected_nme,
}
"""Largest expected errors that other parts go by."""
LARGEST_NME = 1.0
"""A tiny or black face has no bound of its own."""
FAR_OFF = 2.0
"""An error above so many times the median of undamaged faces is a large one."""


def main(arguments: list[str] | None = None) -> int:
    """Predict, learn, report, write; returns the exit status."""
    parser = parser_with_weights(__doc__)
    parser.add_argument(
        "--faces",
        type=int,
        default=TRAINING_FACES,
        help=f"training faces (default {TRAINING_FACES}; errors of {ERROR_FACES} at most)",
    )
    add_rendered_option(parser)
    options = parse(parser, arguments)
    try:
        model = head_of_weights(options.weights)
        network = network_of(options.weights, model)
        if options.rendered is None:
            originals = photos(options.root, options.faces)
        else:
            originals = rendered_originals(options.root, options.rendered, options.faces)
        covers = learned_cover_network(originals.training, originals.no_faces)
        known = known_errors(network, model, originals, covers)
        head = fit_error_head(known.to_learn_from())
        expected, of_no_faces = out_of_fold(known), head(known.measured_no_faces.signals)
        print(report(known, expected, of_no_faces))
        print(threshold_report(known.validation.faces.nme, expected, of_no_faces))
        judge = Judge(head, covers)
        write_files(options.weights, {ERROR_HEAD_FILE: bytes_of_judge(judge)})
    except DaslError as error:
        print(f"calibrate_confidence: {error}", file=sys.stderr)
        return 1
    print(options.weights / ERROR_HEAD_FILE)
    return 0


def out_of_fold(known: Material) -> Floats:
    """(N,) errors expected of the validation copies, each by a head that has not seen its face.

    Limited as inference does it, by contrast, size and what is covered.
    """
    judged = known.validation
    expected = np.zeros(len(judged.rows), np.float32)
    for number in range(FOLDS):
        inside = known.fold(number)
        head = fit_error_head(known.to_learn_from(number))
        expected[inside] = head(judged.faces.signals[inside])
    limits = least_nme(judged.size_px, judged.said_covered >= np.array(COVERED))
    return np.maximum(np.maximum(expected, judged.least_nme), limits)


def report(known: Material, expected: Floats, of_no_faces: Floats) -> str:
    """The figures as lines.

    Args:
        known: the truth.
        expected: errors expected of its validation copies.
        of_no_faces: of its pictures without a face.
    """
    judged = known.validation
    nme, kinds, plain = judged.faces.nme, judged.kinds, judged.kinds == UNDAMAGED
    said = judged.said_covered >= np.array(COVERED)
    large = nme > FAR_OFF * np.median(nme[plain])
    high = expected <= nme_from_confidence(HIGH_CONFIDENCE)
    lines = [
        f"undamaged validation faces: rank correlation of expected and true error "
        f"{spearmanr(expected[plain], nme[plain]).statistic:.3f}, at hand-placed points alone "
        f"{spearmanr(expected[plain], judged.handplaced_nme[plain]).statistic:.3f}",
        f"with damaged copies: {spearmanr(expected, nme).statistic:.3f}; AUROC for errors "
        f"above {FAR_OFF:g} times the median {auroc(expected, large):.3f}, damaged alone "
        f"{auroc(expected[~plain], large[~plain]):.3f}",
        "| | faces | error | expected | called high | of these far off | eyes, mouth covered |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kinds):
        rows = kinds == kind
        off = large[rows & high].mean() if (rows & high).any() else 0.0
        eyes, mouth = said[rows].mean(axis=0)
        lines.append(
            f"| {kind} | {rows.sum()} | {nme[rows].mean():.1%} "
            f"| {expected[rows].clip(max=LARGEST_NME).mean():.1%} | {high[rows].mean():.0%} "
            f"| {off:.0%} | {eyes:.0%}, {mouth:.0%} |"
        )
    lines += ["| | faces | called covered | called high |", "|---|---|---|---|"]
    for column, region in enumerate(REGIONS):
        for name, truth in (("covered", 1.0), ("visible", 0.0)):
            for whose, among in (("real", plain), ("made", ~plain)):
                rows = among & (judged.covered[:, column] == truth)
                if not rows.any():
                    continue
                lines.append(
                    f"| {region} {name}, {whose} | {rows.sum()} "
                    f"| {said[rows, column].mean():.1%} | {high[rows].mean():.1%} |"
                )
    small = judged.size_px < SMALL_PX
    lines.append(f"below {SMALL_PX:g} pixels: {small.sum()} faces, {high[small].sum()} called high")
    lines.append(
        f"no face: {len(of_no_faces)} pictures, expected error {of_no_faces.min():.1%} and more"
    )
    return "\n".join(lines)


def threshold_report(nme: Floats, expected: Floats, of_no_faces: Floats) -> str:
    """What the thresholds of clips and of `annotate` let through, as lines.

    Args:
        nme: (N,) errors of the validation copies.
        expected: (N,) errors expected of them.
        of_no_faces: (M,) errors expected of pictures without a face.
    """
    right, wrong = nme < RIGHT_NME, nme > WRONG_NME
    lines = [
        f"| threshold | expected error | left out, error below {RIGHT_NME:.0%} "
        f"| kept, error above {WRONG_NME:.0%} | kept, no face |",
        "|---|---|---|---|---|",
    ]
    for name, limit in THRESHOLDS.items():
        kept = expected <= limit
        lines.append(
            f"| {name} | {limit:.1%} | {1 - kept[right].mean():.1%} | {kept[wrong].mean():.1%} "
            f"| {(of_no_faces <= limit).mean():.1%} |"
        )
    return "\n".join(lines)


def auroc(score: NDArray[np.floating], is_large: NDArray[np.bool_]) -> float:
    """How often one of the large has a larger score than one of the others."""
    large = int(is_large.sum())
    ranks = rankdata(score)[is_large].sum() - large * (large + 1) / 2
    return float(ranks / (large * (len(score) - large)))


if __name__ == "__main__":
    sys.exit(main())
