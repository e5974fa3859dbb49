"""The example photos as a row of thumbnails; a click loads one."""

from pathlib import Path

import gradio as gr
from PIL import Image

from space.examples import PHOTOS, photo_path

THUMBNAIL_PX = 200


def photo_box() -> gr.Image:
    """Where the visitor's photo goes; not placed yet."""
    return gr.Image(
        label="Photo",
        sources=["upload", "webcam", "clipboard"],
        height=360,
        elem_id="photo",
        render=False,
    )


def example_gallery(elem_id: str) -> gr.Gallery:
    """Lays the row out; `chosen_example` returns the clicked photo.

    Args:
        elem_id: HTML id of the component.
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
    """The photo of the clicked thumbnail."""
    return str(photo_path(list(PHOTOS)[event.index]))


def _thumbnail(photo: Path) -> Image.Image:
    """Thumbnails, so that the page loads fast."""
    with Image.open(photo) as opened:
        small = opened.convert("RGB")
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return small
