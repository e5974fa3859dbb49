from types import SimpleNamespace

import gradio as gr
from PIL import Image

from space.examples import PHOTOS, photo_path
from space.reconstruct.example_gallery import THUMBNAIL_PX, chosen_example, example_gallery


def test_the_row_is_light_and_a_click_brings_the_whole_photo():
    with gr.Blocks():
        shown = example_gallery("examples").value
    pictures = [item["image"]["path"] for item in shown]
    assert len(pictures) == len(PHOTOS)
    for path in pictures:
        with Image.open(path) as picture:
            assert max(picture.size) == THUMBNAIL_PX
    assert chosen_example(SimpleNamespace(index=1)) == str(photo_path(list(PHOTOS)[1]))
