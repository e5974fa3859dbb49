"""The part of the page that takes several photos of one person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from space import text
from space.components import Updates
from space.reconstruct.person import MOST_PHOTOS, person_of_files, photos_html
from space.reconstruct.service import Reconstruction, ReconstructionService


class SeveralPhotos:
    """An upload of several files, the result for each, and a checkbox to use all of them.

    Attributes:
        files: the uploaded files.
        keep_all: whether to use photos that seem to show another person too.
    """

    def __init__(self) -> None:
        """Creates the components; `lay_out` places them."""
        self.files = gr.File(
            label=f"Photos of one person, {MOST_PHOTOS} at most",
            file_count="multiple",
            file_types=["image"],
            height=130,
            elem_id="person-photos",
            render=False,
        )
        self.keep_all = gr.Checkbox(
            label="Use these too: all photos show one person",
            visible=False,
            container=False,
            elem_id="keep-all",
            render=False,
        )
        self._used = gr.HTML(elem_id="person-used", padding=False, render=False)

    def lay_out(self) -> None:
        """Place the components in the current Blocks."""
        with gr.Accordion("Several photos of one person", open=False, elem_id="several"):
            gr.Markdown(text.SEVERAL_PHOTOS)
            self.files.render()
            self._used.render()
            self.keep_all.render()

    @property
    def inputs(self) -> list[Any]:
        """Inputs of `answer`."""
        return [self.files, self.keep_all]

    @property
    def outputs(self) -> list[Any]:
        """Components that `answer` changes."""
        return [self._used, self.keep_all]

    @property
    def all(self) -> list[Any]:
        """All components."""
        return [self.files, *self.outputs]

    def answer(
        self, service: ReconstructionService, paths: Sequence[Path], keep_all: bool
    ) -> tuple[Reconstruction, Updates]:
        """The person's head, and the result for each photo.

        Args:
            service: of the chosen weights.
            paths: paths of the photos.
            keep_all: state of the checkbox.

        Raises:
            NoFaceFound: no photo shows a single face.
            WeightsError: the weights cannot be loaded.
        """
        reconstruction, photos = person_of_files(service, paths, keep_all=keep_all)
        doubted = any(photo.is_of_somebody_else for photo in photos)
        return reconstruction, {
            self._used: photos_html(photos),
            self.keep_all: gr.Checkbox(visible=doubted or keep_all),
        }

    def cleared(self) -> Updates:
        """Values without a result."""
        return {self._used: "", self.keep_all: gr.Checkbox(value=False, visible=False)}

    def emptied(self) -> Updates:
        """Values without a result and without photos."""
        return {self.files: None, **self.cleared()}
