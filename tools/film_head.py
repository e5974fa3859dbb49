"""Records the animated head in the demo's viewer, for the documentation.

    python -m tools.film_head                                  # docs/head.webp
    python -m tools.film_head --photo me.jpg --output me.webp

The viewer's "Play" is stepped through once, frame by frame; the animation loops seamlessly.
"""

import argparse
import io
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from space.examples import photo_path
from tools.demo_browser import ROOT, chromium, running_demo

OUTPUT = ROOT / "docs" / "head.webp"
SIDE, FRAMES_PER_S = 420, 15
QUALITIES = (80, 70, 60, 50, 40, 30)
LARGEST_FILE = 1_200_000
WAIT_MS = 120_000
ONLY_THE_STAGE = f"""
.hv-corner, .hv-photo {{ display: none !important; }}
#head .hv.hv .hv-stage {{ width: {SIDE}px; height: {SIDE}px; }}
"""
STEP = """(viewer, time_s) => new Promise((done) => {
  viewer.swayAt(time_s);
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, default=photo_path("astronaut"))
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    content = small_film(filmed(options.photo))
    options.output.write_bytes(content)
    print(f"{options.output}  {len(content) / 1000:.0f} kB")


def filmed(photo: Path) -> list[Image.Image]:
    """The frames of one turn through the expressions."""
    with running_demo() as demo, chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(WAIT_MS)
        page.goto(demo.url)
        page.set_input_files("#photo input[type=file]", photo)
        page.wait_for_selector("#status .done")
        page.wait_for_selector("#head head-viewer.has-head")
        page.add_style_tag(content=ONLY_THE_STAGE)
        viewer, stage = page.locator("#head head-viewer"), page.locator("#head .hv-stage")
        page.wait_for_timeout(500)
        viewer.evaluate("viewer => viewer.stage.resetView()")
        length_s = viewer.evaluate("viewer => viewer.swayAt(0)")
        frames = []
        for index in tqdm(range(round(length_s * FRAMES_PER_S)), unit="frame"):
            viewer.evaluate(STEP, index / FRAMES_PER_S)
            frames.append(Image.open(io.BytesIO(stage.screenshot())).convert("RGB"))
        return frames


def small_film(frames: list[Image.Image]) -> bytes:
    """The frames as a looping WebP, in the best quality within the size limit."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        frames[0].save(
            buffer,
            "WEBP",
            save_all=True,
            append_images=frames[1:],
            duration=round(1000 / FRAMES_PER_S),
            loop=0,
            quality=quality,
            method=4,
        )
        if buffer.tell() <= LARGEST_FILE:
            break
    return buffer.getvalue()


if __name__ == "__main__":
    main()
