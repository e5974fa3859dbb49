from pathlib import Path

import gradio as gr
import pytest

from space import text
from space.video.service import ClipAnswer
from space.video.tab import VideoTab, _made_file, _path_of

ANSWER = ClipAnswer(
    film=Path("overlay.mp4"),
    heads=(Path("person1.glb"), Path("person2.glb")),
    csv=Path("expressions.csv"),
    json=Path("expressions.json"),
    people=("Person 1: 9 frames, 0.0 to 0.3 s", "Person 2: 4 frames, 0.1 to 0.2 s"),
    damage=None,
)


@pytest.fixture(scope="module")
def tab(reconstructor) -> VideoTab:
    with gr.Blocks():
        return VideoTab(lambda: reconstructor)


def test_a_file_that_is_no_clip_gets_a_word(tab, tmp_path, monkeypatch):
    path, warned = tmp_path / "notes.mp4", []
    path.write_bytes(b"not a clip")
    monkeypatch.setattr(gr, "Warning", warned.append)
    updates = tab._answer({"path": str(path)}, lambda share, desc: None)
    status = next(value for block, value in updates.items() if block.elem_id == "clip-status")
    assert "This file cannot be opened" in status
    assert "wanted a clip such as MP4" in status
    assert str(tmp_path) not in status + warned[0]


def test_no_clip_clears_the_page(tab):
    updates = tab._answer(None, lambda share, desc: None)
    assert text.CLIP_HINT in next(v for b, v in updates.items() if b.elem_id == "clip-status")


def test_the_head_that_is_shown_is_the_one_to_download(tab):
    head, answer = tab._choose(1, ANSWER)
    assert head["glb"]["path"] == "person2.glb"
    assert _made_file("GLB", answer) == Path("person2.glb")
    assert _made_file("Film", answer) == Path("overlay.mp4")


def test_the_upload_may_be_wrapped_as_a_video():
    assert _path_of({"video": {"path": "/x/a.mp4"}, "subtitles": None}) == Path("/x/a.mp4")
    assert _path_of({"path": "/x/a.mp4"}) == Path("/x/a.mp4")
    assert _path_of(None) is None
