"""The 68 iBUG points, in their order, 0-based: contours, regions and mirrored points.

Left and right are the person's. Ranges are (first, one past the last).
"""

import numpy as np

LANDMARK_COUNT = 68
REGIONS = {
    "jaw": (0, 17),
    "brows": (17, 27),
    "nose": (27, 36),
    "eyes": (36, 48),
    "mouth": (48, LANDMARK_COUNT),
}
# Contours: the jaw, the brows, the bridge and the base of the nose, the eyes, the outer and the
# inner lips.
OPEN_CONTOURS = ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36))
CLOSED_CONTOURS = ((36, 42), (42, 48), (48, 60), (60, LANDMARK_COUNT))

OUTER_EYE_CORNERS = (36, 45)  # right, left
NAMED_POINTS = {
    "right_eye_outer": OUTER_EYE_CORNERS[0],
    "left_eye_outer": OUTER_EYE_CORNERS[1],
    "nose_tip": 30,
    "right_eye_inner": 39,
    "left_eye_inner": 42,
    "right_mouth_corner": 48,
    "left_mouth_corner": 54,
}

# Index of each point's counterpart in a mirrored photo.
MIRRORED_POINTS = np.array(
    [
        *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
        45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
        *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1),
    ]
)  # fmt: skip
