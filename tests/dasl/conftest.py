"""Fixtures for tests that need a whole reconstructor without trained weights."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dasl import commands
from dasl.arrays import Array
from dasl.geometry.similarity import Similarity, turned
from dasl.head.head_map import HeadMap, load_head_map
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.photo.detector import Detection
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.training.config import TrainConfig, config_to_dict
from dasl.weights.folder import save_weights
from tests.dasl.constant_network import frontal_mean_head, smooth_photo
from tests.dasl.two_heads import map_of, two_heads


def run_command(*words: object) -> int:
    """`python -m dasl WORDS` in this process."""
    return commands.main([str(word) for word in words])


class FixedDetector:
    """Finds the same boxes in every photo."""

    def __init__(self, *boxes: tuple[float, float, float, float]) -> None:
        self.boxes = boxes

    def __call__(self, image: np.ndarray) -> list[Detection]:
        return [Detection(box=box, score=0.9, points5=None) for box in self.boxes]


@pytest.fixture(scope="session")
def head_model() -> MorphableModel:
    """The embedded head model."""
    return MorphableModel.load()


@pytest.fixture(scope="session")
def constant_network(head_model: MorphableModel) -> CoefficientNetwork:
    """Answers every crop with the mean head, frontal, in the middle of the crop."""
    return frontal_mean_head(head_model)


@pytest.fixture
def weights(tmp_path: Path, constant_network: CoefficientNetwork) -> Path:
    """A weights folder, with what the trainer records of itself."""
    record = {"training": config_to_dict(TrainConfig())}
    save_weights(tmp_path / "weights", constant_network, record)
    return tmp_path / "weights"


@pytest.fixture
def reconstructor(
    constant_network: CoefficientNetwork, head_model: MorphableModel, from_one_distance: None
) -> FaceReconstructor:
    """A reconstructor that needs no weights and whose detector finds one face."""
    detector = FixedDetector((60.0, 40.0, 140.0, 140.0))
    return FaceReconstructor(constant_network, head_model, detector=detector)


@pytest.fixture
def photo() -> np.ndarray:
    """(200, 220, 3) uint8: smooth colours, no face."""
    return smooth_photo()


@pytest.fixture
def photo_file(tmp_path, photo: np.ndarray):
    """The same photo as a PNG file."""
    path = tmp_path / "photo.png"
    Image.fromarray(photo).save(path)
    return path


@pytest.fixture
def from_one_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second pass sees the crop as it is: so looks of a constant network agree."""

    def still(points_crop: Array, _tilt_deg: float, roll: Array) -> Similarity:
        return turned(0 * roll)

    monkeypatch.setattr("dasl.network.passes.closer", still)


@pytest.fixture(scope="session")
def heads() -> tuple[MorphableModel, MorphableModel]:
    """A stand-in of head 1 and a later head, float64."""
    return two_heads()


@pytest.fixture(scope="session")
def map_file(
    heads: tuple[MorphableModel, MorphableModel], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The map between `heads` as it is shipped."""
    path = tmp_path_factory.mktemp("map") / "from_head_1.safetensors"
    map_of(*heads, path)
    return path


@pytest.fixture
def shipped_map(map_file: Path, monkeypatch: pytest.MonkeyPatch) -> HeadMap:
    """That map in the place of the shipped one."""
    monkeypatch.setattr("dasl.head.head_map.MAP_FILE", map_file)
    return load_head_map(map_file)
