"""The pose of each head: its three axes, and the angles in degrees."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from dasl.arrays import RgbImage
from dasl.errors import check_shape
from dasl.geometry.frames import image_from_model
from dasl.pictures.legend import load_font
from dasl.reconstruction.face import Face
from dasl.reconstruction.face_pose import FacePose

_AXES_RGB = ((248, 95, 95), (74, 222, 128), (80, 160, 255))
"""x to the head's left, which is the image's right for a frontal face; y up; z forward."""
_LENGTH_M = 0.085
_OUTLINE, _PLATE, _INK = (17, 20, 26), (17, 20, 26, 190), (241, 245, 249)
_SUBPIXEL_BITS = 4
_HEAD_SHARE = 0.16
_BRIDGE = 27
"""The landmark at the root of the nose, the origin of the axes."""


def draw_pose(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """Copy of the photo with each head's axes at the root of its nose, and its angles as text.

    Red: x of the model frame, to the image's right for a frontal face. Green: y, up. Blue: z, out
    of the face. Yaw is positive with the nose to the image's left, pitch with the nose up, roll
    with the head leaning to the image's left.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: found on this photo.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    check_shape("photo", photo, "H", "W", 3)
    picture = np.ascontiguousarray(photo).copy()
    for face in faces:
        _draw_axes(picture, face)
    return _with_angles(picture, faces) if faces else picture


def axis_ends_image(pose: FacePose) -> npt.NDArray[np.float32]:
    """Ends of the axes relative to their origin: (3, 3) pixels, image frame."""
    at_origin = replace(pose.as_batch(), translation=np.zeros((1, 2), dtype=np.float32))
    return image_from_model(_LENGTH_M * np.eye(3, dtype=np.float32)[None], at_origin)[0]


def _draw_axes(picture: RgbImage, face: Face) -> None:
    start = face.landmarks[_BRIDGE, :2]
    ends = axis_ends_image(face.pose)
    thickness = max(1, round(_LENGTH_M * face.pose.scale / 26))
    # farther ones first; those towards the viewer cover them
    for axis in np.argsort(ends[:, 2]).tolist():
        end = start + ends[axis, :2]
        for colour, width in ((_OUTLINE, thickness + 2), (_AXES_RGB[axis], thickness)):
            _draw_arrow(picture, start, end, colour, width)


def _draw_arrow(
    picture: RgbImage,
    start: npt.NDArray[np.float32],
    end: npt.NDArray[np.float32],
    colour: tuple[int, int, int],
    thickness: int,
) -> None:
    first, last = (
        tuple(np.round(point * 2**_SUBPIXEL_BITS).astype(int).tolist()) for point in (start, end)
    )
    cv2.arrowedLine(
        picture, first, last, colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS, _HEAD_SHARE
    )


def _with_angles(picture: RgbImage, faces: Sequence[Face]) -> RgbImage:
    image = Image.fromarray(picture)
    pencil = ImageDraw.Draw(image, "RGBA")
    for face in faces:
        pose, points = face.pose, face.landmarks[:, :2]
        text = f"yaw {pose.yaw_deg:z.0f}°  pitch {pose.pitch_deg:z.0f}°  roll {pose.roll_deg:z.0f}°"
        extent = float(np.ptp(points, axis=0).max())
        font = load_font(min(max(0.085 * extent, 11.0), image.width / 12))
        left, top, right, bottom = pencil.textbbox((0, 0), text, font=font)
        width, height, pad = right - left, bottom - top, 0.35 * (bottom - top)
        x = float(points[:, 0].mean() - width / 2)
        y = float(points[:, 1].max() + 0.08 * extent)
        x = min(max(x, pad), max(image.width - width - pad, pad))
        y = min(max(y, pad), max(image.height - height - pad, pad))
        plate = (x - pad, y - pad, x + width + pad, y + height + pad)
        pencil.rounded_rectangle(plate, pad, fill=_PLATE)
        pencil.text((x - left, y - top), text, fill=_INK, font=font)
    return np.asarray(image)
