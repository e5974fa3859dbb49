"""A network with one answer, and a benchmark of one photo: where its points lie is known."""

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from eval.benchmarks.aflw2000.data import Aflw2000


def frontal_mean_head(head_model: MorphableModel) -> CoefficientNetwork:
    """Answers every crop with the mean head, frontal, in the middle of the crop."""
    torch.manual_seed(0)
    network = CoefficientNetwork(NetworkConfig.of_head(head_model))
    torch.nn.init.zeros_(network.regressor.weight)
    torch.nn.init.zeros_(network.regressor.bias)
    mean = torch.zeros(network.config.output_count)
    mean[[0, 4]] = 1.0  # rotation: identity
    mean[6] = math.log(500.0)
    mean[7:9] = 59.5
    network.set_whitening(mean, torch.ones_like(mean))
    return network.eval()


def smooth_photo() -> np.ndarray:
    """(200, 220, 3) uint8: smooth colours, no face."""
    rows, columns = np.mgrid[0:200, 0:220]
    return np.stack([rows, columns, 255 - rows], axis=-1).astype(np.uint8)


def one_photo_benchmark(folder: Path) -> Aflw2000:
    """One photo, whose crop in the published 1-based frame is pixels 41..160 and 31..150."""
    Image.fromarray(smooth_photo()).save(folder / "image00001.jpg", quality=95)
    return Aflw2000(
        ids=("image00001",),
        image_paths=(folder / "image00001.jpg",),
        landmarks68=np.zeros((1, 68, 3)),
        yaw_deg=np.zeros(1),
        benchmark_crops=np.array([[40.5, 30.5, 160.5, 150.5]]),
        landmark_source="made here",
        yaw_source="made here",
    )


def nose_tip_published(head_model: MorphableModel) -> list[float]:
    """x and y of the answer's nose tip in that benchmark: the face's middle is at (100.5, 90.5)."""
    nose_tip = head_model.landmarks68_of(head_model.mean_vertices)[30]
    return [100.5 + 500 * float(nose_tip[0]), 90.5 - 500 * float(nose_tip[1])]
