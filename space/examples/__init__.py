"""The example photos and clip in this folder, with the words that name them."""

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
"""Stem of the file -> what is on it, also for those who do not see it."""

CLIP = FOLDER / "moving_head.mp4"
"""A rendered head that turns, nods and speaks."""


def photo_path(name: str) -> Path:
    """File of one of the `PHOTOS`."""
    return FOLDER / f"{name}.jpg"
