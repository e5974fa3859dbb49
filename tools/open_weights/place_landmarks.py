"""Places the open head's 68 + 21 landmarks: set by hand, then corrected on open portraits.

    python -m tools.open_weights.place_landmarks --root DATA

`landmarks_by_hand.json` holds positions that were set by hand on pictures of MakeHuman's mean adult
(CC0). Brows and mouth corners are hard to see on an untextured mesh. They move towards their mean
positions on portraits 001-030, labelled with MediaPipe Face Mesh (Apache-2.0;
`portrait_points.json`). The points on the bridge of the nose are spaced evenly. Unlike in
`tools.place_landmarks`, nothing comes from AFLW or 300W-LP.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl.head.landmark_file import LANDMARKS_FILE, landmark_bytes
from dasl.head.landmarks import AFLW_IN_IBUG, MIRROR_21, MIRROR_68
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.head.projection import landmarks68_image
from tools.build_head_model import mean_adult_head
from tools.data_root import parse, parser_with_root
from tools.head_model.landmarks import with_positions
from tools.open_weights.portraits import TRAINING, fitted, observed

FOLDER = Path(__file__).parent
BY_HAND, PLACED = FOLDER / "landmarks_by_hand.json", FOLDER / "landmarks.json"
MOVED = dict.fromkeys(range(17, 27), 1.0) | dict.fromkeys((48, 54, 55, 59, 60, 64), 0.5)
"""Share of the observed displacement to apply, by landmark: all for brows, half for mouth corners,
because people smile on portraits."""
BRIDGE = (27, 28, 29, 30)
ROUNDS = 4
OUTPUT = EMBEDDED_HEAD.parent / "open" / LANDMARKS_FILE
Floats = NDArray[np.float64]
Positions = dict[str, Floats]


def main(arguments: list[str] | None = None) -> int:
    """Move the landmarks and write `landmarks.json`; returns the exit status."""
    parse(parser_with_root(__doc__), arguments)
    model, adult = MorphableModel.load(), mean_adult_head()
    positions = placed(model, adult)
    rounded = {name: np.round(value, 5).tolist() for name, value in positions.items()}
    PLACED.write_text(json.dumps(rounded, indent=1) + "\n")
    content = landmark_bytes(with_positions(model, read(), adult))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_bytes(content or b"")
    return 0


def placed(model: MorphableModel, adult: Floats) -> Positions:
    """Correct the positions set by hand; returns the same format as `read`.

    Args:
        model: the embedded head; its own landmarks are not used.
        adult: (V, 3) the mean adult, decimetres.
    """
    positions = read(BY_HAND)
    ibug = positions["ibug68"]
    ibug[list(BRIDGE)] = np.linspace(ibug[BRIDGE[0]], ibug[BRIDGE[-1]], len(BRIDGE))
    rows, before = list(MOVED), ibug.copy()
    for _ in range(ROUNDS):
        moves = mean_moves(with_positions(model, positions, adult)) * _decimetres(model, adult)
        ibug[rows] += moves[rows]
    share = np.array(list(MOVED.values()))[:, None]
    ibug[rows] = before[rows] + share * (ibug[rows] - before[rows])
    print(f"largest move {100 * np.linalg.norm(ibug - before, axis=1).max():.2f} mm")
    positions["ibug68"] = ibug = (ibug + ibug[list(MIRROR_68)] * [-1.0, 1.0, 1.0]) / 2
    for row, same in AFLW_IN_IBUG.items():
        if len(same) == 1:
            positions["aflw21"][row] = ibug[same[0]]
    even = positions["aflw21"][list(MIRROR_21)] * [-1.0, 1.0, 1.0]
    positions["aflw21"] = (positions["aflw21"] + even) / 2
    return positions


def read(path: Path = PLACED) -> Positions:
    """`ibug68` (68, 3) and `aflw21` (21, 3): decimetres on the mean adult, MakeHuman frame."""
    return {name: np.array(rows) for name, rows in json.loads(path.read_text()).items()}


def mean_moves(model: MorphableModel) -> Floats:
    """Mean difference, observed minus fitted landmarks in x and y, made symmetric.

    Returns:
        (68, 3) metres, model frame.
    """
    observations = observed(TRAINING)
    coefficients = fitted(model, observations).coefficients
    residual = (observations.points_image - landmarks68_image(model, coefficients)).numpy()
    residual[..., 1:] *= -1.0
    residual[..., 2] = 0.0
    turned = np.einsum("npc,nck->npk", residual, coefficients.pose.rotation.numpy())
    metres = (turned / coefficients.pose.scale.numpy()[:, None, None]).mean(axis=0)
    return np.asarray((metres + metres[list(MIRROR_68)] * [-1.0, 1.0, 1.0]) / 2, dtype=np.float64)


def _decimetres(model: MorphableModel, adult: Floats) -> float:
    """Decimetres on the mean adult per metre of the head model."""
    face = model.region("face")
    size, mean_size = (float(v[face].std(axis=0).sum()) for v in (adult, model.mean_vertices))
    return size / mean_size


if __name__ == "__main__":
    raise SystemExit(main())
