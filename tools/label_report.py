"""The gain of each step of labelling, measured at the validation split's hand-placed points.

    python -m tools.label_report --root DIR
    python -m tools.label_report --root DIR --teacher dasl/assets/lite0

Prints the offset of detected68 over the training split, then the error (percent of the face's size,
`dasl.datasets.handplaced`) of detected68 unchanged, without its offset, fitted alone, and fitted
together with one half of the visible hand-placed points, measured at the other half. With a teacher
also the error of its landmarks and, for several weights, of their means with the detected ones,
unfitted and fitted.
"""

from dataclasses import replace

import torch
from torch import Tensor

from dasl.datasets.conventions import without_leaning, without_offsets
from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme, summarise
from dasl.datasets.labels import LabelWeights, half_way, label_observations
from dasl.datasets.pseudo_labels import teacher_landmarks68
from dasl.head.fitting import Observations, fit
from dasl.head.landmarks import AFLW_IN_IBUG, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.weights.folder import load_weights
from eval.scoring.metrics import YAW_BINS
from tools.data_root import parse, parser_with_root

# Rows of AFLW's 21 points with the same definition in both annotations: eyes, nose tip, mouth.
# Brows and chin are annotated at other heights and do not show a global offset.
OFFSET_POINTS = (6, 7, 8, 9, 10, 11, 14, 17, 18, 19)
TEACHER_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0)


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--teacher", help="weights folder; adds two minutes")
    options = parse(parser)
    root = options.root
    x, y = detected_offset(read_faces_2d(root, "train")).tolist()
    print(f"offset of detected68 over the training split: ({x:+.2f}, {y:+.2f}) crop pixels")
    raw = read_faces_2d(root, "validation")
    faces = without_offsets(raw)
    model = MorphableModel.load()
    debiased = faces.detected68_crop
    alone, _ = _fitted(model, faces, torch.zeros_like(faces.visible21))
    _show("detected68 as it is", raw.detected68_crop, raw, raw.visible21)
    _show("without its offset", debiased, faces, faces.visible21)
    _show("fitted alone", alone, faces, faces.visible21)
    used = torch.rand(faces.visible21.shape, generator=torch.Generator().manual_seed(0)) < 0.5
    held_out = faces.visible21 & ~used
    together, identity = _fitted(model, faces, used)
    print("measured at the held-out half of the hand-placed points:")
    _show("without its offset", debiased, faces, held_out)
    _show("fitted with the other half", together, faces, held_out)
    print(f"largest |identity| {identity.abs().max():.2f} sd")
    if options.teacher:
        _show_teacher(options.teacher, model, faces, used, held_out)
    return 0


def _show_teacher(
    teacher: str, model: MorphableModel, faces: Faces2d, used: Tensor, held_out: Tensor
) -> None:
    """The effect of a teacher's landmarks, for several weights."""
    network, _ = load_weights(teacher, head_id=model.head_id)
    landmarks = teacher_landmarks68(network, model, faces, faces.visible21 & used)
    _show("the teacher", landmarks, faces, held_out)
    pseudo_labels = without_leaning(landmarks, faces.detected68_crop, model)
    _show("in the detected convention", pseudo_labels, faces, held_out)
    for weight in TEACHER_WEIGHTS:
        weights = replace(LabelWeights(), teacher=weight)
        observations = label_observations(faces, weights, pseudo_labels)
        mean = observations.points_image[:, :IBUG_POINTS]
        _show(f"mean, it weighs {weight:.0f}", mean, faces, held_out)
        fitted, _ = _fitted(model, faces, used, weights, pseudo_labels)
        _show("  fitted", fitted, faces, held_out)
        _show("  half way", half_way(fitted, observations), faces, held_out)


def detected_offset(faces: Faces2d) -> Tensor:
    """Mean of detected68 minus the corresponding visible hand-placed points: (2,) pixels."""
    offsets = []
    for row in OFFSET_POINTS:
        detected = faces.detected68_crop[:, list(AFLW_IN_IBUG[row]), :2].mean(dim=1)
        difference = detected - faces.landmarks21_crop[:, row]
        offsets.append(difference[faces.visible21[:, row]])
    return torch.cat(offsets).mean(dim=0)


def _fitted(
    model: MorphableModel,
    faces: Faces2d,
    used: Tensor,
    weights: LabelWeights | None = None,
    pseudo_labels: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Landmarks (N, 68, 3) and identity of a fit that uses only the hand-placed points `used`."""
    observations = label_observations(faces, weights, pseudo_labels)
    weight = observations.weight.clone()
    weight[:, IBUG_POINTS:] *= used[..., None]
    result = fit(model, Observations(observations.points_image, weight))
    return landmarks68_image(model, result.coefficients), result.coefficients.identity


def _show(name: str, landmarks: Tensor, faces: Faces2d, visible: Tensor) -> None:
    nme = handplaced_nme(landmarks, faces.landmarks21_crop, visible)
    summary = summarise(nme, faces.yaw_deg)
    bins = " / ".join(f"{100 * summary[key]:.2f}" for key in YAW_BINS)
    print(f"  {name:28s} {bins}   mean of bins {100 * summary['mean_of_bins']:.2f} %")


if __name__ == "__main__":
    raise SystemExit(main())
