import io

import numpy as np
from PIL import Image

from space.page import build_demo
from space.reconstruct.service import ReconstructionService
from tools.screenshots import LARGEST_FILE, TABS, small_webp


def test_every_tab_of_the_page_is_taken(tmp_path):
    demo = build_demo(ReconstructionService(lambda: None), tmp_path)
    tabs = [block.label for block in demo.blocks.values() if block.get_block_name() == "tabitem"]
    assert tabs == list(TABS)


def test_a_picture_is_as_good_as_fits():
    noise = np.random.default_rng(1).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    content = small_webp(Image.fromarray(noise))
    assert len(content) <= LARGEST_FILE
    assert Image.open(io.BytesIO(content)).size == (400, 400)
