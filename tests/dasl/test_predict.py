"""Benchmark predictions: the frame they are written in, and how good the embedded weights are."""

import numpy as np
import pytest
from PIL import Image

from dasl.predict import predicted_landmarks
from dasl.predictor import FaceReconstructor
from dasl.weights import weights_folder
from eval.metrics import box_sizes, nme
from eval.protocols.aflw2000 import Aflw2000, load_benchmark
from tests.dasl.conftest import FixedDetector

CHECKED_FACES = 100


@pytest.fixture
def benchmark(tmp_path, photo):
    """One photo, whose crop in the published 1-based frame is pixels 41..160 and 31..150."""
    Image.fromarray(photo).save(tmp_path / "image00001.jpg", quality=95)
    return Aflw2000(
        ids=("image00001",),
        image_paths=(tmp_path / "image00001.jpg",),
        landmarks68=np.zeros((1, 68, 3)),
        yaw_deg=np.zeros(1),
        benchmark_crops=np.array([[40.5, 30.5, 160.5, 150.5]]),
        landmark_source="made here",
        yaw_source="made here",
    )


def test_predictions_are_in_the_published_frame(reconstructor, benchmark, head_model):
    """In 1-based pixel centres the crop spans 40.5..160.5: the face's middle is at 100.5."""
    (landmarks,) = predicted_landmarks(reconstructor, benchmark, "benchmark")
    nose_tip = head_model.landmarks68_of(head_model.mean_vertices)[30].numpy()
    expected = [100.5 + 500 * nose_tip[0], 90.5 - 500 * nose_tip[1]]
    np.testing.assert_allclose(landmarks[30, :2], expected, atol=1e-3)


def test_a_photo_without_a_face_is_a_row_of_nan(constant_network, head_model, benchmark):
    nothing = FaceReconstructor(constant_network, head_model, detector=FixedDetector())
    (landmarks,) = predicted_landmarks(nothing, benchmark, "detector")
    assert np.isnan(landmarks).all()


def test_the_detectors_boxes_are_used_when_asked(reconstructor, benchmark):
    (by_benchmark,) = predicted_landmarks(reconstructor, benchmark, "benchmark")
    (by_detector,) = predicted_landmarks(reconstructor, benchmark, "detector")
    assert np.abs(by_benchmark - by_detector).max() > 1


def test_the_embedded_weights_align_real_faces(data_root):
    """A guard against broken weights, frames or crops, not the benchmark's figure."""
    if not (weights_folder() / "config.json").exists():
        pytest.fail("dasl/assets/lite0 is missing: run python -m tools.embed_weights")
    full = load_benchmark(data_root)
    part = Aflw2000(
        ids=full.ids[:CHECKED_FACES],
        image_paths=full.image_paths[:CHECKED_FACES],
        landmarks68=full.landmarks68[:CHECKED_FACES],
        yaw_deg=full.yaw_deg[:CHECKED_FACES],
        benchmark_crops=full.benchmark_crops[:CHECKED_FACES],
        landmark_source=full.landmark_source,
        yaw_source=full.yaw_source,
    )
    reconstructor = FaceReconstructor.from_pretrained()
    truth = part.landmarks68[..., :2]
    for boxes, most in (("benchmark", 0.05), ("detector", 0.06)):
        found = np.stack(list(predicted_landmarks(reconstructor, part, boxes)))[..., :2]
        assert nme(found, truth, box_sizes(truth)).mean() < most
