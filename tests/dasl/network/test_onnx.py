import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from dasl.errors import ShapeError, WeightsError
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.network.onnx import OnnxNetwork
from dasl.network.onnx_export import export_graph, export_onnx

pytestmark = pytest.mark.long

pytest.importorskip("onnx", reason="needs the extra [train]")
pytest.importorskip("onnxscript", reason="needs the extra [train]")

CONFIG = NetworkConfig(identity_count=3, expression_count=2)


@pytest.fixture(scope="module")
def graph() -> bytes:
    return export_graph(CONFIG)


def _network(seed: int) -> CoefficientNetwork:
    torch.manual_seed(seed)
    network = CoefficientNetwork(CONFIG).eval()
    for name, tensor in network.state_dict().items():
        if tensor.ndim == 1 and "whitening" not in name:
            tensor.uniform_(0.7, 1.3)
    return network


def test_one_graph_fits_every_set_of_weights(graph: bytes) -> None:
    images = torch.randn(2, 4, 120, 120)
    results = []
    for seed in (1, 2):
        network = _network(seed)
        with torch.no_grad():
            wanted = network(images).numpy()
        got = OnnxNetwork(network.stored(), graph)(images.numpy())
        np.testing.assert_allclose(got, wanted, atol=1e-4 * max(1.0, np.abs(wanted).max()))
        results.append(got)
    assert np.abs(results[0] - results[1]).max() > 1e-2


def test_a_fresh_network_with_zero_biases_fits_too(graph: bytes) -> None:
    network = CoefficientNetwork(CONFIG).eval()
    images = torch.randn(1, 4, 120, 120)
    with torch.no_grad():
        wanted = network(images).numpy()
    np.testing.assert_allclose(
        OnnxNetwork(network.stored(), graph)(images.numpy()), wanted, atol=1e-4
    )


@pytest.mark.parametrize("count", [1, 5])
def test_any_batch_size_runs(graph: bytes, count: int) -> None:
    run = OnnxNetwork(_network(1).stored(), graph, threads=2)
    assert run(np.zeros((count, 4, 120, 120), np.float32)).shape == (count, 14)


def test_two_threads_give_the_numbers_of_one(graph: bytes) -> None:
    images = torch.randn(2, 4, 120, 120).numpy()
    one, two = (OnnxNetwork(_network(1).stored(), graph, threads=n)(images) for n in (1, 2))
    np.testing.assert_array_equal(two, one)


def test_several_callers_share_a_network_of_one_thread_with_the_same_numbers(
    graph: bytes, monkeypatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    images = torch.randn(4, 4, 120, 120).numpy()
    network = OnnxNetwork(_network(1).stored(), graph, threads=2)
    shared = network.for_callers
    assert shared is network.for_callers is not network
    assert shared.for_callers is shared
    with ThreadPoolExecutor(network.callers) as pool:
        for found in pool.map(shared, [images] * 4):
            np.testing.assert_array_equal(found, network(images))


def test_on_one_core_there_is_one_network(graph: bytes, monkeypatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    network = OnnxNetwork(_network(1).stored(), graph)
    assert network.for_callers is network


def test_the_graph_holds_no_weights_and_no_path(graph: bytes) -> None:
    assert len(graph) < 100_000
    assert b"site-packages" not in graph
    assert b".py" not in graph


def test_a_graph_of_another_configuration_is_refused(graph: bytes) -> None:
    other = CoefficientNetwork(replace(CONFIG, expression_count=4))
    with pytest.raises(WeightsError, match="remake it"):
        OnnxNetwork(other.stored(), graph)


def test_a_graph_that_splits_the_output_otherwise_is_refused(graph: bytes) -> None:
    other = CoefficientNetwork(replace(CONFIG, identity_count=2, expression_count=3))
    with pytest.raises(WeightsError, match=r'wanted .*"identity_count": 2'):
        OnnxNetwork(other.stored(), graph)


def test_a_damaged_graph_is_refused(graph: bytes) -> None:
    with pytest.raises(WeightsError, match="does not fit"):
        OnnxNetwork(_network(1).stored(), graph[: len(graph) // 2])


@pytest.mark.parametrize("name", ["regressor.bias", "grid.1.running_var", "whitening_std"])
def test_a_missing_tensor_is_named(graph: bytes, name: str) -> None:
    stored = _network(1).stored()
    tensors = {key: tensor for key, tensor in stored.tensors.items() if key != name}
    with pytest.raises(WeightsError, match=name):
        OnnxNetwork(replace(stored, tensors=tensors), graph)


def test_training_settings_do_not_unfit_a_graph(graph: bytes) -> None:
    settings = replace(CONFIG, dropout=0.3, batch_norm_momentum=0.1)
    OnnxNetwork(CoefficientNetwork(settings).stored(), graph)


def test_images_of_the_wrong_shape_are_named(graph: bytes) -> None:
    with pytest.raises(ShapeError, match="images must be"):
        OnnxNetwork(_network(1).stored(), graph)(np.zeros((1, 3, 120, 120), np.float32))


def raw_of(path: Path, images: np.ndarray) -> np.ndarray:
    """What a complete file gives when it is run alone."""
    (raw,) = onnxruntime.InferenceSession(path).run(["raw"], {"images": images})
    return np.asarray(raw)


def test_a_complete_file_runs_alone_and_can_be_de_whitened(graph: bytes, tmp_path: Path) -> None:
    network = _network(3)
    network.set_whitening(torch.arange(14.0), torch.full((14,), 2.0))
    traced, filled = tmp_path / "out" / "traced.onnx", tmp_path / "out" / "filled.onnx"
    assert export_onnx(network, traced) < 1e-4
    assert export_onnx(network, filled, graph) < 1e-4
    assert sorted(p.name for p in traced.parent.iterdir()) == ["filled.onnx", "traced.onnx"]
    images = torch.randn(3, 4, 120, 120)
    with torch.no_grad():
        wanted = network(images).numpy()
    for path in (traced, filled):
        raw = raw_of(path, images.numpy())
        np.testing.assert_allclose(raw, wanted, atol=1e-4 * max(1.0, np.abs(wanted).max()))
        metadata = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
        assert metadata["whitening_std"] == str([2.0] * 14)
        assert metadata["head_id"] == network.config.head_id


@pytest.mark.parametrize("kind", ["of another configuration", "damaged", "other names"])
def test_a_graph_that_cannot_be_filled_is_not_used(
    graph: bytes, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = _network(1)
    if kind == "of another configuration":
        network = CoefficientNetwork(replace(CONFIG, expression_count=4)).eval()
    elif kind == "damaged":
        graph = graph[: len(graph) // 2]
    else:
        graph = graph.replace(b"regressor.weight", b"regressor.kernel")

    class Traced(Exception):
        pass

    def trace(_: CoefficientNetwork) -> None:
        raise Traced

    monkeypatch.setattr("dasl.network.onnx_export._exported", trace)
    with pytest.raises(Traced):
        export_onnx(network, tmp_path / "model.onnx", graph)
