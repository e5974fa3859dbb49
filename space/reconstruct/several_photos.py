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
    """An upload of many files, what became of each, and a way to overrule that.

    Attributes:
        files: uploaded.
        keep_all: whether all photos count, whomever they seem to show.
    """

    def __init__(self, service: ReconstructionService) -> None:
        """Makes the components; `lay_out` places them.

        Args:
            service: shared by all visitors.
        """
        self._service = service
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
        """Inside the current Blocks."""
        with gr.Accordion("Several photos of one person", open=False, elem_id="several"):
            gr.Markdown(text.SEVERAL_PHOTOS)
            self.files.render()
            self._used.render()
            self.keep_all.render()

    @property
    def inputs(self) -> list[Any]:
        """Of an answer."""
        return [self.files, self.keep_all]

    @property
    def outputs(self) -> list[Any]:
        """What an answer changes."""
        return [self._used, self.keep_all]

    @property
    def all(self) -> list[Any]:
        """Every component."""
        return [self.files, *self.outputs]

    def answer(self, paths: Sequence[Path], keep_all: bool) -> tuple[Reconstruction, Updates]:
        """The person's head, and what became of each photo.

        Args:
            paths: of the photos.
            keep_all: as ticked.

        Raises:
            NoFaceFound: no photo shows a single face.
            WeightsError: the weights cannot be loaded.
        """
        reconstruction, photos = person_of_files(self._service, paths, keep_all=keep_all)
        doubted = any(photo.is_of_somebody_else for photo in photos)
        return reconstruction, {
            self._used: photos_html(photos),
            self.keep_all: gr.Checkbox(visible=doubted or keep_all),
        }

    def cleared(self) -> Updates:
        """Without an answer."""
        return {self._used: "", self.keep_all: gr.Checkbox(value=False, visible=False)}

    def emptied(self) -> Updates:
        """Without photos, too."""
        return {self.files: None, **self.cleared()}
