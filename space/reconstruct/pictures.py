"""The page's pictures: the photo with numbered faces, and close-ups of one face."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dasl.arrays import FloatArray, RgbImage
from dasl.export.options import HeadOptions
from dasl.pictures import PICTURES
from dasl.pictures.head import draw_head, turntable_head
from dasl.reconstruction.face import Face

ACCENT, OTHER, INK = (20, 184, 166), (203, 213, 225), (15, 23, 42)
CLOSE_UP_SIDE = 720
"""Side of close-ups; they are resized to it, so that lines look alike on all photos."""

MARGIN = 0.35
"""Border around a face's landmarks in a close-up, as a share of their extent."""

STILL_YAW_DEG, STILL_SIZE = 25.0, (640, 560)
"""For the still picture in browsers without WebGL: a three-quarter view; width and height."""

STRIP = {
    "landmarks": "68 landmarks",
    "mesh": "Dense mesh",
    "depth": "Depth",
    "normals": "Normals",
    "pncc": "PNCC",
    "uv": "UV texture",
}
"""Pictures of a face: name in `dasl.pictures` -> caption on the page."""


def strip_pictures(photo: RgbImage, face: Face) -> Iterator[tuple[str, RgbImage]]:
    """The `STRIP` of one face: close-ups, and its texture.

    Args:
        photo: (H, W, 3) uint8 RGB.
        face: a face in it.

    Yields:
        The name of a picture, and (H, 720, 3) uint8 RGB; H is 720, or a little more with a legend.
        A texture keeps its size.
    """
    square, enlarged = close_up(photo, face)  # one for all: what they share is computed once
    for name in STRIP:
        if name == "uv":  # independent of the crop, and cached with this face object
            yield name, PICTURES[name](photo, [face])
        else:
            yield name, PICTURES[name](square, [enlarged])


def still_head(face: Face, options: HeadOptions) -> RgbImage:
    """The textured head from the side, drawn on the server: (560, 640, 3) uint8 RGB."""
    return draw_head(turntable_head(face.head, options), STILL_YAW_DEG, STILL_SIZE)


def number_faces(photo: RgbImage, faces: Sequence[Face], chosen: int) -> RgbImage:
    """Copy of the photo with each face framed and numbered from 1.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: the faces in it.
        chosen: index of the face to highlight.
    """
    picture = Image.fromarray(photo)
    pencil = ImageDraw.Draw(picture)
    width = max(2, round(max(photo.shape[:2]) / 260))
    for index, face in enumerate(faces):
        colour = ACCENT if index == chosen else OTHER
        x0, y0, x1, y1 = (float(value) for value in face.box)
        pencil.rounded_rectangle((x0, y0, x1, y1), 3 * width, outline=colour, width=width)
        side = min(max(20.0, (x1 - x0) / 4, 9.0 * width), 24.0 * width)
        _number(pencil, (max(x0, 0.0), max(y0, 0.0)), side, str(index + 1), colour)
    return np.asarray(picture)


def face_at(faces: Sequence[Face], x: float, y: float) -> int:
    """Index of the face whose box contains a point of the photo, else of the nearest face."""

    def distance(face: Face) -> float:
        x0, y0, x1, y1 = (float(value) for value in face.box)
        outside = max(x0 - x, x - x1, 0.0) + max(y0 - y, y - y1, 0.0)
        return outside if outside else -1.0 / (1.0 + (x1 - x0) * (y1 - y0))

    return min(range(len(faces)), key=lambda index: distance(faces[index]))


def close_up(photo: RgbImage, face: Face) -> tuple[RgbImage, Face]:
    """The square crop around a face (side `CLOSE_UP_SIDE`), and the face in its pixels.

    Args:
        photo: (H, W, 3) uint8 RGB.
        face: a face in it.
    """
    zoom, shift = _placed(photo, face)
    placed = np.array([[zoom, 0.0, shift[0]], [0.0, zoom, shift[1]]])
    shrunk = photo if zoom >= 1 else cv2.GaussianBlur(photo, (0, 0), 0.4 / zoom)
    square = cv2.warpAffine(
        shrunk, placed, (CLOSE_UP_SIDE, CLOSE_UP_SIDE), borderMode=cv2.BORDER_REPLICATE
    )
    pose = replace(
        face.pose,
        scale=zoom * face.pose.scale,
        translation=(zoom * face.pose.translation + shift).astype(np.float32),
    )
    moved = replace(
        face,
        landmarks=_moved(face.landmarks, zoom, shift),
        box=(zoom * face.box + np.tile(shift, 2)).astype(np.float32),
        pose=pose,
    )
    return np.asarray(square, dtype=np.uint8), moved


def _placed(photo: RgbImage, face: Face) -> tuple[float, FloatArray]:
    """Scale and shift (2,) from photo pixels to close-up pixels."""
    low, high = face.landmarks[:, :2].min(axis=0), face.landmarks[:, :2].max(axis=0)
    extent, size = float((high - low).max()), np.array(photo.shape[1::-1])
    # keep the crop inside the photo if the face fits
    side = min(extent * (1 + 2 * MARGIN), max(float(size.min()), extent))
    corner = (low + high) / 2 - side / 2
    corner = np.where(size >= side, np.clip(corner, 0.0, np.maximum(size - side, 0.0)), corner)
    zoom = CLOSE_UP_SIDE / side
    # pixel centres: the corner maps to -0.5 of the result
    return zoom, (-zoom * corner + (zoom - 1) / 2).astype(np.float32)


def _moved(points: FloatArray, zoom: float, shift: FloatArray) -> FloatArray:
    moved = zoom * points
    moved[:, :2] += shift
    return moved.astype(np.float32)


def _number(
    pencil: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    side: float,
    text: str,
    colour: tuple[int, int, int],
) -> None:
    x, y = corner
    pencil.rounded_rectangle((x, y, x + side, y + side), side / 5, fill=colour)
    font = ImageFont.load_default(size=0.68 * side)
    pencil.text((x + side / 2, y + side / 2), text, fill=INK, font=font, anchor="mm")
