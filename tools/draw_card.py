"""Draws what a link to the demo shows: three example photos, and their heads below.

python -m tools.draw_card        # space/web/card.jpg, 1200 x 630
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from dasl import FaceReconstructor
from dasl.photo.load import load_photo
from dasl.pictures.head import WITH_HAIR, draw_head, turntable_head
from dasl.pictures.legend import load_font
from space.examples import photo_path
from space.page.served import CARD
from space.reconstruct.pictures import close_up

WIDTH, HEIGHT = 1200, 630
NAMES, YAWS_DEG = ("astronaut", "vash_gon", "woman_sebah"), (-28.0, 25.0, -25.0)
PAPER, INK, SOFT = (226, 233, 241), (15, 23, 42), (71, 85, 105)
LEFT, TOP, CELL, GAP, PHOTO = 470, 40, 226, 12, 226
TITLE = ("One photo in,", "a 3D head out")
WORDS = ("Turn it, light it, let it smile,", "and take it home.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=CARD, help="default: space/web/card.jpg")
    options = parser.parse_args()
    card = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pencil = ImageDraw.Draw(card)
    for line, words in enumerate(TITLE):
        pencil.text((48, 180 + 66 * line), words, fill=INK, font=load_font(56))
    for line, words in enumerate(WORDS):
        pencil.text((48, 350 + 38 * line), words, fill=SOFT, font=load_font(28))
    reconstructor = FaceReconstructor.from_pretrained()
    for column, (name, yaw_deg) in enumerate(zip(NAMES, YAWS_DEG, strict=True)):
        photo = load_photo(photo_path(name))
        face = reconstructor(photo, strict=True)[0]
        x = LEFT + column * (CELL + GAP)
        close, _ = close_up(photo, face)
        card.paste(
            Image.fromarray(close).resize((PHOTO, PHOTO), Image.Resampling.LANCZOS), (x, TOP)
        )
        size = (2 * CELL, 2 * 300)
        head = Image.fromarray(
            on_paper(draw_head(turntable_head(face.head, WITH_HAIR), yaw_deg, size))
        )
        card.paste(head.resize((CELL, 300), Image.Resampling.LANCZOS), (x, TOP + PHOTO + 20))
    card.save(options.output, quality=86, optimize=True)
    print(f"{options.output}  {options.output.stat().st_size / 1000:.0f} kB")


def on_paper(picture: np.ndarray) -> np.ndarray:
    """The backdrop of a drawn head, which is the colour of its corner, as the card's."""
    backdrop = np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) < 3
    return np.where(backdrop[..., None], np.uint8(PAPER), picture)


if __name__ == "__main__":
    main()
