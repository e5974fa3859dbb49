"""Measure how well a network recognises people: pairs of pictures of one person and of two.

    python -m tools.evaluate_identity [--weights DIR] [--people 100] [--shots 4] [--seed 9002]

People are random heads that no training has seen. Each is rendered several times with different
expression, pose, light, skin and hair, so that only the head's shape identifies the person. The
distance of two pictures is that of their predicted neutral faces: root mean square over the face
region, mm, model frame. AUC is the share of (same, other) pairs in which the same person is nearer;
0.5 is chance.
"""

import argparse
import json
import sys

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet
from dasl.datasets.rendered.faces import render_face_set
from dasl.errors import DaslError
from dasl.head.landmark_file import head_of_weights
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.passes import two_passes
from dasl.network.torch_network import predictor_of
from dasl.weights.folder import load_weights, weights_folder

BATCH = 64
PEOPLE, SHOTS, SEED = 100, 4, 9002
MM_PER_METRE = 1000.0


def main(arguments: list[str] | None = None) -> int:
    """Render, predict, compare; returns the exit status."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    try:
        model = head_of_weights(weights_folder(options.weights))
        network, _ = load_weights(options.weights, head_id=model.head_id)
        with tqdm(total=options.people * options.shots, unit="head", disable=None) as bar:
            faces = render_face_set(model, bar.total, options.seed, bar.update, options.shots)
        distances = distances_mm(model, predicted_identities(network, model, faces))
    except DaslError as error:
        print(f"evaluate_identity: {error}", file=sys.stderr)
        return 1
    people = np.arange(len(faces)) // options.shots
    result = separation(distances, people)
    print(json.dumps(result, indent=2) if options.json else _text(result))
    return 0


@torch.no_grad()
def predicted_identities(
    network: CoefficientNetwork, model: MorphableModel, faces: FaceSet
) -> Tensor:
    """(N, K) standard deviations, as at inference."""
    predict = predictor_of(network.eval())
    heads = [two_passes(predict, images, model).result for images in faces.images.split(BATCH)]
    return torch.cat([each.identity for each in heads])


def distances_mm(model: MorphableModel, identity: Tensor) -> NDArray[np.float64]:
    """Pairwise root mean square distances of neutral faces, mm: (N, K) to (N, N)."""
    basis = torch.from_numpy(model.identity_basis[:, model.region("face")]).flatten(1)
    shapes = (identity @ basis).double()
    return torch.cdist(shapes, shapes).numpy() * MM_PER_METRE / (basis.shape[1] / 3) ** 0.5


def separation(distances: NDArray[np.float64], people: NDArray[np.int64]) -> dict[str, float]:
    """AUC and mean distances of pairs of one person and of two.

    Args:
        distances: (N, N).
        people: (N,) the person of each picture.
    """
    first, second = np.triu_indices(len(people), 1)
    same = people[first] == people[second]
    values = distances[first, second]
    wins = mannwhitneyu(values[~same], values[same]).statistic
    return {
        "auc": float(wins / (same.sum() * (~same).sum())),
        "same_person_mm": float(values[same].mean()),
        "two_people_mm": float(values[~same].mean()),
        "pairs_of_one": int(same.sum()),
        "pairs_of_two": int((~same).sum()),
    }


def _text(result: dict[str, float]) -> str:
    return (
        f"AUC {result['auc']:.3f}: {result['pairs_of_one']} pairs of one person, mean "
        f"{result['same_person_mm']:.2f} mm apart; {result['pairs_of_two']} of two people, "
        f"{result['two_people_mm']:.2f} mm"
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_identity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", "--weights", dest="weights", help="as of `dasl predict --model`")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"default {PEOPLE}")
    parser.add_argument(
        "--shots", type=int, default=SHOTS, help=f"pictures per person (default {SHOTS})"
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}; never train on it")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
