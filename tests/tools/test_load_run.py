from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from dasl.photo.load import load_photo
from space.examples import PHOTOS, photo_path
from tests.space.stand_in import StandInReconstructor
from tools.load_run import Ask, ask_of, files_of_visitors, glb_weights, what_is_wrong


@dataclass
class Found:
    landmarks: np.ndarray


def reconstructor(path, strict):
    return [Found(np.full((68, 3), 100.0))]


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    face = StandInReconstructor()(load_photo(photo_path("astronaut")))[0]
    head = face.save(tmp_path_factory.mktemp("head") / "face1.glb")
    facts = {"landmarks": face.landmarks.tolist(), "expression": dict(face.expression)}
    return facts, head, face.landmarks


def test_the_answer_to_the_photo_is_right(answer):
    facts, head, landmarks = answer
    assert what_is_wrong([facts], [str(head)], Ask(Path("a.png"), landmarks)) == ""


def test_an_answer_to_another_photo_is_noticed(answer):
    facts, head, landmarks = answer
    moved = Ask(Path("a.png"), landmarks + np.array([1, 0, 0]))
    assert what_is_wrong([facts], [str(head)], moved).startswith(
        "another photo's landmarks: 1.0 px"
    )


def test_another_photos_head_is_noticed(answer):
    facts, head, landmarks = answer
    other = facts | {"expression": dict.fromkeys(facts["expression"], 0.9)}
    assert (
        what_is_wrong([other], [str(head)], Ask(Path("a.png"), landmarks)) == "another photo's head"
    )


def test_no_face_is_an_error(answer):
    assert what_is_wrong([], [], Ask(Path("a.png"), answer[2])) == "0 faces, 0 heads"


def test_a_glb_tells_its_expression(answer):
    facts, head, _ = answer
    told = dict(zip(facts["expression"], glb_weights(head), strict=True))
    same = {name: weight for name, weight in facts["expression"].items() if "eyeWide" not in name}
    assert len(same) == len(told) - 2
    assert {name: told[name] for name in same} == pytest.approx(same)


def test_no_two_clients_send_the_same_photo(tmp_path):
    asks = [
        ask_of(client, number, tmp_path, reconstructor) for client in (0, 6) for number in (0, 1)
    ]
    assert len({ask.photo.read_bytes() for ask in asks}) == 4


def test_examples_are_not_files_of_visitors(tmp_path):
    name = photo_path(next(iter(PHOTOS))).name
    (tmp_path / name).touch()
    (tmp_path / "me.jpg").touch()
    assert files_of_visitors(tmp_path) == [tmp_path / "me.jpg"]
