"""Places the open head's 68 + 21 landmarks on its surface.

    python -m tools.open_weights.place_landmarks

`landmarks.json` holds their positions on MakeHuman's mean adult (CC0). Those of the 68 but the jaw
line's are landmarks of the scan model whose statistics the head has: vertices that ICT-FaceKit
(MIT) names in its `FaceXModel/vertex_indices.json`. They were aligned with the copy of its mean in
`scan_shapes/ict_facekit_on_head.npz` (a similarity; 0.1 mm, at most 0.5 mm) and carried over by
triangle. The left half mirrors the right; 28 lies on the ridge half-way between 27 and 29. Its jaw
line is that of a contour in 2D, up to 21 mm in front of the jaw's; the jaw line (0-16), and what
the 21 do not share with the 68, were placed by hand. Unlike in `tools.place_landmarks`, no position
comes from AFLW or 300W-LP.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl.atomic_files import write_files
from dasl.head.landmark_file import LANDMARKS_FILE, landmark_bytes
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from tools.build_head_model import mean_adult_head
from tools.head_model.landmarks import read_positions, with_positions

POSITIONS = Path(__file__).with_name("landmarks.json")
OUTPUT = EMBEDDED_HEAD.parent / "open" / LANDMARKS_FILE


def main(arguments: list[str] | None = None) -> int:
    """Write the landmark file of the open weights; returns the exit status."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(arguments)
    write_files({OUTPUT: placed(MorphableModel.load(), mean_adult_head())})
    return 0


def placed(model: MorphableModel, adult: NDArray[np.float64]) -> bytes:
    """The landmark file's content.

    Args:
        model: the embedded head; its own landmarks are not used.
        adult: (V, 3) the mean adult, decimetres.
    """
    return landmark_bytes(with_positions(model, read_positions(POSITIONS), adult)) or b""


if __name__ == "__main__":
    raise SystemExit(main())
