"""Measure the 3D shape of the ablation's runs on rendered people with shapes from scans.

    python -m tools.ablation_shapes --root DIR [--folder runs/ablation/cpu] [--people 40]

Measures every run that has a result, weights and no shape errors yet, and writes the errors beside
the results of `python -m dasl ablate`, whose report then shows them. A run without a result is not
complete: its weights are those of its last epoch so far. People and skins are those of
`tools.evaluate_shape`: no training saw them.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.ablation.cells import SCHEDULES, all_cells
from dasl.ablation.runner import result_path, weights_of
from dasl.ablation.shapes import ShapeResult, shapes_path
from dasl.datasets.face_set import FaceSet
from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import blank_map, draw_landmark_map, map_points_from_68
from dasl.network.torch_network import predictor_of
from dasl.weights.folder import load_weights
from tools.data_root import parse, parser_with_root
from tools.measured_people import first_mean_of, head_of, render
from tools.photo_skins import skins_for
from tools.shape_error import REGIONS, FaceSurface, face_surface

Floats = NDArray[np.floating]

PEOPLE, SHOTS, SEED = 40, 2, 9001
LANDMARK_NOISE_PX = 2.0
"""Runs with a landmark map see the true landmarks with this error (standard deviation of each
coordinate), about that of the detected landmarks of photos."""
BATCH = 64


def main(arguments: list[str] | None = None) -> int:
    """Measure the runs; returns the exit status."""
    parser = parser_of_runs(__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"default {PEOPLE}")
    options = parse(parser, arguments)
    waiting = [
        cell
        for cell in all_cells(max(schedule.seeds for schedule in SCHEDULES.values()))
        if result_path(options.folder, cell).exists()
        and weights_of(options.folder, cell).is_dir()
        and not shapes_path(options.folder, cell).exists()
    ]
    if not waiting:
        print("every complete run that has weights has shape errors")
        return 0
    try:
        model = MorphableModel.load()
        shapes = load_scan_shapes(options.root, model)
        people = People(model, shapes, skins_for(SEED, options.root), SEED)
        with tqdm(total=options.people, desc="people", disable=None) as bar:
            measured = render(people, options.people, SHOTS, bar.update)
        surface = face_surface(model, shapes.covered)
        rest = [measured.people[owner].rest for owner in measured.owner.tolist()]
        first_mean = first_mean_of(model)
        of_mean = [_whole_face(surface, first_mean, each) for each in rest]
        for cell in tqdm(waiting, desc="runs", disable=None):
            network, _ = load_weights(weights_of(options.folder, cell))
            identities = _identities(network, measured.faces, cell.takes_map)
            errors = [
                _whole_face(surface, head_of(model, identity, None), each)
                for identity, each in zip(identities, rest, strict=True)
            ]
            ShapeResult(cell, measured.owner.tolist(), errors, of_mean).save(options.folder)
    except DaslError as error:
        print(f"ablation_shapes: {error}", file=sys.stderr)
        return 1
    return 0


def parser_of_runs(description: str | None) -> argparse.ArgumentParser:
    """`parser_with_root`, with the folder of the ablation's runs."""
    parser = parser_with_root(description)
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("runs/ablation/cpu"),
        help="of one schedule; default runs/ablation/cpu",
    )
    return parser


@torch.no_grad()
def _identities(network: CoefficientNetwork, faces: FaceSet, takes_map: bool) -> Floats:
    """(N, identities) predicted by one pass, as the ablation is measured."""
    predict = predictor_of(network.eval())
    noise = torch.Generator().manual_seed(SEED)
    found = []
    for start in range(0, len(faces), BATCH):
        rows = slice(start, start + BATCH)
        images = faces.images[rows].float()
        maps = blank_map(images)
        if takes_map:
            points = faces.landmarks68_crop[rows]
            shift = LANDMARK_NOISE_PX * torch.randn(points.shape, generator=noise)
            maps = draw_landmark_map(map_points_from_68(points + shift))
        found.append(predict(images, maps).identity)
    return torch.cat(found).numpy()


def _whole_face(surface: FaceSurface, head: Floats, rest: Floats) -> float:
    return round(float(surface.errors(head, rest, rest)[REGIONS.index("face")]), 5)


if __name__ == "__main__":
    sys.exit(main())
