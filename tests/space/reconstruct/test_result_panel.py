from pathlib import Path

import gradio as gr
import pytest

from dasl.photo.load import load_photo
from space.reconstruct.result_panel import Answer, ResultPanel, result_panel
from space.reconstruct.service import Reconstruction
from tests.space.stand_in import StandInReconstructor


@pytest.fixture(scope="module")
def panel() -> ResultPanel:
    with gr.Blocks():
        return result_panel(beside=lambda: None)


@pytest.fixture(scope="module")
def answer(astronaut) -> Answer:
    photo = load_photo(astronaut)
    faces = tuple(StandInReconstructor([(150.0, 150.0), (380.0, 300.0)])(photo))
    shown = Reconstruction(photo, faces, face_count=2, seconds={"reading the photo": 0.1})
    return Answer(shown, 1, Path("face2.glb"), {"reading the photo": 0.1, "texture and head": 0.2})


def test_full_and_empty_pages_set_the_same_components(panel, answer):
    filled, empty = panel.filled(answer), panel.empty("nothing")
    assert set(filled) == set(empty) == set(panel.outputs())


def test_a_full_page_shows_the_chosen_face_and_the_time_of_every_step(panel, answer):
    filled = panel.filled(answer)
    assert "Face 2 in numbers" in filled[panel.cards]
    assert filled[panel.head]["glb"]["path"] == "face2.glb"
    assert "texture and head 0.20 s · total 0.30 s" in filled[panel.status]
    assert filled[panel.memory] is answer


def test_a_still_picture_of_the_head_is_drawn_on_the_server(panel, answer):
    picture = panel.stand_in(answer.face, answer.choices)[panel.still]
    assert picture["visible"]
    head = (picture["value"] != picture["value"][0, 0]).any(axis=2)
    assert 0.2 < head.mean() < 0.8


def test_the_strip_is_emptied_until_it_is_drawn_again(panel, answer):
    assert panel.filled(answer)[panel.strip] is None
