"""The components that show a reconstruction, and their values with and without one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.face import Face
from space import text
from space.cards import face_cards, found_status, hint_status
from space.head_files import HeadFiles
from space.pictures import FacePictures
from space.service import Reconstruction
from space.settings import KEEP_FILES_S
from space.viewer import head_viewer

Updates = dict[Any, Any]
"""Component -> its new value."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What the page shows of one face.

    Attributes:
        reconstruction: of the whole photo.
        index: of the face.
        pictures: drawn for it.
        files: made of it.
        seconds: duration of each step by its name.
    """

    reconstruction: Reconstruction
    index: int
    pictures: FacePictures
    files: HeadFiles
    seconds: dict[str, float]


@dataclass(frozen=True, eq=False)
class ResultPanel:
    """Components in the order of the page, and a memory of the last result; see `result_panel`."""

    status: gr.HTML
    chooser: gr.Radio
    head: gr.Model3D
    glb: gr.DownloadButton
    obj: gr.DownloadButton
    json: gr.DownloadButton
    details: gr.Column
    cards: gr.HTML
    numbered: gr.Image
    landmarks: gr.Image
    dense: gr.Image
    memory: gr.State

    def outputs(self) -> list[Any]:
        """Every component, as outputs of an event."""
        return list(vars(self).values())

    def empty(self, status: str) -> Updates:
        """A page without a result, and why."""
        return {
            self.status: status,
            self.chooser: gr.Radio(visible=False),
            self.head: None,
            **{button: gr.DownloadButton(visible=False) for button in self._buttons()},
            self.details: gr.Column(visible=False),
            self.cards: "",
            **dict.fromkeys((self.numbered, self.landmarks, self.dense)),
            self.memory: None,
        }

    def filled(self, shown: Shown) -> Updates:
        """A page with a result."""
        found, files, pictures = shown.reconstruction, shown.files, shown.pictures
        paths = (files.glb, files.obj_zip, files.json)
        return {
            self.status: found_status(found, shown.seconds),
            self.chooser: _choices(found.faces, shown.index),
            self.head: str(files.glb),
            **{b: _ready(path) for b, path in zip(self._buttons(), paths, strict=True)},
            self.details: gr.Column(visible=True),
            self.cards: face_cards(found.faces[shown.index], shown.index + 1),
            self.numbered: pictures.numbered,
            self.landmarks: pictures.landmarks,
            self.dense: pictures.dense,
            self.memory: found,
        }

    def _buttons(self) -> tuple[gr.DownloadButton, ...]:
        return self.glb, self.obj, self.json


def result_panel(beside: Callable[[], None]) -> ResultPanel:
    """Lays the panel out in the current Blocks.

    Args:
        beside: lays out what stands to the left of the head.
    """
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            beside()
        with gr.Column(scale=6, min_width=300):
            status = gr.HTML(hint_status(text.HINT), elem_id="status")
            chooser = gr.Radio(label="Show", visible=False, elem_id="chooser")
            head = head_viewer()
            with gr.Row():
                glb = gr.DownloadButton("Download GLB", variant="primary", visible=False)
                obj = gr.DownloadButton("Download OBJ (zip)", visible=False)
                json = gr.DownloadButton("Download JSON", visible=False)
    with gr.Column(visible=False) as details:
        cards = gr.HTML(elem_id="cards")
        with gr.Row():
            numbered = _picture("Faces on the photo", "numbered")
            landmarks = _picture("68 landmarks", "landmarks")
            dense = _picture("Dense surface", "dense")
    memory = gr.State(time_to_live=KEEP_FILES_S)
    pictures = (numbered, landmarks, dense)
    return ResultPanel(status, chooser, head, glb, obj, json, details, cards, *pictures, memory)


def _choices(faces: Sequence[Face], index: int) -> gr.Radio:
    choices = [(f"Face {number}", number - 1) for number in range(1, len(faces) + 1)]
    return gr.Radio(choices=choices, value=index, visible=len(faces) > 1)


def _ready(path: Path) -> gr.DownloadButton:
    return gr.DownloadButton(value=str(path), visible=True)


def _picture(label: str, name: str) -> gr.Image:
    return gr.Image(
        label=label,
        interactive=False,
        format="jpeg",
        height=360,
        elem_id=name,
        buttons=["download", "fullscreen"],
    )
