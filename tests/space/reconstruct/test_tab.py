from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from dasl.weights.folder import OPEN
from space import text
from space.reconstruct.answers import draw_strip, make_file
from space.reconstruct.service import ReconstructionService
from space.reconstruct.tab import ReconstructTab
from space.reconstruct.weights_switch import BEST
from tests.space.stand_in import StandInReconstructor


class Page:
    """A tab, what it would show, and what it warned of."""

    def __init__(self, folder, monkeypatch) -> None:
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
        self.warnings: list[str] = []
        monkeypatch.setattr(gr, "Warning", self.warnings.append)
        self.stand_in = StandInReconstructor([(150.0, 150.0), (380.0, 300.0)])
        self.service = ReconstructionService(lambda: self.stand_in)
        with gr.Blocks() as demo:
            self.tab = ReconstructTab(self.service, demo)

    def answer(
        self,
        path: Path | None,
        answered: tuple | None = None,
        weights: str = BEST,
        token: str = "shown",
    ) -> dict:
        upload = {"path": str(path)} if path else None
        updates = self.tab._answer(
            upload, answered, token, weights, progress=lambda share, desc: None
        )
        return self.named(updates)

    def without_files(self, token: str) -> dict:
        return self.named(self.tab._answer_several(None, False, token, BEST, False, False))

    def named(self, updates: dict) -> dict:
        names = {id(self.tab._answered): "answered"}
        return {
            names.get(id(block)) or block.elem_id or type(block).__name__: value
            for block, value in updates.items()
        }

    def choose(self, index, shown) -> dict:
        updates = self.tab._choose(index, shown, progress=lambda share, desc: None)
        return self.named(updates)


@pytest.fixture
def page(tmp_path, monkeypatch) -> Page:
    return Page(tmp_path, monkeypatch)


def memory_of(updates: dict):
    """The answer that the page remembers; the path of the photo is a state, too."""
    return next(value for value in updates.values() if hasattr(value, "reconstruction"))


def test_a_late_report_of_a_forgotten_photo_changes_nothing(page, astronaut, tmp_path):
    answered = (str(astronaut), BEST)
    page.tab._forget("forgotten")
    for token in ("", "forgotten"):  # the page may have taken it back by then, or not
        assert set(page.answer(None, answered, token=token)) == {"answered"}
        assert page.answer(tmp_path / "deleted.jpg", answered, token=token) == {"answered": None}
    assert "status" in page.answer(None, answered)  # the visitor takes the photo away


def test_forgotten_stays_said_when_several_photos_are_taken_away(page):
    page.tab._forget("forgotten")
    for token in ("", "forgotten"):
        assert "status" not in page.without_files(token)
    assert "status" in page.without_files("shown")  # the visitor takes them away


def test_a_photo_told_twice_is_answered_once(page, astronaut):
    page.answer(astronaut)
    again = page.answer(astronaut, answered=(str(astronaut), BEST))
    assert page.stand_in.calls == 1
    assert set(again.values()) == {(str(astronaut), BEST)}


def test_other_weights_look_at_the_same_photo_again(page, astronaut):
    other = StandInReconstructor([(150.0, 150.0)])
    page.tab._weights._services[OPEN] = ReconstructionService(lambda: other)
    answered = page.answer(astronaut)["answered"]
    assert answered == (str(astronaut), BEST)
    switched = page.answer(astronaut, answered, OPEN)
    assert (page.stand_in.calls, other.calls) == (1, 1)
    assert switched["answered"] == (str(astronaut), OPEN)
    assert "cards" in switched


def test_other_weights_without_a_photo_leave_the_example(page):
    assert page.answer(None, None, OPEN) == {"answered": None}
    assert "status" in page.answer(None, ("photo.jpg", OPEN), OPEN)


def test_the_page_offers_both_weights_in_plain_words(page):
    labels = [label for label, _ in page.tab._weights.box.choices]
    assert labels == ["best (research only)", "open (any use)"]


def test_another_face_needs_no_second_look_at_the_photo(page, astronaut):
    updates = page.tab._answer({"path": str(astronaut)}, None, progress=lambda share, desc: None)
    shown = memory_of({id(block): value for block, value in updates.items()})
    chosen = page.choose(1, shown)
    assert "Face 2 in numbers" in chosen["cards"]
    assert chosen["head"]["glb"]["orig_name"] == "astronaut_face2.glb"
    assert chosen["head"]["photo"]["orig_name"] == "astronaut_face2.jpg"
    assert page.stand_in.calls == 1


def test_a_face_that_is_not_there_or_forgotten_gets_a_word(page):
    assert text.FORGOTTEN in page.choose(0, None)["status"]
    assert page.warnings == [text.FORGOTTEN]


def test_files_and_pictures_of_nothing_are_nothing(page):
    assert make_file("GLB", None) is None
    assert draw_strip(None) is None
    assert page.warnings == [text.FORGOTTEN]


def test_a_head_greets_as_soon_as_there_is_one(page, astronaut):
    before = page.tab._greeter.greet()
    page.service.warm_up(astronaut)
    after = {block.elem_id: value for block, value in page.tab._greeter.greet().items()}
    assert text.GREETING not in str(before)
    assert text.GREETING in after["status"]
    assert Path(after["head"]["glb"]["path"]).read_bytes().startswith(b"glTF")
    assert Path(after["head"]["photo"]["path"]).read_bytes().startswith(b"\xff\xd8")


def test_a_greeting_that_comes_late_leaves_a_visitors_own_head_alone(page, astronaut):
    mine, other = (SimpleNamespace(session_hash=name) for name in ("mine", "other"))
    page.tab._answer({"path": str(astronaut)}, None, progress=lambda *_, **__: None, request=mine)
    page.service.warm_up(astronaut)
    assert text.GREETING not in str(page.tab._greeter.greet("", mine))
    assert text.GREETING in str(page.tab._greeter.greet("", other))


def test_a_still_picture_stands_in_where_the_viewer_cannot_work(page, astronaut):
    page.service.warm_up(astronaut)
    greeted = {b.elem_id: v for b, v in page.tab._greeter.stand_in(True, None).items()}
    assert text.GREETING_STILL in greeted["status"] and greeted["still-head"]["visible"]
    updates = page.tab._answer({"path": str(astronaut)}, None, progress=lambda share, desc: None)
    answer = memory_of({id(block): value for block, value in updates.items()})
    answered = {b.elem_id: v for b, v in page.tab._greeter.stand_in(True, answer).items()}
    assert list(answered) == ["still-head"] and answered["still-head"]["visible"]
    assert list(page.tab._greeter.stand_in(False, answer).values()) == [gr.skip()]


def test_a_problem_is_never_html(page, tmp_path):
    path = tmp_path / "<b>x.jpg"
    path.write_bytes(b"no photo")
    shown = page.answer(path)
    assert "<b>" not in shown["status"] + page.warnings[0]
