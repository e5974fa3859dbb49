"""The components that show a reconstruction, and their values with and without a result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.reconstruction.face import Face
from space import text
from space.components import DownloadRow, Updates, hint_status
from space.reconstruct.cards import face_cards, faces_status
from space.reconstruct.head_files import MAKERS, HeadChoices
from space.reconstruct.pictures import STRIP, number_faces, still_head
from space.reconstruct.service import Reconstruction
from space.settings import KEEP_FILES_S
from space.viewer import HEIGHT_PX, head_viewer, shown_head


@dataclass(frozen=True, eq=False)
class Answer:
    """The result that the page shows, kept for later events.

    Attributes:
        reconstruction: result for the whole photo.
        index: index of the chosen face.
        glb: file of its head.
        seconds: duration of each step by name.
        behind: the photo behind the head, see `photo_behind`.
        choices: options of the head.
        token: identifies the result after a reload of the browser tab, see `KeptAnswers`.
    """

    reconstruction: Reconstruction
    index: int
    glb: Path
    seconds: dict[str, float]
    behind: dict[str, Any] | None = None
    choices: HeadChoices = field(default_factory=HeadChoices)
    token: str = ""

    @property
    def face(self) -> Face:
        """The chosen face."""
        return self.reconstruction.faces[self.index]

    @property
    def number(self) -> int:
        """Number of the face, counted from 1, as drawn on the photo."""
        return self.index + 1

    @property
    def stem(self) -> str:
        """Stem of the file names; begins with the photo's name."""
        return f"{self.reconstruction.name}_face{self.number}"


class HeadOptionsRow:
    """The head's options, and the button that deletes the result; hidden until there is a head."""

    def __init__(self) -> None:
        with gr.Row(visible=False, elem_id="head-options", elem_classes="head-options") as self.row:
            self.hair = gr.Checkbox(
                HeadChoices().hair, label="Hair or hat", container=False, min_width=110, scale=0
            )
            self.as_photo = gr.Checkbox(
                label="Light as on the photo", container=False, min_width=180, scale=0
            )
            self.forget = gr.Button("Forget this photo", size="sm", min_width=150, scale=0)

    @property
    def boxes(self) -> list[gr.Checkbox]:
        """In the order of `HeadChoices.from_boxes`."""
        return [self.hair, self.as_photo]


@dataclass(frozen=True, eq=False)
class ResultPanel:
    """The components in page order, and the state with the last result; see `result_panel`."""

    status: gr.HTML
    chooser: gr.Radio
    beside: gr.Dropdown
    head: gr.HTML
    still: gr.Image
    options: HeadOptionsRow
    downloads: DownloadRow
    details: gr.Column
    cards: gr.HTML
    numbered: gr.Image
    strip: gr.Gallery
    kept: gr.Textbox
    edited: gr.Textbox
    memory: gr.State
    blocked: gr.State

    def outputs(self) -> list[Any]:
        """All components that a result changes, as outputs of an event."""
        head = (self.status, self.chooser, self.beside, self.head, self.still)
        rows = (self.options.row, self.downloads.row, self.details)
        return [*head, *rows, self.cards, self.numbered, self.strip, self.kept, self.memory]

    def empty(self, status: str) -> Updates:
        """Values for a page without a result, with the reason."""
        return {
            self.status: status,
            self.chooser: gr.Radio(visible=False),
            self.beside: gr.Dropdown(visible=False),
            self.head: None,
            self.still: gr.update(value=None, visible=False),
            self.options.row: gr.Row(visible=False),
            self.downloads.row: gr.Row(visible=False),
            self.details: gr.Column(visible=False),
            self.cards: "",
            self.numbered: None,
            self.strip: None,
            self.kept: "",
            self.memory: None,
        }

    def filled(self, answer: Answer) -> Updates:
        """Values for a page with a result; the strip and the still picture are drawn later."""
        shown = answer.reconstruction
        return {
            self.status: faces_status(shown, answer.seconds),
            self.chooser: _choices(shown.faces, answer.index),
            self.beside: _others(shown.faces, answer.index),
            **self.head_alone(answer),
            self.still: gr.skip(),
            self.options.row: gr.Row(visible=True),
            self.downloads.row: gr.Row(visible=True),
            self.details: gr.Column(visible=True),
            self.cards: face_cards(answer.face, answer.number),
            self.numbered: number_faces(shown.photo, shown.faces, answer.index),
            self.strip: None,
        }

    def head_alone(self, answer: Answer) -> Updates:
        """Values for a changed head; all else stays."""
        return {
            self.head: shown_head(answer.glb, f"3D head of face {answer.number}", answer.behind),
            self.kept: answer.token,
            self.memory: answer,
        }

    def stand_in(self, face: Face, choices: HeadChoices) -> Updates:
        """A still picture of this head, for browsers in which the viewer cannot run."""
        picture = still_head(face, choices.drawn)
        return {self.still: gr.update(value=picture, visible=True)}


def result_panel(beside: Callable[[], None]) -> ResultPanel:
    """Lays the panel out in the current Blocks.

    Args:
        beside: function that lays out the components left of the head.
    """
    with gr.Row(equal_height=False, elem_id="workbench"):
        with gr.Column(scale=4, min_width=300):
            beside()
        with gr.Column(scale=8, min_width=320):
            status = gr.HTML(hint_status(text.HINT), elem_id="status")
            chooser = gr.Radio(label="Show", visible=False, elem_id="chooser")
            other = gr.Dropdown(
                label="Beside it, or morphed into",
                visible=False,
                filterable=False,
                elem_id="beside",
            )
            head = head_viewer(text.EMPTY_VIEWER, elem_id="head", greets=True)
            still = _still_picture()
            options = HeadOptionsRow()
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
    memory, blocked = gr.State(time_to_live=KEEP_FILES_S), gr.State(False)
    kept = gr.Textbox(visible="hidden", label="kept", elem_id="kept")
    edited = gr.Textbox(visible="hidden", label="edited", elem_id="edited")
    above = (status, chooser, other, head, still, options, downloads)
    return ResultPanel(*above, details, cards, numbered, strip, kept, edited, memory, blocked)


def _choices(faces: Sequence[Face], index: int) -> gr.Radio:
    choices = [(f"Face {number}", number - 1) for number in range(1, len(faces) + 1)]
    return gr.Radio(choices=choices, value=index, visible=len(faces) > 1)


def _others(faces: Sequence[Face], index: int) -> gr.Dropdown:
    others = [number for number in range(1, len(faces) + 1) if number - 1 != index]
    choices = [("no other face", -1), *((f"Face {number}", number - 1) for number in others)]
    return gr.Dropdown(choices=choices, value=-1, visible=len(faces) > 1)


def _still_picture() -> gr.Image:
    return gr.Image(
        label="3D head (a still picture: this browser cannot run the interactive viewer)",
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
