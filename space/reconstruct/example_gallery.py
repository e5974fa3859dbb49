"""The example photos as a row of small pictures; a click brings one."""

from pathlib import Path

import gradio as gr
from PIL import Image

from space.examples import PHOTOS, photo_path

THUMBNAIL_PX = 200


def example_gallery(elem_id: str) -> gr.Gallery:
    """Lays the row out; `chosen_example` tells which one was clicked.

    Args:
        elem_id: of the component in the page.
    """
    return gr.Gallery(
        [(_thumbnail(photo_path(name)), words) for name, words in PHOTOS.items()],
        label="Examples",
        columns=len(PHOTOS),
        height="auto",
        object_fit="cover",
        allow_preview=False,
        interactive=False,
        buttons=[],
        format="jpeg",
        elem_id=elem_id,
    )


def chosen_example(event: gr.SelectData) -> str:
    """The photo behind the picture that was clicked."""
    return str(photo_path(list(PHOTOS)[event.index]))


def _thumbnail(photo: Path) -> Image.Image:
    """Small, so that the page is there soon."""
    with Image.open(photo) as opened:
        small = opened.convert("RGB")
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return small
