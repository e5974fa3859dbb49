"""Measures how well the outlines of heads, with hair and without, match outlines drawn by hand.

python -m tools.evaluate_outlines                # the free examples
python -m tools.evaluate_outlines --root DATA    # and portraits 051-066 of DATA/portraits

Method: `tools/outlines.json` holds, for each photo, the outline of head, hair and hat as a polygon,
and the lowest point of the chin, both drawn by hand, in the photo's pixels. The head is drawn in
the photo's pose with its expression. The score is the intersection over union (IoU) of the two
areas above the line through the chin perpendicular to the fitted head's axis. No automatic
segmentation is used as truth.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dasl import Face
from dasl.export.options import HeadOptions
from tools.marked_photos import ROOT, marked_photos

OUTLINES = ROOT / "tools/outlines.json"
_SUBPIXEL_BITS = 4

Mask = NDArray[np.bool_]


def main() -> int:
    """Command line entry; returns the exit status."""
    rows = []
    for name, drawn, photo, face in marked_photos(__doc__, OUTLINES):
        without, with_hair = outline_iou(photo.shape[:2], face, drawn)
        rows.append((without, with_hair))
        tqdm.write(f"{name:12s} without hair {without:.3f}   with hair {with_hair:.3f}")
    for title, choose in (("mean", np.mean), ("worst", np.min)):
        without, with_hair = choose(np.array(rows), axis=0)
        print(f"{title:12s} without hair {without:.3f}   with hair {with_hair:.3f}")
    return 0


def outline_iou(shape: tuple[int, ...], face: Face, drawn: dict[str, list]) -> tuple[float, float]:
    """The IoU (see above) of the head without and with hair.

    Args:
        shape: rows and columns of the photo.
        face: on that photo.
        drawn: "outline", points x, y in photo pixels; and "chin", one point.
    """
    up = face.pose.rotation[:2, 1] * (1.0, -1.0)
    rows, columns = np.indices(shape)
    chin_x, chin_y = drawn["chin"]
    above = (columns - chin_x) * up[0] + (rows - chin_y) * up[1] > 0
    wanted = _filled(shape, [np.array(drawn["outline"], dtype=np.float64)]) & above
    shown = [silhouette(shape, face, hair) & above for hair in (False, True)]
    without, with_hair = (float((a & wanted).sum() / (a | wanted).sum()) for a in shown)
    return without, with_hair


def silhouette(shape: tuple[int, ...], face: Face, hair: bool) -> Mask:
    """Mask of the fitted head, with or without hair, on a photo of (rows, columns)."""
    options, head = HeadOptions(align="camera", hair=hair), face.head
    meshes = [head.shaped_mesh(options)]
    if (found := head.chosen_hair(options)) is not None:
        meshes.append(head.shaped_hair(found, options))
    polygons: list[NDArray[np.float64]] = []
    for mesh in meshes:
        at = mesh.vertices[:, :2] * (1.0, -1.0) * face.pose.scale + face.pose.translation
        polygons.extend(at[mesh.triangles].astype(np.float64))
    return _filled(shape, polygons)


def _filled(shape: tuple[int, ...], polygons: list[NDArray[np.float64]]) -> Mask:
    mask = np.zeros(shape, dtype=np.uint8)
    for polygon in polygons:
        points = np.rint(polygon * 2**_SUBPIXEL_BITS).astype(np.int32)
        cv2.fillPoly(mask, [points], (1,), cv2.LINE_8, _SUBPIXEL_BITS)
    return mask > 0


if __name__ == "__main__":
    raise SystemExit(main())
