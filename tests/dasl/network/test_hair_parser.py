"""The hair network: its input, its file, and what it gives."""

import pickle

import numpy as np
import pytest
from onnx import TensorProto, helper

from dasl import WeightsError
from dasl.network.hair_parser import HAIR_FILE, PARTS, HairParser, parser_in, parser_planes
from dasl.weights.folder import EMBEDDED_FOLDER, OPEN_FOLDER


def planes_of_nothing(height: int, width: int) -> np.ndarray:
    picture, share = np.full((height, width, 3), 90), np.zeros((height, width))
    up = np.array([0.0, -1.0])
    return parser_planes(picture, picture * 0.0, share, np.array([40.0, 30.0]), up, 100.0)


def test_coordinates_are_of_the_head() -> None:
    planes = planes_of_nothing(50, 60)
    assert planes.shape == (9, 50, 60) and planes.dtype == np.float32
    aside, above = planes[3], planes[4]
    assert aside[10, 40] == above[30, 7] == 0.0
    assert aside[10, 45] == aside[10, 35] == pytest.approx(0.5)  # 5 pixels are half of 0.1 m
    assert above[20, 3] == pytest.approx(1.0) and above[40, 3] == pytest.approx(-1.0)


@pytest.mark.parametrize("size", [(160, 160), (33, 71), (1, 1)])
def test_pictures_of_any_size_give_probabilities(size: tuple[int, int]) -> None:
    found = parser_in(EMBEDDED_FOLDER)(planes_of_nothing(*size))
    assert found.shape == (len(PARTS), *size)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, atol=1e-5)


def test_a_copy_gives_the_same() -> None:
    parser = parser_in(EMBEDDED_FOLDER)
    planes = planes_of_nothing(48, 48)
    found = parser(planes)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(parser))(planes), found)


def test_weights_that_anybody_may_use_have_none() -> None:
    """It learned from labels that are for research only."""
    assert parser_in(OPEN_FOLDER) is None


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_a_damaged_file_is_told(content: bytes, tmp_path) -> None:
    (tmp_path / HAIR_FILE).write_bytes(content)
    with pytest.raises(WeightsError, match=HAIR_FILE):
        parser_in(tmp_path)(planes_of_nothing(16, 16))


def test_another_network_is_told(tmp_path) -> None:
    (tmp_path / HAIR_FILE).write_bytes((EMBEDDED_FOLDER / "graph.onnx").read_bytes())
    with pytest.raises(WeightsError, match=HAIR_FILE):
        HairParser(tmp_path / HAIR_FILE)(planes_of_nothing(16, 16))


@pytest.mark.parametrize("channels", [9, 5])
def test_a_network_of_other_inputs_or_outputs_is_told(channels: int, tmp_path) -> None:
    """It loads, and fails or gives something else when it is run."""
    sizes = [1, channels, None, None]
    given, result = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name in ("x", "y")
    )
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [given], [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    (tmp_path / HAIR_FILE).write_bytes(model.SerializeToString())
    with pytest.raises(WeightsError, match="no hair network"):
        parser_in(tmp_path)(planes_of_nothing(16, 16))
