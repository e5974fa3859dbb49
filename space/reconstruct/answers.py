"""Builds the page's outputs from a reconstruction: head file, strip of pictures, downloads."""

import html
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from space import text
from space.problems import problem_words
from space.reconstruct.head_files import MAKERS, HeadChoices
from space.reconstruct.overlay import photo_behind
from space.reconstruct.pictures import STRIP, strip_pictures
from space.reconstruct.result_panel import Answer
from space.reconstruct.rounded_glb import round_glb
from space.reconstruct.service import Reconstruction
from space.viewer import shown_head
from space.visitor_files import visitor_folder

ONE_AT_A_TIME = "reconstruct"
"""Queue for these events; they run one at a time, the fastest way on two cores."""

PICTURES_QUEUE = "pictures"
"""Separate queue for drawing the strip, so that it does not delay the next visitor's head."""

PICTURE_WORDS = {
    "photo": "Your photo",
    "numbered": "Your photo with every face framed and numbered; click a face to choose it",
}
"""Alternative texts of the page's pictures, by component id."""


def with_head(
    reconstruction: Reconstruction, index: int, choices: HeadChoices, progress: gr.Progress
) -> Answer:
    """Writes the head of one face.

    Args:
        reconstruction: the reconstructed photo.
        index: index of the face.
        choices: options for its head.
        progress: receives the progress.
    """
    start = time.perf_counter()
    progress(0.5, desc="Making the head")
    photo, face = reconstruction.photo, reconstruction.faces[index]
    stem = f"{reconstruction.name}_face{index + 1}"
    glb = MAKERS["GLB"](photo, face, visitor_folder(), stem, choices)
    round_glb(glb)
    behind = photo_behind(photo, face, glb.with_suffix(".jpg"))
    seconds = reconstruction.seconds | {"texture and head": time.perf_counter() - start}
    return Answer(reconstruction, index, glb, seconds, behind, choices)


def made_again(answer: Answer, choices: HeadChoices, progress: gr.Progress) -> Answer:
    """The same face with other options, without a new prediction."""
    again = with_head(answer.reconstruction, answer.index, choices, progress)
    return replace(again, token=answer.token)


def put_beside(
    index: int,
    shown: Answer | None,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
) -> Any:
    """The chosen face's head together with that of another face, or alone if there is none."""
    if shown is None:
        gr.Warning(text.FORGOTTEN)
        return gr.skip()
    value = shown_head(shown.glb, f"3D head of face {shown.number}", shown.behind)
    if not 0 <= index < len(shown.reconstruction.faces):
        return value
    try:
        other = with_head(shown.reconstruction, index, shown.choices, progress)
    except Exception as error:
        gr.Warning(html.escape(problem_words(error)))
        return gr.skip()
    return value | {"beside": FileData(path=str(other.glb), orig_name=other.glb.name).model_dump()}


def draw_strip(
    shown: Answer | None,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
) -> list[tuple[Any, str]] | None:
    """The pictures of the chosen face, with their captions; none without a face."""
    if shown is None:
        return None
    try:
        pictures = strip_pictures(shown.reconstruction.photo, shown.face)
        drawn = progress.tqdm(pictures, desc="Drawing", total=len(STRIP))
        return [(picture, STRIP[name]) for name, picture in drawn]
    except Exception as error:
        gr.Warning(html.escape(problem_words(error)))
        return None


def make_file(name: str, shown: Answer | None, edited: str = "") -> Path | None:
    """The file of a download button.

    Args:
        name: name on the button.
        shown: the result that the page shows.
        edited: expression weights by name as JSON, if the visitor changed them in the viewer.
    """
    if shown is None:
        gr.Warning(text.FORGOTTEN)
        return None
    try:
        photo, folder = shown.reconstruction.photo, visitor_folder()
        choices = replace(shown.choices, expression=json.loads(edited)) if edited else shown.choices
        return MAKERS[name](photo, shown.face, folder, shown.stem, choices)
    except Exception as error:
        gr.Warning(html.escape(problem_words(error)))
        return None
