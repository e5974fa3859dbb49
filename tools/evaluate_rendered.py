"""Measure a network's 3D shape on rendered heads that no training has seen.

    python -m tools.evaluate_rendered --weights DIR [--count 500] [--seed 9001]

Predicted and true head (identity and expression) are compared over the face region, after the best
rotation and translation, without scale. The neutral mean head is measured in the same way;
"reduction" is the relative decrease of its error.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet, load_face_set
from dasl.datasets.handplaced import in_yaw_bins
from dasl.datasets.mapped_faces import faces_on_head
from dasl.datasets.rendered.faces import render_face_set
from dasl.errors import DaslError
from dasl.geometry.coefficients import Coefficients
from dasl.head.landmark_file import head_of_weights
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.passes import two_passes
from dasl.network.torch_network import predictor_of
from dasl.weights.folder import load_weights, weights_folder

BATCH = 64
TEST_COUNT, TEST_SEED = 500, 9001
MM_PER_METRE = 1000.0


@dataclass(frozen=True)
class ShapeErrors:
    """Mean face error of each of N heads, mm.

    Attributes:
        by_pass: "first" pass and "both" to (N,).
        mean_head: (N,) of the mean head without expression.
        yaw_deg: (N,).
    """

    by_pass: dict[str, Tensor]
    mean_head: Tensor
    yaw_deg: Tensor


def main(arguments: list[str] | None = None) -> int:
    """Render, predict, compare; returns the exit status."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    try:
        model = head_of_weights(weights_folder(options.weights))
        network, _ = load_weights(options.weights, head_id=model.head_id)
        faces = _test_faces(model, options)
        errors = measure(network, model, faces)
    except DaslError as error:
        print(f"evaluate_rendered: {error}", file=sys.stderr)
        return 1
    rows = summary(errors)
    print(json.dumps(rows, indent=2) if options.json else _table(rows))
    return 0


@torch.no_grad()
def measure(network: CoefficientNetwork, model: MorphableModel, faces: FaceSet) -> ShapeErrors:
    """Errors of both passes and of the mean head on `faces`, whose coefficients are exact."""
    by_pass: dict[str, list[Tensor]] = {"first": [], "both": []}
    mean_head = []
    region = model.region("face")
    still = torch.from_numpy(model.mean_vertices[region])[None]
    for start in range(0, len(faces), BATCH):
        batch = faces.select(torch.arange(start, min(start + BATCH, len(faces))))
        heads = batch.coefficients
        truth = model.vertices(heads.identity, heads.expression)[:, region]
        for name, predicted in _two_passes(network, model, batch.images).items():
            vertices = model.vertices(predicted.identity, predicted.expression)[:, region]
            by_pass[name].append(rigid_error_mm(vertices, truth))
        mean_head.append(rigid_error_mm(still.expand_as(truth), truth))
    joined = {name: torch.cat(values) for name, values in by_pass.items()}
    return ShapeErrors(joined, torch.cat(mean_head), faces.yaw_deg)


def rigid_error_mm(vertices: Tensor, truth: Tensor) -> Tensor:
    """Mean distance after rigid alignment: (B, N, 3) twice, metres, to (B,) mm."""
    aligned = rigidly_aligned(vertices.double(), truth.double())
    return (aligned - truth).norm(dim=-1).mean(dim=-1) * MM_PER_METRE


def rigidly_aligned(points: Tensor, target: Tensor) -> Tensor:
    """Moves points onto corresponding targets by a rotation and a translation, no scale.

    Source: Kabsch 1976; the sign of the last axis keeps the determinant at +1.

    Args:
        points: (B, N, 3) float64, any frame.
        target: (B, N, 3) float64.

    Returns:
        (B, N, 3), least squares.
    """
    centre, target_centre = points.mean(dim=1, keepdim=True), target.mean(dim=1, keepdim=True)
    left, _, right = torch.linalg.svd((target - target_centre).mT @ (points - centre))
    sign = torch.ones(len(points), 3, dtype=points.dtype)
    sign[:, 2] = torch.linalg.det(left @ right).sign()
    rotation = left @ (sign[:, :, None] * right)
    return (points - centre) @ rotation.mT + target_centre


def summary(errors: ShapeErrors) -> list[dict[str, float | str | int]]:
    """One row for all heads and one for each bin of |yaw|; errors in mm, reductions in percent."""
    bins = {"all": torch.ones_like(errors.yaw_deg, dtype=torch.bool)}
    bins |= in_yaw_bins(errors.yaw_deg)
    rows: list[dict[str, float | str | int]] = []
    for name, inside in bins.items():
        if not inside.any():
            continue
        mean_head = errors.mean_head[inside].mean().item()
        row: dict[str, float | str | int] = {"yaw_deg": name, "heads": int(inside.sum())}
        row["mean_head_mm"] = mean_head
        for which, values in errors.by_pass.items():
            error = values[inside].mean().item()
            row[f"{which}_mm"] = error
            row[f"{which}_reduction_percent"] = 100 * (1 - error / mean_head)
        rows.append(row)
    return rows


def _two_passes(
    network: CoefficientNetwork, model: MorphableModel, images: Tensor
) -> dict[str, Coefficients]:
    """The first pass alone, and the result of both passes, as at inference."""
    passes = two_passes(predictor_of(network), images, model)
    return {"first": passes.first, "both": passes.result}


def _test_faces(model: MorphableModel, options: argparse.Namespace) -> FaceSet:
    if options.faces:
        return faces_on_head(load_face_set(options.faces), model.head_id, str(options.faces))
    with tqdm(total=options.count, desc="heads", unit="head", disable=None) as bar:
        return render_face_set(model, options.count, options.seed, bar.update)


def _table(rows: list[dict[str, float | str | int]]) -> str:
    lines = [
        "Face error after rigid alignment, mm (mean over vertices, then heads)",
        f"{'|yaw|':>8} {'heads':>6} {'mean head':>10} {'first pass':>18} {'both passes':>18}",
    ]
    for row in rows:
        passes = [
            f"{row[f'{name}_mm']:8.2f} ({-float(row[f'{name}_reduction_percent']):+6.1f} %)"
            for name in ("first", "both")
        ]
        start = f"{row['yaw_deg']:>8} {row['heads']:>6} {row['mean_head_mm']:>10.2f}"
        lines.append(f"{start} {passes[0]:>18} {passes[1]:>18}")
    return "\n".join(lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.evaluate_rendered",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", "--weights", dest="weights", help="as of `dasl predict --model`")
    parser.add_argument("--count", type=int, default=TEST_COUNT, help="heads (default 500)")
    parser.add_argument("--seed", type=int, default=TEST_SEED, help="default 9001")
    parser.add_argument(
        "--faces", type=Path, help="a set from tools.render_heads (saves rendering)"
    )
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
