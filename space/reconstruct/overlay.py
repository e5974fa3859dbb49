"""The photo behind a head: a close-up as a file, and the head's position on it."""

from pathlib import Path
from typing import Any

from gradio.data_classes import FileData
from PIL import Image

from dasl.arrays import RgbImage
from dasl.reconstruction.face import Face
from space.reconstruct.pictures import CLOSE_UP_SIDE, close_up

QUALITY = 82


def photo_behind(photo: RgbImage, face: Face, path: Path) -> dict[str, Any]:
    """The photo that the viewer shows behind a head; part of `shown_head`.

    Args:
        photo: (H, W, 3) uint8 RGB.
        face: a face in it.
        path: path of the .jpg close-up to write.

    Returns:
        `photo`, the file, and `view`: rotation from model to view (3, 3), scale in pixels per
        metre, translation (2,) and the side, all in pixels of the close-up.
    """
    square, placed = close_up(photo, face)
    Image.fromarray(square).save(path, quality=QUALITY)
    pose = placed.pose
    view = {
        "rotation": pose.rotation.tolist(),
        "scale": float(pose.scale),
        "translation": pose.translation.tolist(),
        "side": CLOSE_UP_SIDE,
    }
    return {"photo": FileData(path=str(path), orig_name=path.name).model_dump(), "view": view}
