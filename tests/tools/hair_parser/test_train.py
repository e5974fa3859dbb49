"""Training of the hair network, and its data set."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from dasl import FaceReconstructor
from dasl.geometry.crop import cut_crop
from dasl.network.hair_parser import PARTS, STEP
from dasl.photo.load import load_photo
from space.examples import photo_path
from tools.hair_parser import label, train

SIDE = 5 * STEP


def picture(random: np.random.Generator) -> dict[str, np.ndarray]:
    """Red hair above a face, on a grey wall."""
    top = int(random.integers(20, 40))
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[top:, 20:60], labels[10:top, 20:60] = PARTS.index("skin"), PARTS.index("hair")
    shown = np.full((SIDE, SIDE, 3), 120, np.uint8)
    shown[labels == PARTS.index("skin")] = (230, 190, 170)
    shown[labels == PARTS.index("hair")] = (160, 30, 20)
    on_head = np.repeat((labels == PARTS.index("skin"))[..., None] * np.uint8(255), 3, axis=2)
    place = np.array([40, 40, 1000 / 2.2, 0, -1], np.float32)
    return {"picture": shown, "on_head": on_head, "label": labels, "place": place}


@pytest.fixture
def labels(tmp_path):
    random = np.random.default_rng(0)
    faces = [picture(random) for _ in range(6)]
    arrays = {f"faces.{key}": np.stack([face[key] for face in faces]) for key in faces[0]}
    for number in (1, 2, 3, 31, 32):
        of = picture(random)
        of["share"] = (of["label"] > 0).astype(np.float32)
        arrays |= {f"{number:03d}.{key}": layer for key, layer in of.items()}
    save_file(arrays, tmp_path / "labels.safetensors")
    return tmp_path / "labels.safetensors"


def test_it_learns_hair_and_measures_on_portraits_that_it_has_not_seen(labels, tmp_path, capsys):
    assert sorted(train.read_portraits(labels)) == [1, 2, 31, 32]  # 3 is mistaken
    output = tmp_path / "hair.onnx"
    assert train.main([str(labels), "--steps", "60", "--output", str(output)]) == 0
    shared = float(capsys.readouterr().out.split(": ")[1].split(" %")[0])
    assert shared > 70
    assert output.stat().st_size < 400_000


def test_faces_and_portraits_are_labelled(monkeypatch, tmp_path) -> None:
    """With a teacher that takes the upper half for hair."""

    def parts_of(teacher, pictures, side):
        assert len({each.shape for each in pictures}) == 1
        halves = [np.zeros(each.shape[:2], np.uint8) for each in pictures]
        for half in halves:
            half[: len(half) // 2] = PARTS.index("hair")
        return halves

    monkeypatch.setattr(label, "parts_of", parts_of)
    reconstructor = FaceReconstructor.from_pretrained(device="cpu")
    path = photo_path("astronaut")
    arrays = label.labelled_portrait(reconstructor, None, path, "001")
    size = arrays["001.label"].shape
    assert arrays["001.picture"].shape == (*size, 3) and arrays["001.share"].shape == size
    x, y, scale, *up = arrays["001.place"]
    assert 0 < x < size[1] and 0 < y < size[0] and scale == pytest.approx(1000 / 2.2, rel=0.02)
    assert up[1] < -0.9
    (face,) = reconstructor(path)
    x0, y0, x1, y1 = face.box.astype(int)

    box = np.array([x0 - 20, y0 - 20, x1 + 20, y1 + 20])
    faces = [cut_crop(load_photo(path), box), np.full((120, 120, 3), 90, np.uint8)]
    arrays = label.labelled_faces(reconstructor, None, faces)
    assert arrays["faces.label"].shape == (1, 120, 120)  # the wall is left out
    assert arrays["faces.on_head"][0, 60, 60, 0] == 255
    label.write_arrays(tmp_path / "labels.safetensors", arrays)
    (face,) = train.read_faces(tmp_path / "labels.safetensors")
    np.testing.assert_array_equal(face.on_head, arrays["faces.on_head"][0])
