"""Measure a network's 3D shape on people of scanned shapes, wearing photos that no training saw.

    python -m tools.evaluate_shape --root DIR [--weights DIR] [--people 50] [--shots 4] [--json]

The people have seeds and portraits (031-050) that are kept out of training, see
`tools.render_people`. The error is the distance of the true face from the predicted surface after a
similarity (landmarks, then ICP), percent of the distance between the outer eye corners. Beside the
prediction stand head 1's mean, which every reduction relates to, the mean of the head in use, the
best fit of its identities, and the prediction for another person. Intervals: 95 %, over people.
"""

import json
import sys

import torch
from tqdm import tqdm

from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.weights.folder import load_weights
from tools.data_root import parse, parser_with_root
from tools.measured_people import compare, predict, render
from tools.photo_skins import skins_for
from tools.shape_error import face_surface
from tools.shape_summary import summary, table

PEOPLE, SHOTS, SEED = 50, 4, 9001


def main(arguments: list[str] | None = None) -> int:
    """Render, predict, compare; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--weights", help="weights folder or hub id; default: the embedded ones")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"default {PEOPLE}")
    parser.add_argument("--shots", type=int, default=SHOTS, help=f"of each (default {SHOTS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"9000 or above (default {SEED})")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parse(parser, arguments)
    torch.set_num_threads(options.threads)
    try:
        model = MorphableModel.load()
        network, _ = load_weights(options.weights, head_id=model.head_id)
        shapes = load_scan_shapes(options.root, model)
        people = People(model, shapes, skins_for(options.seed, options.root), options.seed)
        with tqdm(total=options.people, desc="people", disable=None) as bar:
            measured = render(people, options.people, options.shots, bar.update)
        predicted = predict(network, model, measured.faces.images)
        surface = face_surface(model, shapes.covered)
        with tqdm(total=len(measured.faces), desc="pictures", disable=None) as bar:
            errors = compare(people, shapes, surface, measured, predicted, bar.update)
    except DaslError as error:
        print(f"evaluate_shape: {error}", file=sys.stderr)
        return 1
    rows = summary(errors)
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
