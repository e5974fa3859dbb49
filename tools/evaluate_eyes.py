"""Measures how well the eyes of heads match points placed on photos by hand.

python -m tools.evaluate_eyes                # the free example
python -m tools.evaluate_eyes --root DATA    # and portraits of DATA/portraits

Method: `tools/eye_points.json` holds, for each eye, the centre of the iris and the edges of the
upper and lower lid above and below it, placed by hand, in the photo's pixels. "right" is the
person's right eye. The head is drawn in the photo's pose, as it is exported; its lids' distance is
measured at its own iris. Signs: positive is down and to the right. All figures are millimetres of
the head. The parameters of `dasl.texture.eyes` and `dasl.texture.lids` were set on these photos.
"""

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dasl import Face
from dasl.geometry.coefficients import Coefficients
from dasl.head.projection import vertices_image
from dasl.texture.eyes import Eye, align_eyes
from dasl.texture.photo import PosedHead
from tools.marked_photos import ROOT, marked_photos

POINTS = ROOT / "tools/eye_points.json"
SIDES = {"right": -1, "left": 1}
COLUMNS = ("gap photo", "gap head", "gap fitted", "iris x", "iris y")


def main() -> int:
    """Command line entry; returns the exit status."""
    rows = []
    print(f"{'photo':16s}" + "".join(f"{column:>12s}" for column in COLUMNS))
    for name, placed, _, face in marked_photos(__doc__, POINTS):
        for side, row in eye_figures_mm(face, placed).items():
            rows.append(row)
            tqdm.write(f"{f'{name} {side}':16s}" + "".join(f"{figure:12.1f}" for figure in row))
    figures = np.array(rows)
    print(f"{'mean':16s}" + "".join(f"{figure:12.2f}" for figure in figures.mean(axis=0)))
    photo_gap, head_gap, fitted_gap, x, y = figures.T
    print(
        f"{len(rows)} eyes: error of the lids' distance {np.abs(head_gap - photo_gap).mean():.2f}, "
        f"as fitted {np.abs(fitted_gap - photo_gap).mean():.2f}; "
        f"of the iris {np.hypot(x, y).mean():.2f}"
    )
    return 0


def eye_figures_mm(face: Face, placed: dict[str, dict[str, list[float]]]) -> dict[str, list[float]]:
    """Side -> figures of `COLUMNS`, for eyes that both photo and head show.

    Args:
        face: on its photo.
        placed: side -> "iris", "upper_lid" and "lower_lid", photo pixels.
    """
    shown, fitted = (
        align_eyes(face.model, _posed(face, expression))
        for expression in (face.head.expression, face.expression)
    )
    mm = 1000.0 / face.pose.scale
    figures = {}
    for name, points in placed.items():
        side = SIDES[name]
        if side not in shown.seen or side not in fitted.seen:
            continue
        iris, upper, lower = (
            np.array(points[key]) - face.patch.origin for key in ("iris", "upper_lid", "lower_lid")
        )
        eye = shown.seen[side]
        head_iris = eye.positions(shown.iris_axis[side][None])[0, :2]
        gaps = [_gap_px(eyes.seen[side], head_iris) for eyes in (shown, fitted)]
        gaps_mm = [float(np.linalg.norm(upper - lower)) * mm, *(gap * mm for gap in gaps)]
        figures[name] = [*gaps_mm, *((head_iris - iris) * mm).tolist()]
    return figures


def _posed(face: Face, expression: dict[str, float]) -> PosedHead:
    weights = np.array([list(expression.values())], dtype=np.float32)
    coefficients = Coefficients(face.pose.as_batch(), face.identity[None], weights)
    vertices = vertices_image(face.model, coefficients)[0]
    vertices[:, :2] -= face.patch.origin
    return PosedHead(vertices, face.pose.scale, face.patch.pixels)


def _gap_px(eye: Eye, middle: NDArray[np.floating]) -> float:
    """Distance of the lids along the head's y through a point (2,), pixels."""
    up = eye.pixels_per_mm[:, 1]
    heights_mm = np.arange(-12.0, 12.0, 0.1)
    points = (middle + heights_mm[:, None] * up).astype(np.float32)
    inside = heights_mm[eye.inset_at(points) > 0]
    return float(np.ptp(inside) * np.linalg.norm(up)) if len(inside) else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
