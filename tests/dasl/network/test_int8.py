"""The int8 network of the embedded weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as tensors_from_bytes

from dasl.errors import WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.int8 import QUANTISED, SCALE, read_int8
from dasl.network.onnx import OnnxNetwork, weight_tensors
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import (
    EMBEDDED_FOLDER,
    INT8_FILE,
    load_graph,
    load_int8,
    load_stored,
    save_weights,
)
from tests.dasl.conftest import run_command

PHOTO = Path(__file__).parents[3] / "space/examples/astronaut.jpg"
BOX = (180, 60, 270, 190)
NEAR = 0.01
"""Largest distance of landmarks between int8 and float32, as a share of the face's size."""


@pytest.fixture(scope="module")
def reconstructor() -> FaceReconstructor:
    return FaceReconstructor.from_pretrained(device="cpu")


def test_it_is_the_default_on_a_cpu_with_landmarks_near_those_of_float32(
    reconstructor: FaceReconstructor,
) -> None:
    photo = load_photo(PHOTO)
    (small,) = reconstructor(photo, boxes=[BOX])
    exact_one = FaceReconstructor.from_pretrained(device="cpu", precision="float32")
    (exact,) = exact_one(photo, boxes=[BOX])
    apart = np.linalg.norm(small.landmarks[:, :2] - exact.landmarks[:, :2], axis=1)
    assert 0 < apart.mean() < NEAR * float(np.ptp(exact.landmarks[:, :2], axis=0).max())
    assert small.confidence == pytest.approx(exact.confidence, abs=0.1)


def test_the_file_of_other_weights_is_refused() -> None:
    stored, _ = load_stored(EMBEDDED_FOLDER)
    content = load_graph(precision="int8")
    assert content is not None
    tensors = {name: tensor.copy() for name, tensor in stored.tensors.items()}
    tensors["regressor.bias"] += 1e-3
    with pytest.raises(WeightsError, match="was made from weights"):
        OnnxNetwork(replace(stored, tensors=tensors), content, precision="int8")


def test_a_damaged_file_is_refused() -> None:
    stored, _ = load_stored(EMBEDDED_FOLDER)
    content = load_graph(precision="int8")
    assert content is not None
    with pytest.raises(WeightsError, match="is damaged"):
        OnnxNetwork(stored, content[: len(content) // 2], precision="int8")


def test_a_folder_without_it_says_how_to_make_it(tmp_path: Path) -> None:
    for path in EMBEDDED_FOLDER.iterdir():
        if path.name != INT8_FILE:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(WeightsError, match=r"no int8\.safetensors; make it"):
        FaceReconstructor.from_pretrained(tmp_path, precision="int8")


def test_the_file_of_the_weights_before_is_passed_over(
    constant_network: CoefficientNetwork, tmp_path: Path
) -> None:
    """A training leaves an int8 file in its folder; new weights make it stale."""
    graph, int8 = load_graph(), load_graph(precision="int8")
    save_weights(tmp_path, constant_network, {}, graph=graph)
    (tmp_path / INT8_FILE).write_bytes(int8 or b"")
    stored, _ = load_stored(tmp_path)
    assert load_int8(tmp_path, stored) is None
    assert load_int8(EMBEDDED_FOLDER, load_stored(EMBEDDED_FOLDER)[0]) == int8
    FaceReconstructor.from_pretrained(tmp_path, device="cpu")
    with pytest.raises(WeightsError, match="was made from weights"):
        FaceReconstructor.from_pretrained(tmp_path, precision="int8")


@pytest.mark.parametrize("count", [7, 8, 33])
def test_a_batch_shared_among_cores_is_what_its_faces_are_alone(count: int) -> None:
    stored, _ = load_stored(EMBEDDED_FOLDER)
    network = OnnxNetwork(stored, load_graph(precision="int8") or b"", precision="int8")
    images = np.random.default_rng(0).uniform(-1, 1, (count, 4, 120, 120)).astype(np.float32)
    alone = np.concatenate([network(image[None]) for image in images])
    np.testing.assert_allclose(network(images), alone, atol=1e-3)


def test_a_gpu_is_refused() -> None:
    with pytest.raises(WeightsError, match="int8 runs on the CPU"):
        FaceReconstructor.from_pretrained(device="cuda", precision="int8")


def test_the_command_takes_the_precision(tmp_path: Path) -> None:
    words = ("--output", tmp_path, "--format", "json", "--precision", "float32")
    assert run_command("reconstruct", PHOTO, *words) == 0
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_weights_are_those_that_the_file_says_differ_from_plain_rounding() -> None:
    stored, _ = load_stored(EMBEDDED_FOLDER)
    exact = weight_tensors(stored)
    _, whole = read_int8(load_graph(precision="int8") or b"", stored, exact)
    parts = tensors_from_bytes(load_graph(precision="int8") or b"")
    assert len(whole) > 40
    for name, values in whole.items():
        scale = parts[f"{name.removesuffix(QUANTISED)}{SCALE}"]
        weights = exact[name.removesuffix(QUANTISED)]
        apart = np.abs(values - weights / scale.reshape(-1, *[1] * (weights.ndim - 1)))
        assert values.dtype == np.int8 and np.abs(values).max() <= 63  # 7 bits
        assert 0.5 < apart.max() < 8.0 and np.median(apart) < 0.4
    offsets = np.concatenate([parts[name].ravel() for name in whole])
    assert (offsets == 0).mean() > 0.75  # which is why the file compresses well
