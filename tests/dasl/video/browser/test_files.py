"""The browser's files hold the same networks and head as the weights they come from."""

import gzip
import json

import numpy as np
import onnx
import pytest
from pygltflib import GLTF2

from dasl.errors import WeightsError
from dasl.head.morphable_model import MorphableModel
from dasl.network.onnx import weight_tensors
from dasl.network.onnx_export import export_graph
from dasl.photo.detector import NETWORK
from dasl.video.browser import cache
from dasl.video.browser.container import packed, quantized, unpacked
from dasl.video.browser.files import INDEX, SHAPE, TRACKER, _cut, _located, browser_files_of
from dasl.video.browser.onnx_tensors import stored_tensors
from dasl.weights.folder import EMBEDDED_FOLDER, load_graph, load_stored

WEIGHTS = NETWORK.read_bytes()
"""The detector's."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    browser_files_of(None, folder)
    return folder


def test_int8_is_off_by_half_a_step_at_most():
    random = np.random.default_rng(1)
    values = random.normal(size=(5, 7)).astype(np.float32) * np.arange(5)[:, None]
    whole, scales = quantized(values.astype(np.float32))
    assert (np.abs(whole * scales[:, None] - values) <= 0.5 * scales[:, None] * 1.001).all()


def test_arrays_come_back_by_name_in_their_precision():
    random = np.random.default_rng(2)
    large, small = random.normal(size=(80, 90)).astype(np.float32), np.float32([1.5, -2.25])
    arrays = {
        "large": large,
        "small": small,
        "exact.kept": large,
        "numbers": np.arange(3, dtype=np.uint16),
    }
    meta, back = unpacked(packed({"a": [1]}, arrays, "int8"))
    assert meta == {"a": [1]}
    assert (back["exact.kept"] == large).all() and (back["small"] == small).all()
    assert back["numbers"].tolist() == [0, 1, 2]
    assert 0 < np.abs(back["large"] - large).max() < np.abs(large).max() / 100


def test_the_graph_gets_a_file_for_each_tensor_and_stays_an_onnx_graph():
    network, _ = load_stored(EMBEDDED_FOLDER)
    graph = load_graph(None)
    located, names, tensors = _located(graph, weight_tensors(network))
    model = onnx.load_model_from_string(located)
    outside = {
        tensor.name: entry.value
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    assert outside == names and len(set(names.values())) == len(names) > 50
    assert tensors.keys() == names.keys()


def test_a_graph_of_another_network_is_refused(constant_network):
    graph = export_graph(constant_network.config)
    with pytest.raises(WeightsError, match="that the network lacks"):
        _located(graph, {})


def test_the_detector_is_whole_again_once_its_tensors_are_put_back():
    rest, cuts, tensors = _cut(WEIGHTS)
    whole, read = bytearray(), 0
    for cut in cuts:
        start = read + cut["at"] - len(whole)
        whole += rest[read:start] + tensors[cut["name"].removeprefix("detector.")].tobytes()
        read = start
    assert bytes(whole + rest[read:]) == WEIGHTS
    assert len(rest) < len(WEIGHTS) / 10
    shapes = {tensor.name: tensor.shape for tensor in stored_tensors(WEIGHTS)}
    by_onnx = onnx.load_model_from_string(WEIGHTS).graph.initializer
    assert shapes == {tensor.name: tuple(tensor.dims) for tensor in by_onnx}


def test_a_damaged_graph_is_told():
    with pytest.raises(WeightsError, match="damaged"):
        stored_tensors(WEIGHTS[:5000])


def test_the_files_are_of_the_head_and_as_small_as_the_page_wants(files):
    model = MorphableModel.load()
    index = json.loads((files / INDEX).read_text())
    assert index["head_id"] == model.head_id
    meta, arrays = unpacked((files / TRACKER).read_bytes())
    assert meta["expression_names"] == list(model.expression_names)
    assert arrays["exact.landmarks_mean"].shape == (68, 3)
    glb = GLTF2().load_from_bytes(gzip.decompress((files / "head.glb.gz").read_bytes()))
    assert glb.meshes[0].extras["targetNames"] == list(model.expression_names)
    _, shape = unpacked((files / SHAPE).read_bytes())
    vertices = glb.accessors[glb.meshes[0].primitives[0].attributes.POSITION].count
    assert shape["identity"].shape == (model.identity_count, vertices, 3)
    assert shape["exact.trust"].shape == (vertices,)
    assert sum(index["bytes"][name] for name in (TRACKER, "head.glb.gz")) < 5_200_000


def test_files_are_made_once_and_again_for_other_weights(tmp_path, monkeypatch):
    made = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def make(source, folder):
        made.append(folder)
        folder.mkdir()
        (folder / INDEX).write_text("{}")

    monkeypatch.setattr(cache, "browser_files_of", make)
    first = cache.browser_files()
    assert cache.browser_files() == first and made == [first]
    other = tmp_path / "other"
    other.mkdir()
    for path in EMBEDDED_FOLDER.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"note": "retrained"}))
    assert cache.browser_files(other) != first
