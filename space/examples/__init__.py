"""The example photos and clip in this folder, with their descriptions."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent

PHOTOS = {
    "astronaut": "Eileen Collins, astronaut: smiling, frontal",
    "hopper": "Grace Hopper, computer scientist: glasses and cap",
    "washington_square": "Man at Washington Square, New York: hat, hard light",
    "young_woman_in_mauve": "Young woman in mauve, painted by Berthe Morisot",
    "woman_sebah": "Woman with jewellery across nose and cheek",
    "vash_gon": "Vash Gon, Jicarilla Apache: profile",
}
"""Stem of the file -> description of the photo, also used as alternative text."""

CLIP = FOLDER / "moving_head.mp4"
"""A rendered head that turns, nods and speaks."""


def photo_path(name: str) -> Path:
    """Path of one of the `PHOTOS`."""
    return FOLDER / f"{name}.jpg"
