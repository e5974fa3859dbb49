"""Portraits labelled by MediaPipe: fitted heads, skins mixed from them, and the split by use."""

import numpy as np
import pytest
import torch
from PIL import Image

from dasl.errors import ConfigError
from dasl.head.landmark_file import LANDMARKS_FILE, head_with_landmarks
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.texture.layout import texture_layout
from dasl.weights.folder import OPEN_FOLDER
from tools.open_weights.portrait_faces import portrait_faces
from tools.open_weights.portraits import (
    IBUG_IN_MESH,
    JAW,
    MEASURING,
    TRAINING,
    fitted,
    names_of,
    observed,
)
from tools.open_weights.skins import COVERED, TEXELS, MixedSkins, mirrored_texels, view_of


@pytest.fixture(scope="module")
def head() -> MorphableModel:
    return head_with_landmarks(OPEN_FOLDER / LANDMARKS_FILE)


@pytest.fixture(scope="module")
def panoramas(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("panoramas")
    colours = np.random.default_rng(0).integers(0, 256, (64, 128, 3)).astype(np.uint8)
    Image.fromarray(colours).save(folder / "npm_noise.png")
    return folder


def portraits_of(data_root):
    if not (data_root / "portraits").is_dir():
        pytest.skip(f"{data_root} has no portraits/")
    return data_root


def test_portraits_for_training_and_for_measuring_differ() -> None:
    assert not set(TRAINING) & set(MEASURING)
    assert len(names_of(TRAINING)) == 28  # no face was found in two of them
    assert not {"012", "024"} & set(names_of(TRAINING))
    assert not set(names_of(range(1, 51))) & {f"{number:03d}" for number in range(51, 71)}


def test_each_of_the_68_points_is_one_of_mediapipes() -> None:
    assert len(IBUG_IN_MESH) == len(set(IBUG_IN_MESH)) == 68
    assert max(IBUG_IN_MESH) < 468


def test_heads_fit_the_points_of_the_portraits(head: MorphableModel) -> None:
    observations = observed(TRAINING)
    points = landmarks68_image(head, fitted(head, observations).coefficients)
    off = (points - observations.points_image)[:, JAW.stop :, :2].norm(dim=2).mean(dim=1)
    assert off.median() < 3.0  # crop pixels; the face is about 96 wide


def test_skin_is_mirrored_to_the_other_side_of_the_surface(head: MorphableModel) -> None:
    """Not to the other side of the texture, which is the mouth's cavity beside the neck."""
    layout = texture_layout(head, TEXELS)
    outside = layout.interpolation @ head.region("skin").astype(np.float32) > 0.5
    mirrored = mirrored_texels(head, layout, outside)
    points = layout.interpolation @ head.mean_vertices
    off = np.linalg.norm(points[mirrored] * [-1.0, 1.0, 1.0] - points, axis=1)[outside]
    assert off.max() < 0.004  # two texels at the back of the head
    assert outside[mirrored][outside].all()
    assert (mirrored[~outside] == np.flatnonzero(~outside)).all()


def test_skins_are_the_same_for_the_same_index_and_differ_for_others(
    head: MorphableModel, data_root, panoramas
) -> None:
    skins = MixedSkins(head, portraits_of(data_root), range(1, 9), panoramas)
    first, again, other = skins[5], skins[5], skins[6]
    assert first.texture.shape == (TEXELS, TEXELS, 3)
    np.testing.assert_array_equal(first.texture, again.texture)
    assert np.abs(first.texture.astype(int) - other.texture).mean() > 1
    worn = {skins[index].name for index in range(40)}
    assert not worn & {f"portrait {number:03d}" for number in COVERED}
    assert len(worn) > 3


def test_missing_panoramas_are_named_with_the_command_that_fetches_them(
    head: MorphableModel, data_root, tmp_path
) -> None:
    with pytest.raises(ConfigError, match="fetch_panoramas"):
        MixedSkins(head, portraits_of(data_root), range(1, 2), tmp_path)


def test_a_missing_portrait_is_named(head: MorphableModel, tmp_path, panoramas) -> None:
    with pytest.raises(ConfigError, match=r"001\.jpg is missing"):
        MixedSkins(head, tmp_path, range(1, 3), panoramas)


def test_portraits_train_upright_and_turned(head: MorphableModel, data_root) -> None:
    faces = portrait_faces(head, portraits_of(data_root), range(1, 4), copies=2, seed=1)
    assert len(set(faces.ids)) == len(faces.ids)
    upright = torch.tensor(["-yaw" not in name for name in faces.ids])
    assert upright.sum() == 2 * 3
    assert faces.yaw_deg[~upright].abs().min() >= 50
    assert not faces.visible21.any()
    assert (faces.coefficient_weight < 0.1).all()


def test_a_view_of_a_panorama_is_a_part_of_it() -> None:
    panorama = np.zeros((64, 128, 3), np.uint8)
    panorama[:32] = 200  # the sky
    views = [view_of(np.random.default_rng(seed), panorama) for seed in range(20)]
    assert {view.shape for view in views} == {(160, 160, 3)}
    assert any(view[0].mean() > 2 * view[-1].mean() for view in views)
    assert not any(view[-1].mean() > 2 * view[0].mean() + 1 for view in views)
