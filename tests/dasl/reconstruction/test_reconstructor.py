"""The boundary between photos and tensors."""

import copy
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dasl.errors import BoxError, NoFaceFound, PhotoError, ShapeError, WeightsError
from dasl.head.versions import HEAD_1_COUNTS
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.confidence import DEFAULT_CALIBRATION
from dasl.network.config import NetworkConfig
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import EMBEDDED_FOLDER, GRAPH_FILE, save_weights
from tests.dasl.conftest import FixedDetector

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
CROP = (40.0, 30.0, 160.0, 150.0)  # 120 pixels wide: one crop pixel is one photo pixel


def test_a_face_lies_where_its_crop_says(reconstructor, photo, head_model):
    (face,) = reconstructor(photo, crops=[CROP])
    # Crop pixel 59.5 is the crop's middle: photo pixel 40 + 60 - 0.5.
    np.testing.assert_allclose(face.pose.translation, [99.5, 89.5], atol=1e-4)
    assert face.pose.scale == pytest.approx(500.0, rel=1e-5)
    nose_tip = head_model.landmarks68_of(head_model.mean_vertices)[30]
    expected = [99.5 + 500 * nose_tip[0], 89.5 - 500 * nose_tip[1], 500 * nose_tip[2]]
    np.testing.assert_allclose(face.landmarks[30], expected, atol=1e-3)


def test_a_crop_twice_as_large_doubles_the_face(reconstructor, photo):
    (small,) = reconstructor(photo, crops=[CROP])
    (large,) = reconstructor(photo, crops=[(0.0, 0.0, 240.0, 240.0)])
    assert large.pose.scale == pytest.approx(2 * small.pose.scale, rel=1e-5)
    extent = np.ptp(large.landmarks, axis=0) / np.ptp(small.landmarks, axis=0)
    np.testing.assert_allclose(extent, 2.0, rtol=1e-4)


def test_a_result_has_the_documented_shapes(reconstructor, photo, head_model):
    (face,) = reconstructor(photo)
    assert face.landmarks.shape == (68, 3)
    assert face.vertices.shape[0] >= 18_000
    assert face.triangles.max() == len(face.vertices) - 1
    assert set(face.expression) == set(head_model.expression_names)
    assert face.identity.shape == (head_model.identity_count,)
    assert 0.0 <= face.confidence <= 1.0
    np.testing.assert_allclose(face.box, [60, 40, 140, 140])


def test_passes_that_agree_are_trusted(reconstructor, photo):
    (face,) = reconstructor(photo, crops=[CROP])
    assert face.confidence > 0.9
    assert face.expected_nme == pytest.approx(DEFAULT_CALIBRATION.constant, rel=1e-3)


def test_several_faces_keep_the_detectors_order(constant_network, head_model, photo):
    detector = FixedDetector((100, 100, 160, 170), (10, 10, 50, 60))
    faces = FaceReconstructor(constant_network, head_model, detector=detector)(photo)
    assert [face.box[0] for face in faces] == [100, 10]
    assert faces[0].pose.translation[0] > faces[1].pose.translation[0]


def test_a_batch_gives_what_single_calls_give(reconstructor, photo):
    photos = [photo, np.ascontiguousarray(photo[:, ::-1]), photo[:150]]
    single = [reconstructor(picture)[0] for picture in photos]
    streamed = list(reconstructor.batch(photos, batch_size=2))
    assert all(picture is given for (picture, _), given in zip(streamed, photos, strict=True))
    for (_, faces), alone in zip(streamed, single, strict=True):
        np.testing.assert_allclose(faces[0].landmarks, alone.landmarks, atol=1e-3)


def test_a_batch_keeps_photos_without_a_face(constant_network, head_model, photo):
    nothing = FaceReconstructor(constant_network, head_model, detector=FixedDetector())
    assert [faces for _, faces in nothing.batch([photo, photo])] == [[], []]


def test_no_face_is_an_empty_list_or_an_error(constant_network, head_model, photo, photo_file):
    nothing = FaceReconstructor(constant_network, head_model, detector=FixedDetector())
    assert nothing(photo) == []
    with pytest.raises(NoFaceFound, match=r"photo\.png"):
        nothing(photo_file, strict=True)


def test_given_landmarks_place_the_crop(reconstructor, photo, head_model):
    points = head_model.landmarks68_of(head_model.mean_vertices)[:, :2] * [400, -400]
    (face,) = reconstructor(photo, landmarks=[points + np.array([110, 100])])
    np.testing.assert_allclose(face.pose.translation, [110, 100], atol=4)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((68, 3)), r"landmarks must be \(68, 2\), got \(68, 3\)"),
        (np.full((68, 2), np.nan), "finite"),
    ],
)
def test_wrong_landmarks_are_refused(reconstructor, photo, points, message):
    with pytest.raises(ShapeError, match=message):
        reconstructor(photo, landmarks=[points])


def test_each_face_needs_its_own_landmarks(reconstructor, photo):
    points = np.random.default_rng(0).uniform(50, 150, (68, 2))
    with pytest.raises(ShapeError, match="each of 2 faces, got 1"):
        reconstructor(photo, crops=[CROP, CROP], landmarks=[points])


@pytest.mark.parametrize(
    "box", [(10, 10, 5, 50), (300, 300, 400, 400), (0, 0, np.nan, 10), (1, 2, 3)]
)
def test_impossible_boxes_are_refused(reconstructor, photo, box):
    with pytest.raises((BoxError, ShapeError)):
        reconstructor(photo, boxes=[box])


def test_half_a_face_at_the_border_still_gives_a_face(reconstructor, photo):
    (face,) = reconstructor(photo, boxes=[(-40, 60, 40, 160)])
    assert np.isfinite(face.vertices).all()


def test_a_photo_that_cannot_be_read_names_its_file(reconstructor, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff not a photo")
    with pytest.raises(PhotoError, match=r"broken\.jpg"):
        reconstructor(broken)


def test_greyscale_and_pil_photos_are_taken(reconstructor, photo):
    assert len(reconstructor(Image.fromarray(photo).convert("L"))) == 1


def test_weights_of_another_head_model_are_refused(head_model):
    network = CoefficientNetwork(NetworkConfig(40, 10, head_id=head_model.head_id))
    with pytest.raises(WeightsError, match="identity_count 40"):
        FaceReconstructor(network, head_model, detector=FixedDetector())
    config = replace(NetworkConfig.of_head(head_model), head_id="another")
    with pytest.raises(WeightsError, match=rf"head_id another.* {head_model.head_id}"):
        FaceReconstructor(CoefficientNetwork(config), head_model, detector=FixedDetector())


def test_weights_of_an_older_head_run_on_a_newer_one_without_their_graph(
    heads, shipped_map, photo, tmp_path, monkeypatch
):
    network = CoefficientNetwork(NetworkConfig(*HEAD_1_COUNTS))
    save_weights(tmp_path / "old", network, {}, graph=b"of the old shape: it must not be read")
    path = tmp_path / "old/config.json"
    described = json.loads(path.read_text())
    del described["network"]["head_id"]
    path.write_text(json.dumps(described | {"format": "dasl-weights-1"}))
    new = heads[1]
    monkeypatch.setattr(
        "dasl.reconstruction.reconstructor.MorphableModel.load", lambda *_, **__: new
    )
    detector = FixedDetector()
    mapped = FaceReconstructor.from_pretrained(tmp_path / "old", detector=detector, device="cpu")
    regression = mapped.regress(photo, crops=[CROP])
    assert regression.coefficients.identity.shape == (1, new.identity_count)
    assert regression.coefficients.expression.shape == (1, new.expression_count)


def test_onnx_and_torch_agree_within_a_hundredth_pixel(constant_network, head_model, photo):
    """On a network whose answer depends on the crop."""
    import torch

    network = copy.deepcopy(constant_network)
    torch.manual_seed(1)
    torch.nn.init.normal_(network.regressor.weight, std=0.02)
    detector = FixedDetector((60.0, 40.0, 140.0, 140.0))
    in_torch = FaceReconstructor(network, head_model, detector=detector)
    graph = (EMBEDDED_FOLDER / GRAPH_FILE).read_bytes()
    in_onnx = FaceReconstructor(network, head_model, detector=detector, graph=graph)
    difference = in_torch(photo)[0].landmarks - in_onnx(photo)[0].landmarks
    assert np.abs(difference).max() < 0.01


def test_inference_imports_neither_the_model_card_nor_the_benchmarks() -> None:
    command = "import sys, dasl.reconstruction.reconstructor; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    imported = told.stdout.split()
    assert "dasl.weights.folder" in imported
    assert not {"dasl.weights.model_card", "dasl.weights.publication"} & set(imported)
    assert not [name for name in imported if name.startswith(("eval.benchmarks", "eval.results"))]
