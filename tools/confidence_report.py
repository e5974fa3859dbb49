"""How well the two passes' disagreement tells a good reconstruction from a bad one.

    python -m tools.confidence_report --root DIR

On the validation split: each face's disagreement against its error at the hand-placed points, and
the error of the faces in each range of confidence.
"""

import numpy as np
import torch
from scipy.stats import spearmanr

from dasl.confidence import confidence_from_disagreement, disagreement, scale_of_weights
from dasl.datasets.faces_2d import read_faces_2d
from dasl.morphable_model import MorphableModel
from dasl.passes import landmarks_crop, two_passes
from dasl.training.validate import predictor_of
from dasl.validation import handplaced_nme
from dasl.weights import load_weights
from tools.data_root import parse, parser_with_root

BATCH = 64


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--model", help="weights folder; default: the embedded ones")
    options = parse(parser)
    faces = read_faces_2d(options.root, "validation")
    network, config = load_weights(options.model)
    model = MorphableModel.load()
    first, in_mirror, result = [], [], []
    for images in faces.images.split(BATCH):
        with torch.no_grad():
            found = two_passes(predictor_of(network), images, model)
        first.append(landmarks_crop(found.first, model))
        in_mirror.append(landmarks_crop(found.in_mirror, model))
        result.append(landmarks_crop(found.result, model))
    apart = disagreement(torch.cat(first), torch.cat(in_mirror))
    confidence = confidence_from_disagreement(apart, scale_of_weights(config)).numpy()
    nme = handplaced_nme(torch.cat(result), faces.landmarks21_crop, faces.visible21).numpy()
    known = ~np.isnan(nme)
    rank = spearmanr(apart.numpy()[known], nme[known]).statistic
    print(f"rank correlation of disagreement and error {rank:.2f}")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.0)):
        inside = known & (confidence > low) & (confidence <= high)
        if inside.any():
            error = 100 * nme[inside].mean()
            print(f"confidence {low:.2f}-{high:.2f}: {inside.sum():4d} faces, error {error:.2f} %")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
