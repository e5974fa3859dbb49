"""The components that show a reconstruction, and their values with and without one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.reconstruction.face import Face
from space import text
from space.components import DownloadRow, Updates, hint_status
from space.reconstruct.cards import face_cards, faces_status
from space.reconstruct.head_files import MAKERS
from space.reconstruct.pictures import STRIP, number_faces, still_head
from space.reconstruct.service import Reconstruction
from space.settings import KEEP_FILES_S
from space.viewer import HEIGHT_PX, Blocked, head_viewer, plain_viewer, shown_head


@dataclass(frozen=True, eq=False)
class Answer:
    """What the page shows, and remembers for the next click.

    Attributes:
        reconstruction: of the whole photo.
        index: of the face.
        glb: its file.
        seconds: duration of each step by its name.
        behind: the face's part of the photo, see `photo_behind`.
    """

    reconstruction: Reconstruction
    index: int
    glb: Path
    seconds: dict[str, float]
    behind: dict[str, Any] | None = None

    @property
    def face(self) -> Face:
        """The chosen one."""
        return self.reconstruction.faces[self.index]

    @property
    def number(self) -> int:
        """Of the face, counted from 1, as drawn on the photo."""
        return self.index + 1

    @property
    def stem(self) -> str:
        """How the names of its files begin: with the photo's."""
        return f"{self.reconstruction.name}_face{self.number}"


@dataclass(frozen=True, eq=False)
class ResultPanel:
    """Components in the order of the page, and a memory of the last result; see `result_panel`."""

    status: gr.HTML
    chooser: gr.Radio
    head: gr.HTML
    plain: gr.Model3D
    still: gr.Image
    downloads: DownloadRow
    details: gr.Column
    cards: gr.HTML
    numbered: gr.Image
    strip: gr.Gallery
    memory: gr.State
    blocked: gr.State

    def outputs(self) -> list[Any]:
        """Every component that an answer changes, as outputs of an event."""
        head = (self.status, self.chooser, self.head, self.plain, self.still, self.downloads.row)
        return [*head, self.details, self.cards, self.numbered, self.strip, self.memory]

    def empty(self, status: str) -> Updates:
        """A page without a result, and why."""
        return {
            self.status: status,
            self.chooser: gr.Radio(visible=False),
            self.head: None,
            self.plain: None,
            self.still: None,
            self.downloads.row: gr.Row(visible=False),
            self.details: gr.Column(visible=False),
            self.cards: "",
            self.numbered: None,
            self.strip: None,
            self.memory: None,
        }

    def filled(self, answer: Answer, blocked: Blocked) -> Updates:
        """A page with a result; the strip is drawn later.

        Args:
            answer: what to show.
            blocked: why the interactive viewer cannot work in this browser, or "".
        """
        shown = answer.reconstruction
        return {
            self.status: faces_status(shown, answer.seconds),
            self.chooser: _choices(shown.faces, answer.index),
            self.head: shown_head(answer.glb, f"3D head of face {answer.number}", answer.behind),
            **self.stand_in(answer, blocked),
            self.downloads.row: gr.Row(visible=True),
            self.details: gr.Column(visible=True),
            self.cards: face_cards(answer.face, answer.number),
            self.numbered: number_faces(shown.photo, shown.faces, answer.index),
            self.strip: None,
            self.memory: answer,
        }

    def stand_in(self, answer: Answer, blocked: Blocked) -> Updates:
        """What shows an answer's head where the viewer cannot; arguments as of `filled`."""
        return {
            self.plain: str(answer.glb) if blocked == "scripts" else None,
            self.still: still_head(answer.face) if blocked == "webgl" else None,
        }


def result_panel(beside: Callable[[], None]) -> ResultPanel:
    """Lays the panel out in the current Blocks.

    Args:
        beside: lays out what stands to the left of the head.
    """
    with gr.Row(equal_height=False, elem_id="workbench"):
        with gr.Column(scale=4, min_width=300):
            beside()
        with gr.Column(scale=8, min_width=320):
            status = gr.HTML(hint_status(text.HINT), elem_id="status")
            chooser = gr.Radio(label="Show", visible=False, elem_id="chooser")
            head = head_viewer(text.EMPTY_VIEWER, elem_id="head", greets=True)
            plain = plain_viewer("plain-head")
            still = _still_picture()
            downloads = DownloadRow(list(MAKERS), elem_id="downloads")
    with gr.Column(visible=False) as details:
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                numbered = _numbered_picture()
            with gr.Column(scale=8, min_width=320):
                cards = gr.HTML(elem_id="cards")
        strip = gr.Gallery(
            label="Pictures of the face",
            columns=len(STRIP),
            object_fit="contain",
            height="auto",
            format="jpeg",
            interactive=False,
            elem_id="strip",
            buttons=["download", "fullscreen"],
        )
    memory, blocked = gr.State(time_to_live=KEEP_FILES_S), gr.State("")
    shown = (status, chooser, head, plain, still, downloads, details, cards, numbered, strip)
    return ResultPanel(*shown, memory, blocked)


def _choices(faces: Sequence[Face], index: int) -> gr.Radio:
    choices = [(f"Face {number}", number - 1) for number in range(1, len(faces) + 1)]
    return gr.Radio(choices=choices, value=index, visible=len(faces) > 1)


def _still_picture() -> gr.Image:
    return gr.Image(
        label="3D head (a still picture: this browser has no WebGL to turn it)",
        interactive=False,
        format="jpeg",
        height=HEIGHT_PX,
        visible=False,
        elem_id="still-head",
        buttons=["download", "fullscreen"],
    )


def _numbered_picture() -> gr.Image:
    return gr.Image(
        label="Faces on the photo: click one to choose it",
        interactive=False,
        format="jpeg",
        height=360,
        elem_id="numbered",
        buttons=["download", "fullscreen"],
    )
