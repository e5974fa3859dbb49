"""The demo as `python app.py` starts it, with its weights, in a real browser."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pygltflib import GLTF2

from dasl.photo.load import load_photo
from dasl.video import Frame
from dasl.video.overlay import write_film
from dasl.weights.folder import EMBEDDED_FOLDER
from tests.space.visit import Visit, open_page
from tools.demo_browser import running_demo

pytestmark = pytest.mark.long


@pytest.mark.skipif(
    not EMBEDDED_FOLDER.is_dir(),
    reason="dasl/assets/lite0 is missing: the weights are not embedded",
)
def test_the_real_demo_greets_with_a_head_and_answers_a_photo_and_a_clip(
    browser, astronaut, tmp_path
):
    with (
        running_demo(DASL_WEIGHTS="") as demo,
        closing(Visit(open_page(browser), demo.url)) as visit,
    ):
        visit.answer(astronaut)
        head = visit.settled_stage()
        height, width = head.shape[:2]
        middle = head[height // 3 : -height // 3, 2 * width // 5 : -2 * width // 5]
        assert middle.reshape(-1, 3).std(axis=0).min() > 10  # a photo's texture, not one colour
        assert visit.status("done") == "1 face found."
        assert "facing the camera" in visit.page.locator("#cards").inner_text()
        check_video_tab(visit, short_clip(astronaut, tmp_path / "short.mp4"), tmp_path)
        # In a tab of its own: this one keeps its head.
        with closing(Visit(open_page(browser), demo.url)) as greeted:
            greeted.page.wait_for_selector("#head head-viewer.has-head")  # the example's
            assert "first example" in greeted.status("hint")
            beside = greeted.loaded_picture("#head .hv-photo img")  # the photo that it came from
            assert beside.evaluate("image => image.naturalWidth") > 100
            greeted.page.locator("#head [data-do=overlay]").click()
            greeted.page.get_by_label("From the head to the photo").wait_for()
            assert visit.hosts() == greeted.hosts() == {"127.0.0.1"}


def check_video_tab(visit: Visit, clip: Path, folder: Path) -> None:
    visit.page.get_by_role("tab", name="Video").click()
    visit.page.set_input_files("#clip input[type=file]", clip)
    visit.page.wait_for_selector("#clip-head head-viewer.has-head")
    assert (
        visit.page.locator("#clip-status .done span").inner_text().startswith("Person 1: 8 frames")
    )
    visit.page.wait_for_selector("#film video")
    visit.page.locator("#clip-head [data-do=run]").click()  # pause
    time_slider = visit.page.locator("#clip-head .hv-timeline input")
    time_slider.press("Home")
    first = visit.settled_stage("#clip-head")
    time_slider.press("End")
    visit.stage_that_differs(first, 0.01, "#clip-head")
    glb = GLTF2().load(str(visit.download("#clip-downloads", "GLB", folder)))
    paths = {channel.target.path for channel in glb.animations[0].channels}
    assert paths == {"rotation", "translation", "scale", "weights"}
    table = visit.download("#clip-downloads", "CSV", folder).read_text().splitlines()
    assert len(table) == 1 + 8


def short_clip(photo: Path, path: Path) -> Path:
    """Eight frames of a photo that moves to the left, half a second long."""
    pixels = load_photo(photo)[:320]
    moved = (np.ascontiguousarray(pixels[:, 12 * n : 12 * n + 400]) for n in range(8))
    return write_film(path, (Frame(n, n / 15, part) for n, part in enumerate(moved)))
