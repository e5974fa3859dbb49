"""A sheet of the faces with the largest errors, truth and prediction drawn on each photo.

The benchmark's licence does not allow publishing its photos. A sheet is therefore written only on
request, and never into the project's own folder.
"""

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from eval.atomic_files import writing
from eval.benchmarks.benchmark import PhotoFace
from eval.errors import BenchmarkError, PictureError
from eval.results.record import ProtocolResult, Score
from eval.results.units import SYMBOL, shown_value
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import CLOSED_CONTOURS, LANDMARK_COUNT, OPEN_CONTOURS
from eval.untrusted.text import printable

FORMATS = {".png": "PNG", ".jpg": "JPEG"}
FACE_COUNT, COLUMNS = 24, 6
TILE = 240  # pixels of a face's square on the sheet
SMOOTH = 2  # drawn this much larger, then reduced, for smooth lines
MARGIN, CAPTION, TITLE = 8, 22, 40  # pixels
ROOM = 1.7  # the square's side divided by the larger side of the true points' box
LARGEST_PHOTO = 64 << 20  # pixels
TRUTH_COLOUR, PREDICTED_COLOUR, PAPER, INK = "#00e676", "#ff6d00", "#ffffff", "#202020"


def worst_ids(score: Score, count: int = FACE_COUNT) -> list[str]:
    """The images with the largest errors, worst first, ties by name, without failed ones.

    Example:
        >>> worst_ids(result.headline, 3)  # doctest: +SKIP
        ['image02038', 'image01337', 'image00741']
    """
    scored = [(-error, name) for name, error in score.per_image.items() if not math.isnan(error)]
    return [name for _, name in sorted(scored)[:count]]


def write_contact_sheet(path: Path, result: ProtocolResult, faces: Sequence[PhotoFace]) -> None:
    """Draw faces in the order given, with their errors under the headline's score.

    Args:
        path: .png or .jpg; its folder must exist and lie outside the project.
        result: its errors are written below the faces.
        faces: at least one.

    Raises:
        BenchmarkError: a photo is missing or unreadable.
        PictureError: another suffix, no faces, a path inside the project, or it cannot be written.
    """
    refuse_place(path)
    if not faces:
        raise PictureError("a contact sheet needs at least one scored face, got none; score more")
    rows = math.ceil(len(faces) / COLUMNS)
    step_x, step_y = TILE + MARGIN, TILE + CAPTION + MARGIN
    size = (MARGIN + COLUMNS * step_x, TITLE + rows * step_y)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, 10), _title(result, len(faces)), INK, ImageFont.load_default(16))
    for number, face in enumerate(faces):
        x = MARGIN + number % COLUMNS * step_x
        y = TITLE + number // COLUMNS * step_y
        sheet.paste(_tile(face), (x, y))
        error = shown_value(result.headline.per_image[face.name], result.headline.unit)
        unit = SYMBOL[result.headline.unit]
        caption = f"{number + 1}. {printable(face.name, 20)}   {error:.2f} {unit}"
        draw.text((x, y + TILE + 2), caption, INK, ImageFont.load_default(14))
    stream = io.BytesIO()
    sheet.save(stream, FORMATS[path.suffix], quality=92)
    with writing(path, PictureError) as temporary:
        temporary.write_bytes(stream.getvalue())


def refuse_place(path: Path) -> None:
    """Refuse an unsuitable path for a sheet before the work is done.

    Raises:
        PictureError: another suffix, or inside a copy of this project.
    """
    if path.suffix not in FORMATS:
        raise PictureError(
            f"{path.name} must end in {' or '.join(FORMATS)}, got {path.suffix or 'no suffix'}; "
            "choose one of them"
        )
    for folder in path.resolve().parents:
        if (folder / "eval/pictures" / Path(__file__).name).is_file():
            raise PictureError(
                f"{path} lies in a copy of this project, {folder}, where the benchmark's photos "
                "must not go; choose a place outside it"
            )


def _title(result: ProtocolResult, count: int) -> str:
    return (
        f"{result.protocol}, {result.headline.label}: the {count} largest errors of "
        f"{printable(result.facts.method, 60)}; green: truth, orange: prediction"
    )


def _tile(face: PhotoFace) -> Image.Image:
    """The photo's square around the true points, with both sets of points drawn."""
    low, high = face.truth_image.min(axis=0), face.truth_image.max(axis=0)
    side = max(ROOM * float((high - low).max()), 8.0)
    corner = (low + high) / 2 - side / 2
    pixels = TILE * SMOOTH
    # PIL's coordinates have the corner of the first pixel at 0: integer centres lie at + 0.5.
    box = (corner[0] + 0.5, corner[1] + 0.5, corner[0] + side + 0.5, corner[1] + side + 0.5)
    tile = _photo(face.photo).transform(
        (pixels, pixels), Image.Transform.EXTENT, box, Image.Resampling.BICUBIC
    )
    draw = ImageDraw.Draw(tile)
    for points, colour in (
        (face.truth_image, TRUTH_COLOUR),
        (face.predicted_image, PREDICTED_COLOUR),
    ):
        _draw_points(draw, (points - corner) / side * pixels, colour)
    return tile.resize((TILE, TILE), Image.Resampling.LANCZOS)


def _draw_points(draw: ImageDraw.ImageDraw, points: Float64s, colour: str) -> None:
    """Draw contours of 68 points and a dot on each; coordinates far outside are clipped."""
    if not np.isfinite(points).all():
        return
    places = [(x, y) for x, y in np.clip(points, -1e4, 1e4).tolist()]
    if len(places) == LANDMARK_COUNT:
        for first, last in OPEN_CONTOURS:
            draw.line(places[first:last], colour, SMOOTH)
        for first, last in CLOSED_CONTOURS:
            draw.line([*places[first:last], places[first]], colour, SMOOTH)
    radius = 1.3 * SMOOTH
    for x, y in places:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _photo(path: Path) -> Image.Image:
    """A benchmark's photo; its size is checked before it is decoded."""
    try:
        with Image.open(path) as image:
            if image.width * image.height > LARGEST_PHOTO:
                raise BenchmarkError(f"{path} is {image.width} x {image.height}: not a photo")
            return image.convert("RGB")
    except FileNotFoundError as error:
        raise BenchmarkError(f"no photo {path}; unpack the benchmark again") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BenchmarkError):
            raise
        raise BenchmarkError(
            f"{path} is not a readable photo ({printable(str(error))}); copy it again"
        ) from error
