"""Landmarks of their own beside weights: read, written, and refused when they do not fit."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dasl.errors import WeightsError
from dasl.head.landmark_file import (
    LANDMARKS_FILE,
    OF_HEAD,
    head_of_weights,
    head_with_landmarks,
    landmark_bytes,
)
from dasl.head.landmarks import MIRROR_68
from dasl.head.morphable_model import MorphableModel
from dasl.weights.folder import OPEN_FOLDER

OPEN_LANDMARKS = OPEN_FOLDER / LANDMARKS_FILE


@pytest.fixture(scope="module")
def embedded() -> MorphableModel:
    return MorphableModel.load()


@pytest.fixture(scope="module")
def open_head() -> MorphableModel:
    return head_with_landmarks(OPEN_LANDMARKS)


def test_only_the_landmarks_and_the_id_differ(embedded, open_head) -> None:
    np.testing.assert_array_equal(open_head.mean_vertices, embedded.mean_vertices)
    np.testing.assert_array_equal(open_head.identity_basis, embedded.identity_basis)
    assert open_head.head_id != embedded.head_id
    assert open_head.landmarks_of == embedded.head_id
    assert not np.array_equal(open_head.landmarks68_vertices, embedded.landmarks68_vertices)


def test_the_open_landmarks_are_symmetric_and_in_order(open_head) -> None:
    points = open_head.landmarks68_of(open_head.mean_vertices)
    mirrored = points[list(MIRROR_68)] * [-1, 1, 1]
    assert np.abs(points - mirrored).max() < 0.0015
    jaw = points[:17]
    assert (np.diff(jaw[:, 0]) > 0).all()  # from ear to ear
    assert jaw[:, 1].argmin() == 8  # the chin
    assert points[30, 2] == points[:, 2].max()  # the tip of the nose
    assert (np.diff(points[27:31, 1]) < 0).all()


def test_what_is_written_is_read_again(open_head, tmp_path: Path) -> None:
    content = landmark_bytes(open_head)
    assert content is not None
    (tmp_path / LANDMARKS_FILE).write_bytes(content)
    again = head_of_weights(tmp_path)
    assert again.head_id == open_head.head_id
    np.testing.assert_array_equal(again.landmarks68_weights, open_head.landmarks68_weights)


def test_a_folder_without_the_file_has_the_embedded_head(embedded, tmp_path: Path) -> None:
    assert head_of_weights(tmp_path).head_id == embedded.head_id
    assert landmark_bytes(embedded) is None


def test_landmarks_of_another_head_are_refused(tmp_path: Path) -> None:
    path = tmp_path / LANDMARKS_FILE
    save_file(load_file(OPEN_LANDMARKS), path, {OF_HEAD: "123456789abc"})
    with pytest.raises(WeightsError, match="head 123456789abc"):
        head_of_weights(tmp_path)


def test_a_damaged_file_is_a_message(embedded, tmp_path: Path) -> None:
    path = tmp_path / LANDMARKS_FILE
    path.write_bytes(OPEN_LANDMARKS.read_bytes()[:500])
    with pytest.raises(WeightsError, match=LANDMARKS_FILE):
        head_of_weights(tmp_path)
    tensors = load_file(OPEN_LANDMARKS)
    of_head = {OF_HEAD: embedded.head_id}
    save_file({name: tensors[name] for name in list(tensors)[:3]}, path, of_head)
    with pytest.raises(WeightsError, match="wanted"):
        head_of_weights(tmp_path)
    outside = tensors["landmarks68_vertices"].copy()
    outside[3, 1] = embedded.vertex_count
    save_file(tensors | {"landmarks68_vertices": outside}, path, of_head)
    with pytest.raises(WeightsError, match="surface"):
        head_of_weights(tmp_path)
