"""Sets the head model's mean and identity spreads to those of real faces.

    python -m tools.calibrate_prior --root DIR          # rewrites tools/head_model/calibration.json
    python -m tools.build_head_model                    # then rebuild the asset

Expectation maximisation on fits to training faces: the mean of a component is that of its fitted
coefficients, its variance their mean square plus the fits' own posterior variance. A component that
landmarks do not show keeps its sampled spread. Only these numbers, averages over thousands of
faces, enter the head model.
"""

import json

import torch
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.labels import label_observations
from dasl.head.fitting import Observations, fit
from dasl.head.morphable_model import MorphableModel
from tools.build_head_model import CALIBRATION_FILE
from tools.data_root import parse, parser_with_root

ROUNDS = 4
FACES = 3000
# Share that is kept of each shift, and of the logarithm of each factor. Landmarks mix how people
# look with where an annotation's convention puts its points, and do not show skulls: with all of
# it, random heads have narrow noses and egg-shaped skulls (look at docs/random_heads.png).
KEPT_SHARE = 0.5
# Spreads stay within these factors of the sampled population's.
FACTOR_RANGE = (0.5, 2.0)


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--faces", type=int, default=FACES)
    options = parse(parser)
    sampled = MorphableModel.load()
    if CALIBRATION_FILE.exists():
        parser.error(f"the head model is calibrated already: delete {CALIBRATION_FILE}, rebuild it")
    observations = label_observations(
        without_offsets(read_faces_2d(options.root, "train", options.faces))
    )
    shift, factor = torch.zeros(sampled.identity_count), torch.ones(sampled.identity_count)
    for _ in tqdm(range(ROUNDS), desc="calibrating"):
        shift, factor = update(sampled, observations, shift, factor)
        spreads = f"spread x {factor.min():.2f}..{factor.max():.2f}"
        print(f"{spreads}, shift up to {shift.abs().max():.2f} sd")
    kept = {"shift_sd": KEPT_SHARE * shift, "factor": factor**KEPT_SHARE}
    numbers = {name: values.tolist() for name, values in kept.items()}
    rounded = {name: [round(value, 4) for value in values] for name, values in numbers.items()}
    CALIBRATION_FILE.write_text(json.dumps(rounded, indent=1) + "\n")
    return 0


def update(
    sampled: MorphableModel, observations: Observations, shift: Tensor, factor: Tensor
) -> tuple[Tensor, Tensor]:
    """One EM step: mean (K,) and spread (K,) of each component, in sampled standard deviations."""
    model = sampled.with_prior(shift, factor)
    result = fit(model, observations)
    identity = result.coefficients.identity
    even = sampled.identity_mirror_sign > 0
    mean = torch.where(even, identity.mean(dim=0), 0.0)
    variance = ((identity - mean) ** 2 + result.identity_variance).mean(dim=0)
    new_factor = (factor * variance.sqrt()).clamp(*FACTOR_RANGE)
    return shift + factor * mean, new_factor


if __name__ == "__main__":
    raise SystemExit(main())
