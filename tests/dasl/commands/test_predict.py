"""Benchmark predictions: the frame they are written in, and how good the embedded weights are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dasl.commands.predict import predictions, training_data
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.network.tensors import weights_hash
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.runtime.processes import Processes
from dasl.training.config import DataConfig, TrainConfig, config_to_dict
from dasl.weights.folder import load_weights, weights_folder
from eval.benchmarks.aflw2000.data import Aflw2000, load_benchmark
from eval.bfm.model import rotation, yaw_pitch_roll_deg
from eval.scoring.metrics import box_sizes, nme
from eval.submissions.submission import read_submission
from tests.dasl.conftest import FixedDetector, run_command
from tests.dasl.constant_network import nose_tip_published, one_photo_benchmark

pytestmark = pytest.mark.long

CHECKED_FACES = 50


@pytest.fixture
def benchmark(tmp_path):
    return one_photo_benchmark(tmp_path)


def test_predictions_are_in_the_published_frame(reconstructor, benchmark, head_model):
    (found,) = predictions(reconstructor, benchmark, "benchmark")
    expected = nose_tip_published(head_model)
    np.testing.assert_allclose(found.landmarks[30, :2], expected, atol=1e-3)


def test_a_photo_without_a_face_is_a_row_of_nan(constant_network, head_model, benchmark):
    nothing = FaceReconstructor(constant_network, head_model, detector=FixedDetector())
    (found,) = predictions(nothing, benchmark, "detector")
    assert np.isnan(found.landmarks).all()
    assert np.isnan(found.pose_deg).all()


def test_the_detectors_boxes_are_used_when_asked(reconstructor, benchmark):
    (by_benchmark,) = predictions(reconstructor, benchmark, "benchmark")
    (by_detector,) = predictions(reconstructor, benchmark, "detector")
    assert np.abs(by_benchmark.landmarks - by_detector.landmarks).max() > 1


def test_a_submission_names_the_weights_by_their_content_and_the_head(
    benchmark, weights, head_model, tmp_path, monkeypatch
):
    monkeypatch.setattr("dasl.commands.predict.load_benchmark", lambda _: benchmark)
    words = ("predict", "aflw2000-3d", "--output", tmp_path / "mine.npz", "--model", weights)
    assert run_command(*words) == 0
    meta = read_submission(tmp_path / "mine.npz").meta
    network, _ = load_weights(weights)
    assert meta["weights_revision"] == f"{weights}@{weights_hash(network.stored())}"
    assert meta["head_id"] == head_model.head_id


def test_processes_share_the_faces(reconstructor, benchmark):
    twice = replace(
        benchmark,
        image_paths=benchmark.image_paths * 2,
        benchmark_crops=benchmark.benchmark_crops + np.array([[0.0], [9.0]]),
    )
    whole = list(predictions(reconstructor, twice, "benchmark"))
    shares = [
        list(predictions(reconstructor, twice, "benchmark", Processes(index, 2)))
        for index in range(2)
    ]
    assert [len(share) for share in shares] == [1, 1]
    for one, share in zip(whole, shares, strict=True):
        np.testing.assert_array_equal(share[0].landmarks, one.landmarks)


def test_the_training_sets_are_those_of_the_weights():
    sources = DataConfig(train=("faces_2d", "runs/rendered_1.safetensors"))
    config = {"training": config_to_dict(TrainConfig(data=sources))}
    assert training_data(config) == "faces_2d, rendered_1"
    assert training_data({}) == training_data({"training": None}) == "not stated"


def test_angles_are_in_the_benchmarks_convention():
    """Pose_Para is pitch, yaw, roll in radians."""
    pose_para = np.radians([[10.0, -40.0, 25.0], [-20.0, 75.0, -5.0]])
    found = yaw_pitch_roll_deg(rotation(pose_para))
    np.testing.assert_allclose(found, [[-40.0, 10.0, 25.0], [75.0, -20.0, -5.0]], atol=1e-9)


def test_a_nose_to_the_images_left_is_a_positive_yaw():
    """Both data sets count so; a nose tip 10 cm in front of the middle shows the side."""
    turned = rotation_from_euler_deg(torch.tensor([[30.0, 0.0, 0.0]]))[0].numpy()
    yaw, pitch, roll = yaw_pitch_roll_deg(turned[None])[0]
    side = (turned @ [0.0, 0.0, 0.1])[0]
    assert np.sign(yaw) == -np.sign(side)
    assert abs(pitch) < 1e-5
    assert abs(roll) < 1e-5


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
        found = np.stack([f.landmarks for f in predictions(reconstructor, part, boxes)])
        assert nme(found[..., :2], truth, box_sizes(truth)).mean() < most
