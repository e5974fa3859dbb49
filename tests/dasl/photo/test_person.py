import hashlib
from pathlib import Path

import numpy as np
import pytest

from dasl.errors import WeightsError
from dasl.photo import person
from dasl.photo.load import load_photo
from dasl.photo.person import NETWORK, person_share
from tools.fetch_networks import PERSON

EXAMPLES = Path(__file__).parents[3] / "space/examples"


def test_the_network_is_the_published_one_with_its_licence() -> None:
    assert hashlib.sha256(NETWORK.read_bytes()).hexdigest() == PERSON.sha256
    assert "Apache License" in (NETWORK.parent / "LICENSE").read_text()


def test_the_woman_is_found_and_the_flag_is_not() -> None:
    share = person_share(load_photo(EXAMPLES / "astronaut.jpg"))
    assert share.shape == (512, 512)
    assert share.dtype == np.float32
    assert share.min() >= 0.0 and share.max() <= 1.0
    assert share[60:150, 190:260].min() > 0.9  # her face
    assert share[10:120, 320:420].max() < 0.2  # the wall beside her


def test_a_missing_network_says_how_to_fetch_it(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(person, "NETWORK", tmp_path / "none.onnx")
    person._session.cache_clear()
    with pytest.raises(WeightsError, match=r"tools\.fetch_networks"):
        person_share(np.zeros((8, 8, 3), np.uint8))
    person._session.cache_clear()
