from pathlib import Path

import numpy as np
import pytest

from space.reconstruct.kept import KeptAnswers
from space.reconstruct.result_panel import Answer
from space.reconstruct.service import Reconstruction


@pytest.fixture
def answer(tmp_path, astronaut_face, monkeypatch) -> Answer:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    glb, upload = tmp_path / "heads" / "a" / "face1.glb", tmp_path / "upload" / "me.jpg"
    for path in (glb, upload):
        path.parent.mkdir(parents=True)
        path.touch()
    photo = np.zeros((8, 8, 3), np.uint8)
    shown = Reconstruction(photo, (astronaut_face,), 1, {}, uploads=(upload,))
    return Answer(shown, 0, glb, {})


def test_an_answer_is_found_by_its_own_name_alone(answer):
    kept = KeptAnswers()
    one, other = kept.keep(answer), kept.keep(answer)
    assert one.token != other.token and len(one.token) >= 32
    assert kept.find(one.token) is one
    assert kept.keep(one).token == one.token, "the next answer of a tab takes the same place"
    assert kept.find("") is None and kept.find("guessed") is None


def test_forgetting_deletes_the_files_but_never_one_of_ours(answer, tmp_path, monkeypatch):
    kept = KeptAnswers()
    named = kept.keep(answer)
    (upload,) = answer.reconstruction.uploads
    kept.forget(named.token)
    assert kept.find(named.token) is None
    assert not answer.glb.exists() and not upload.exists()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "elsewhere"))
    upload.touch()
    kept.forget(kept.keep(answer).token)
    assert upload.exists(), "an example, which lies outside the visitors' folder"


def test_old_answers_and_those_of_too_many_tabs_are_dropped(answer):
    assert KeptAnswers(keep_s=-1.0).find(KeptAnswers(keep_s=-1.0).keep(answer).token) is None
    kept = KeptAnswers(most=2)
    tokens = [kept.keep(answer).token for _ in range(3)]
    assert [kept.find(token) is not None for token in tokens] == [False, True, True]


def test_an_answer_whose_file_gradio_deleted_is_not_there(answer):
    kept = KeptAnswers()
    named = kept.keep(answer)
    Path(answer.glb).unlink()
    assert kept.find(named.token) is None
