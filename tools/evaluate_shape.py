"""Measure a network's 3D shape on scan-shaped people with skins from photos unseen in training.

    python -m tools.evaluate_shape --root DIR [--model open] [--people 50] [--shots 4] [--json]
    python -m tools.evaluate_shape --root DIR --views 3 [--shots 6]    # several views of a person

The people's seeds and portraits (031-050) are kept out of training, see `tools.render_people`. The
error is the distance of the true face from the predicted surface after a similarity (landmarks,
then ICP), percent of the distance between the outer eye corners. The prediction is compared with
head 1's mean (the reference of all reductions), the mean of the current head, the best fit of its
identities, and the prediction for another person. Intervals: 95 %, over people.

With --views N, one view is compared with the mean of N identities and with the joint estimate of
`FaceReconstructor.person` from N views; each person then has one skin. False rejections of a
person's own pictures and false acceptances of others' are printed too.
"""

import argparse
import json
import sys

import torch
from tqdm import tqdm

from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import DaslError
from dasl.geometry.coefficients import Coefficients
from dasl.head.landmark_file import head_of_weights
from dasl.head.morphable_model import MorphableModel
from dasl.network.identity_statistics import plain_statistics
from dasl.weights.folder import load_statistics, load_weights, weights_folder
from tools.data_root import parse, parser_with_root
from tools.measured_people import MeasuredPeople, compare, predict, render
from tools.measured_views import compare_views, mistaken_people, text
from tools.photo_skins import skins_for
from tools.shape_error import FaceSurface, face_surface
from tools.shape_summary import summary, table

PEOPLE, SHOTS, SEED = 50, 4, 9001


def main(arguments: list[str] | None = None) -> int:
    """Render, predict, compare; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--model", "--weights", dest="weights", help="as of `dasl predict --model`")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"default {PEOPLE}")
    parser.add_argument(
        "--shots", type=int, default=SHOTS, help=f"pictures per person (default {SHOTS})"
    )
    parser.add_argument("--views", type=int, help="number of pictures of a person to combine")
    parser.add_argument("--seed", type=int, default=SEED, help=f"9000 or above (default {SEED})")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parse(parser, arguments)
    torch.set_num_threads(options.threads)
    try:
        model, folder = MorphableModel.load(), weights_folder(options.weights)
        own_head = head_of_weights(folder)
        network, _ = load_weights(folder, head_id=own_head.head_id)
        shapes = load_scan_shapes(options.root, model)
        skins = skins_for(options.seed, options.root)
        several = options.views is not None
        people = People(model, shapes, skins, options.seed, one_skin=several)
        with tqdm(total=options.people, desc="people", disable=None) as bar:
            measured = render(people, options.people, options.shots, bar.update)
        predicted = predict(network, own_head, measured.faces.images)
        surface = face_surface(model, shapes.covered)
        if several:
            return _several_views(options, people, surface, measured, predicted)
        with tqdm(total=len(measured.faces), desc="pictures", disable=None) as bar:
            errors = compare(people, shapes, surface, measured, predicted, bar.update)
    except DaslError as error:
        print(f"evaluate_shape: {error}", file=sys.stderr)
        return 1
    rows = summary(errors)
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def _several_views(
    options: argparse.Namespace,
    people: People,
    surface: FaceSurface,
    measured: MeasuredPeople,
    predicted: Coefficients,
) -> int:
    statistics = load_statistics(weights_folder(options.weights))
    statistics = statistics or plain_statistics(people.model.identity_count)
    with tqdm(total=options.people, desc="people", disable=None) as bar:
        rows = compare_views(
            people, surface, measured, predicted, statistics, options.views, bar.update
        )
    mistaken = mistaken_people(predicted, options.people, statistics, options.views)
    print(json.dumps([*rows, mistaken], indent=2) if options.json else text(rows, mistaken))
    return 0


if __name__ == "__main__":
    sys.exit(main())
