"""The embedded weights for any use: found by name, on their own head, with card and licence."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from dasl import FaceReconstructor
from dasl.__main__ import main
from dasl.head.landmark_file import LANDMARKS_FILE, head_of_weights
from dasl.video.browser import cache
from dasl.video.browser.files import INDEX, browser_files_of
from dasl.weights.folder import (
    CARD_FILE,
    ERROR_HEAD_FILE,
    LICENCE_FILE,
    MANIFEST_FILE,
    OPEN,
    OPEN_FOLDER,
    STATISTICS_FILE,
    save_weights,
    weights_folder,
)
from dasl.weights.publication import publication
from space.examples import photo_path

PHOTO = photo_path("astronaut")
LARGEST_DIFFERENCE = 0.15
"""Of a landmark from the research weights', relative to the face; a wrong head or frame is more."""


@pytest.fixture(scope="module")
def open_weights() -> FaceReconstructor:
    return FaceReconstructor.from_pretrained(OPEN, device="cpu")


def test_they_find_the_face_that_the_research_weights_find(open_weights) -> None:
    ours = open_weights(PHOTO)
    theirs = FaceReconstructor.from_pretrained(device="cpu")(PHOTO)
    assert len(ours) == len(theirs) == 1
    points, others = ours[0].landmarks[:, :2], theirs[0].landmarks[:, :2]
    size = float(np.sqrt(np.prod(others.max(axis=0) - others.min(axis=0))))
    assert np.linalg.norm(points - others, axis=1).max() < LARGEST_DIFFERENCE * size
    assert ours[0].head.model.head_id == head_of_weights(OPEN_FOLDER).head_id
    assert ours[0].head.model.head_id != theirs[0].head.model.head_id


def test_the_name_means_the_embedded_folder_even_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / OPEN).mkdir()
    monkeypatch.chdir(tmp_path)
    assert weights_folder(OPEN) == OPEN_FOLDER
    assert weights_folder("./open") == Path("./open")


def test_a_copy_in_another_process_has_the_same_weights(open_weights) -> None:
    again = pickle.loads(pickle.dumps(open_weights))
    assert again.model.head_id == open_weights.model.head_id


def test_the_folder_is_complete() -> None:
    for name in (LANDMARKS_FILE, STATISTICS_FILE, ERROR_HEAD_FILE, MANIFEST_FILE, LICENCE_FILE):
        assert (OPEN_FOLDER / name).exists(), name
    assert "Apache License" in (OPEN_FOLDER / LICENCE_FILE).read_text()


def test_the_card_states_licence_inputs_and_what_it_cannot_promise() -> None:
    card = (OPEN_FOLDER / CARD_FILE).read_text()
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert 'from_pretrained("open")' in card
    for word in ("manifest.json", "MediaPipe", "WIDER FACE", "ImageNet", "ICT-FaceKit", "CC0"):
        assert word in card
    assert "non-commercial" not in card


def test_published_with_landmarks_and_manifest_and_loaded_from_the_hub() -> None:
    files = publication(OPEN_FOLDER, "user/open-heads")
    assert {LANDMARKS_FILE, MANIFEST_FILE, LICENCE_FILE} <= set(files)
    assert b'from_pretrained("user/open-heads")' in files[CARD_FILE]


def test_reconstruct_takes_them_by_name(tmp_path: Path) -> None:
    words = ["reconstruct", str(PHOTO), "--model", OPEN, "--format", "json"]
    assert main([*words, "--output", str(tmp_path)]) == 0
    record = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert record["head_id"] == head_of_weights(OPEN_FOLDER).head_id


def test_the_browser_gets_their_head(tmp_path: Path) -> None:
    assert cache.browser_folder(OPEN) != cache.browser_folder()
    browser_files_of(OPEN, tmp_path)
    index = json.loads((tmp_path / INDEX).read_text())
    assert index["head_id"] == head_of_weights(OPEN_FOLDER).head_id


def test_saving_keeps_landmarks_that_lie_beside_the_weights(open_weights, tmp_path: Path) -> None:
    from dasl.weights.folder import load_weights

    network, config = load_weights(OPEN)
    save_weights(tmp_path, network, config, landmarks=b"landmarks")
    save_weights(tmp_path, network, config)
    assert (tmp_path / LANDMARKS_FILE).read_bytes() == b"landmarks"
