"""Measure the statistics of a network's identities, for heads from several photos of a person.

    python -m tools.calibrate_identity --root DIR    # into the embedded weights
    python -m tools.calibrate_identity runs/lite0/weights --root DIR
    python -m tools.calibrate_identity dasl/assets/open --root DIR --rendered runs/open

Renders people of a training seed that no training has used (four pictures of each, one skin). The
network predicts them and 600 real training faces. `identity.safetensors` is written beside the
weights (`dasl.network.identity_fit`). `tools.evaluate_shape --views 3` measures the gain on other
people. Run it again after every new training.
"""

import sys

import numpy as np
import torch
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet, concatenate, load_face_set
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.rendered.people import People, Skins
from dasl.datasets.rendered.people_split import is_for_measuring
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import ConfigError, DaslError
from dasl.head.landmark_file import head_of_weights
from dasl.network.identity_fit import fit_statistics, with_typical
from dasl.network.identity_statistics import bytes_of_statistics
from dasl.weights.folder import STATISTICS_FILE, load_weights, write_files
from tools.data_root import parse, parser_with_weights
from tools.measured_people import predict
from tools.measured_views import yaws_deg
from tools.open_weights.originals import PANORAMAS, PORTRAITS, add_rendered_option
from tools.open_weights.portraits import TRAINING
from tools.open_weights.skins import MixedSkins
from tools.photo_skins import skins_for

PEOPLE, SHOTS, SEED, SKINS = 400, 4, 8001, 120
REAL_FACES = 600


def main(arguments: list[str] | None = None) -> int:
    """Render, predict, fit, write; returns the exit status."""
    parser = parser_with_weights(__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"default {PEOPLE}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}; never train on it")
    parser.add_argument(
        "--skins",
        type=int,
        default=SKINS,
        help=f"number of training faces to take skins from (default {SKINS})",
    )
    add_rendered_option(parser)
    options = parse(parser, arguments)
    torch.set_num_threads(1)
    try:
        if is_for_measuring(options.seed):
            raise ConfigError(f"seed {options.seed} is for testing; take one below 9000")
        model = head_of_weights(options.weights)
        network, _ = load_weights(options.weights)
        if network.config.head_id != model.head_id:
            raise ConfigError(f"{options.weights} belongs to another head model; train it on this")
        shapes = load_scan_shapes(options.root, model)
        skins: Skins
        if options.rendered is None:
            skins = skins_for(options.seed, options.root, None, options.skins)
        else:
            skins = MixedSkins(model, options.root, TRAINING, options.rendered / PANORAMAS)
        people = People(model, shapes, skins, options.seed, one_skin=True)
        with tqdm(total=options.people, desc="people", disable=None) as bar:
            faces = _render(people, options.people, bar)
        predicted = predict(network, model, faces.images)
        rows = (options.people, SHOTS, -1)
        statistics = fit_statistics(
            predicted.identity.reshape(rows).double().numpy(),
            faces.coefficients.identity.reshape(rows)[:, 0].double().numpy(),
            yaws_deg(predicted).reshape(rows[:2]),
            model.identity_mirror_sign.astype(np.float64),
        )
        if options.rendered is None:
            photos = read_faces_2d(options.root, "train").images
        else:
            photos = load_face_set(options.rendered / PORTRAITS).images
        real = predict(network, model, _some(photos))
        identities = real.identity.double().numpy()
        statistics = with_typical(statistics, identities, yaws_deg(real))
        write_files(options.weights, {STATISTICS_FILE: bytes_of_statistics(statistics)})
    except DaslError as error:
        print(f"calibrate_identity: {error}", file=sys.stderr)
        return 1
    print(options.weights / STATISTICS_FILE)
    return 0


def _some(images: torch.Tensor) -> torch.Tensor:
    """(N, 3, 120, 120) of training photos."""
    random = torch.Generator().manual_seed(0)
    return images[torch.randperm(len(images), generator=random)[:REAL_FACES]]


def _render(people: People, count: int, bar: tqdm) -> FaceSet:
    sets = []
    for number in range(count):
        sets.append(people.pictures(people.person(number), SHOTS))
        bar.update()
    return concatenate(sets)


if __name__ == "__main__":
    sys.exit(main())
