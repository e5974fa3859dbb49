"""Make `space/examples/`: portraits in the public domain, and CREDITS.md with their sources.

The pictures come from packages; nothing is downloaded here: PyPI `scikit-image` and
`matplotlib`, and Debian `wordpress-theme-twentytwentyfive` and `-twentytwentyone` (apt-get
download them, unpack both with dpkg-deb -x into one folder, and name its folder `themes`).

    python tools/fetch_examples.py --themes FOLDER [--output space/examples]
"""

import argparse
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

LONGEST_SIDE = 768
LARGEST_FILE = 150_000
JPEG_QUALITY = 90

THEME = "Debian wordpress-theme-twentytwentyfive 6.8.7+dfsg1-0+deb13u1"
OLDER_THEME = "Debian wordpress-theme-twentytwentyone 6.1.9+dfsg1-0+deb12u1"
SCIKIT_IMAGE = "PyPI scikit-image 0.26.0"
MATPLOTLIB = "PyPI matplotlib 3.11.2"


@dataclass(frozen=True)
class Example:
    """One example photo: source, crop and licence."""

    name: str
    package: str
    path: str
    sha256: str
    crop: tuple[int, int, int, int] | None
    about: str
    licence: str
    link: str


EXAMPLES = (
    Example(
        name="astronaut",
        package=SCIKIT_IMAGE,
        path="data/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        crop=None,
        about="Eileen Collins, NASA astronaut; official portrait. Smiling, almost frontal.",
        licence='"No known copyright restrictions, released into the public domain." '
        "(docstring of `skimage.data.astronaut`; a work of NASA)",
        link="https://flic.kr/p/r9qvLn",
    ),
    Example(
        name="hopper",
        package=MATPLOTLIB,
        path="mpl-data/sample_data/grace_hopper.jpg",
        sha256="a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        crop=None,
        about="Grace Hopper, computer scientist and US Navy officer; the Navy's portrait. "
        "Aged, with glasses and cap.",
        licence='"public domain images of Ada Lovelace and Grace Murray Hopper" '
        "(https://github.com/matplotlib/matplotlib/pull/1599; a work of the US Navy)",
        link="http://commons.wikimedia.org/wiki/File:Grace_Hopper.jpg",
    ),
    Example(
        name="vash_gon",
        package=THEME,
        path="assets/images/vash-gon-square.webp",
        sha256="cd002e55371e7992b699db416113475bc4752968b15ac7297a42b1c533649876",
        crop=None,
        about="Vash Gon, Jicarilla Apache, by Edward S. Curtis. Profile.",
        licence='"Free public domain CC0 image." (readme.txt of the package)',
        link="https://www.rawpixel.com/image/14262822",
    ),
    Example(
        name="woman_sebah",
        package=THEME,
        path="assets/images/agenda-img-4.webp",
        sha256="725cd8af715cb5aa4acfc49b6a0e1361bdad5d93300f5fc8dcbfd4131d95c5b7",
        crop=(150, 0, 580, 430),
        about='"African Woman", by Pascal Sébah and Jean Pascal Sébah, 19th century. '
        "Frontal, with jewellery across nose and cheek.",
        licence='"Free public domain CC0 image." (readme.txt of the package)',
        link="https://www.rawpixel.com/image/14263497",
    ),
    Example(
        name="washington_square",
        package=THEME,
        path="assets/images/hero-podcast.webp",
        sha256="e5a6f88a6d7a96402bfc374805f9ecc4eefc8741e46785faecad1f4c03b1d620",
        crop=None,
        about='"New York [Portrait - Washington Square]", by Paul Strand. '
        "Aged, three-quarter view, hat, hard light.",
        licence='"Free public domain CC0 image." (readme.txt of the package)',
        link="https://www.rawpixel.com/image/14264288",
    ),
    Example(
        name="young_woman_in_mauve",
        package=OLDER_THEME,
        path="assets/images/young-woman-in-mauve.jpg",
        sha256="14a97212559694b078f618c79dfcb2b508519b18e11f5c38ea7dedb4c3efd4a8",
        crop=(150, 40, 770, 660),
        about='"Young Woman in Mauve", painted by Berthe Morisot (1841-1895). Almost frontal.',
        licence='"Art by Berthe Morisot 1841-1895. Public domain." (readme.txt of the package)',
        link="https://www.wikiart.org/en/berthe-morisot/young-woman-in-mauve",
    ),
)

HEADER = """# Example photos

All are in the public domain or CC0. Written by `tools/fetch_examples.py`, which says how each
file was made: cropped where noted, scaled to at most {side} pixels, saved as JPEG.
"""

CLIP = """## moving_head.mp4

Rendered head that turns, nods and speaks, made from astronaut.jpg above.

- Licence: "No known copyright restrictions, released into the public domain.", as that photo
- Made by: `python -m tools.moving_head space/examples/moving_head.mp4 --seconds 4 --size 640x480 \
--noise 0`
"""


def package_folders(themes: Path) -> dict[str, Path]:
    """Folder of each package: the given one for themes, the installed one for the others."""
    folders = {THEME: themes / "twentytwentyfive", OLDER_THEME: themes / "twentytwentyone"}
    for package, module in ((SCIKIT_IMAGE, "skimage"), (MATPLOTLIB, "matplotlib")):
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed: pip install {package.split()[1]}")
        folders[package] = Path(spec.origin).parent
    return folders


def make_photo(example: Example, source: Path) -> Image.Image:
    """The cropped source, RGB, at most LONGEST_SIDE pixels on each side."""
    actual = hashlib.sha256(source.read_bytes()).hexdigest()
    if actual != example.sha256:
        raise SystemExit(f"{source}: sha256 is {actual}, wanted {example.sha256}: another version?")
    with Image.open(source) as opened:
        photo = opened.convert("RGB")
    if example.crop is not None:
        photo = photo.crop(example.crop)
    photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return photo


def credits_text() -> str:
    """The text of CREDITS.md."""
    parts = [HEADER.format(side=LONGEST_SIDE)]
    for example in EXAMPLES:
        crop = "" if example.crop is None else f", cropped to {example.crop}"
        parts.append(
            f"## {example.name}.jpg\n\n{example.about}\n\n"
            f"- Licence: {example.licence}\n"
            f"- Source: {example.link}\n"
            f"- Taken from: {example.package}, `{example.path}`{crop}\n"
        )
    return "\n".join([*parts, CLIP])


def main() -> None:
    """Write the photos and CREDITS.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--themes", type=Path, required=True, help="folder of the themes")
    parser.add_argument("--output", type=Path, default=Path("space/examples"))
    arguments = parser.parse_args()
    folders = package_folders(arguments.themes)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES:
        photo = make_photo(example, folders[example.package] / example.path)
        target = arguments.output / f"{example.name}.jpg"
        photo.save(target, quality=JPEG_QUALITY, optimize=True)
        size = target.stat().st_size
        if size > LARGEST_FILE:
            raise SystemExit(f"{target} has {size} bytes, at most {LARGEST_FILE}: crop it")
        print(f"{target}  {photo.width}x{photo.height}  {size} bytes")
    (arguments.output / "CREDITS.md").write_text(credits_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
