"""`python -m dasl reconstruct`: files, messages and exit status."""

import json

import numpy as np
import pytest
from PIL import Image

from dasl.commands import reconstruct
from dasl.errors import WeightsError
from dasl.export.options import HeadOptions
from dasl.reconstruction.face import Face
from dasl.reconstruction.reconstructor import FaceReconstructor
from tests.dasl.conftest import run_command


@pytest.fixture
def one_face(monkeypatch, reconstructor):
    """The command uses the reconstructor that needs no weights."""

    def load(*_arguments, **_options):
        return reconstructor

    monkeypatch.setattr(FaceReconstructor, "from_pretrained", load)


def test_each_face_and_format_is_a_file(one_face, photo_file, tmp_path, capsys):
    out = tmp_path / "heads"
    assert run_command("reconstruct", photo_file, "--output", out, "--format", "json") == 0
    assert [path.name for path in out.iterdir()] == ["photo.json"]
    assert len(json.loads((out / "photo.json").read_text())["landmarks68_image"]) == 68
    assert "photo.json" in capsys.readouterr().out


def test_a_face_that_looks_straight_ahead_has_no_minus_zero(
    one_face, photo_file, tmp_path, monkeypatch, capsys
):
    def nearly_straight(rotation):
        return np.full((len(rotation), 3), -0.3)

    monkeypatch.setattr("dasl.reconstruction.face_pose.euler_deg_from_rotation", nearly_straight)
    assert run_command("reconstruct", photo_file, "--output", tmp_path) == 0
    assert "yaw 0  pitch 0  roll 0" in capsys.readouterr().out


def test_several_formats_and_pictures_at_once(one_face, photo_file, tmp_path, capsys):
    out = tmp_path / "heads"
    words = ("--format", "stl,ply", "--format", "json", "--pictures", "landmarks,pose")
    assert run_command("reconstruct", photo_file, "--output", out, *words) == 0
    names = ["photo.json", "photo.ply", "photo.stl", "photo_landmarks.png", "photo_pose.png"]
    assert sorted(path.name for path in out.iterdir()) == names
    printed = capsys.readouterr().out
    assert all(name in printed for name in names)
    assert Image.open(out / "photo_landmarks.png").size == (220, 200)


def test_the_choices_of_the_head_reach_the_file(one_face, photo_file, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(Face, "save", lambda self, path, **choices: asked.append(choices))
    words = ("--part", "face", "--subdivide", "1", "--align", "camera", "--neutral")
    words = ("--output", tmp_path / "heads", *words, "--texture-size", "2048", "--ipd-mm", "61.5")
    words = (*words, "--light", "as-photo", "--landmarks", "478,106")
    assert run_command("reconstruct", photo_file, *words) == 0
    assert [choices.pop("landmarks") for choices in asked] == [("478", "106")]
    assert [HeadOptions(**choices) for choices in asked] == [
        HeadOptions("face", 1, True, "camera", 2048, 61.5, "as-photo")
    ]


@pytest.mark.parametrize(("word", "wanted"), [("--hair", True), ("--no-hair", False)])
def test_hair_is_asked_for_or_left_out(
    one_face, photo_file, tmp_path, monkeypatch, word, wanted
) -> None:
    asked = []
    monkeypatch.setattr(Face, "save", lambda self, path, **choices: asked.append(choices))
    assert run_command("reconstruct", photo_file, "--output", tmp_path / "heads", word) == 0
    assert [choices["hair"] for choices in asked] == [wanted]


def test_measures_are_printed_with_what_they_are_relative_to(
    one_face, photo_file, tmp_path, capsys
):
    words = ("--format", "json", "--measures")
    assert run_command("reconstruct", photo_file, "--output", tmp_path / "heads", *words) == 0
    printed = capsys.readouterr().out
    assert "assumed interpupillary distance of 63 mm" in printed
    assert "face width" in printed
    words = (*words, "--ipd-mm", "58")
    assert run_command("reconstruct", photo_file, "--output", tmp_path / "said", *words) == 0
    assert "interpupillary distance of 58 mm" in capsys.readouterr().out


def test_a_turntable_is_a_film_beside_the_head(one_face, photo_file, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        reconstruct, "write_turntable", lambda path, face, options: made.append((path, options))
    )
    out = tmp_path / "heads"
    words = ("--turntable", "gif", "--hair", "--light", "as-photo", "--part", "face", "--neutral")
    assert run_command("reconstruct", photo_file, "--output", out, *words) == 0
    ((path, options),) = made
    assert path == out / "photo_turntable.gif"
    assert (options.hair, options.light) == (True, "as-photo")
    assert (options.part, options.neutral, options.subdivisions) == ("face", True, 1)
    assert (out / "photo.glb").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "glb,fbx"), "no 'fbx'; choose from glb, vrm, obj"),
        (("--landmarks", "106,98"), "no '98'; choose from 106, 478"),
        (("--pictures", "selfie"), "no 'selfie'; choose from landmarks"),
        (("--subdivide", "7"), "invalid choice: 7"),
        (("--ipd-mm", "61,5"), "wanted a number of millimetres, such as 61.5, got '61,5'"),
        (("--ipd-mm", "6.1"), "from 30 to 100 millimetres between the pupils, got 6.1"),
    ],
)
def test_an_unknown_choice_is_refused_before_any_work(photo_file, tmp_path, capsys, words, message):
    with pytest.raises(SystemExit) as caught:
        run_command("reconstruct", photo_file, "--output", tmp_path / "heads", *words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "heads").exists()


def test_two_photos_of_one_name_do_not_overwrite_each_other(one_face, photo_file, tmp_path, capsys):
    other = tmp_path / "other" / "photo.png"
    other.parent.mkdir()
    other.write_bytes(photo_file.read_bytes())
    words = ("--output", tmp_path / "heads", "--format", "json")
    assert run_command("reconstruct", photo_file, other, *words) == 1
    assert "written for another one" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "heads").iterdir()] == ["photo.json"]


def test_a_picture_never_takes_the_place_of_a_photo(one_face, photo_file, tmp_path, capsys):
    drawn = tmp_path / "photo_pose.png"
    drawn.write_bytes(photo_file.read_bytes())
    words = ("--output", tmp_path, "--format", "json", "--pictures", "pose")
    assert run_command("reconstruct", photo_file, drawn, *words) == 1
    assert drawn.read_bytes() == photo_file.read_bytes()
    assert "is a photo of this run" in capsys.readouterr().err


def test_one_bad_photo_does_not_stop_the_others(one_face, photo_file, tmp_path, capsys):
    missing = tmp_path / "missing.jpg"
    assert run_command("reconstruct", missing, photo_file, "--output", tmp_path / "heads") == 1
    assert (tmp_path / "heads" / "photo.glb").exists()
    assert "missing.jpg" in capsys.readouterr().err


def test_one_person_is_one_head_and_photos_without_a_face_are_named(
    one_face, photo_file, tmp_path, capsys, reconstructor, monkeypatch
):
    second, empty = tmp_path / "second.png", tmp_path / "empty.png"
    Image.open(photo_file).rotate(3).save(second)
    Image.new("RGB", (50, 50)).save(empty)
    find = reconstructor.detector
    monkeypatch.setattr(
        reconstructor, "detector", lambda image: [] if len(image) == 50 else find(image)
    )
    out, photos = tmp_path / "heads", (photo_file, empty, second)
    words = ("--one-person", "--output", out, "--format", "json", "--pictures", "landmarks")
    assert run_command("reconstruct", *photos, *words) == 0
    names = ["person.json", "photo_landmarks.png", "second_landmarks.png"]
    assert sorted(path.name for path in out.iterdir()) == names
    printed = capsys.readouterr()
    assert "one head from 2 of 3 photos" in printed.out
    assert f"{empty}: left out, no face found" in printed.err
    assert run_command("reconstruct", empty, *words) == 1
    assert f"{empty}: no face found" in capsys.readouterr().err
    assert run_command("reconstruct", *photos, *words, "--strict") == 1


def test_keep_all_goes_with_one_person(photo_file, tmp_path, capsys):
    assert run_command("reconstruct", photo_file, "--output", tmp_path, "--keep-all") == 1
    assert "--one-person" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_named(one_face, photo_file, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert run_command("reconstruct", photo_file, "--output", blocked / "heads") == 1
    message = capsys.readouterr().err
    assert str(blocked / "heads") in message
    assert "Traceback" not in message


def test_missing_weights_are_a_message(photo_file, tmp_path, capsys):
    words = ("reconstruct", photo_file, "--output", tmp_path / "heads")
    assert run_command(*words, "--model", tmp_path / "nothing") == 1
    assert "nothing" in capsys.readouterr().err


def test_weights_with_a_missing_tensor_name_it(weights):
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights / "model.safetensors")
    tensors.pop("regressor.bias")
    save_file(tensors, weights / "model.safetensors")
    with pytest.raises(WeightsError, match=r"regressor\.bias"):
        FaceReconstructor.from_pretrained(weights)
