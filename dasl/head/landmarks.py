"""The landmark schemes: iBUG's 68 points, AFLW's 21 hand-placed ones, and the map's 18."""


def _mirror_partners(count: int, pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    partners = list(range(count))
    for left, right in pairs:
        partners[left], partners[right] = right, left
    return tuple(partners)


IBUG_POINTS = 68
AFLW_POINTS = 21

IBUG_JAW_LINE = 17
"""Number of jaw line points, the first of the 68, from ear to ear."""

MIRROR_68 = _mirror_partners(
    IBUG_POINTS,
    [(i, 16 - i) for i in range(8)]  # jaw line
    + [(i, 43 - i) for i in range(17, 22)]  # brows
    + [(31, 35), (32, 34)]
    + [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    + [(48, 54), (49, 53), (50, 52), (55, 59), (56, 58)]
    + [(60, 64), (61, 63), (65, 67)],
)
"""Left/right partner of each of the 68 landmarks (iBUG order)."""

MIRROR_21 = _mirror_partners(
    AFLW_POINTS,
    [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9), (12, 16), (13, 15), (17, 19)],
)
"""Left/right partner of each of AFLW's 21 landmarks."""

AFLW_EARS = (12, 16)
"""The ear lobes, the least reliable of the 21; they are not among the 68."""

AFLW_NOSE_WINGS = (13, 15)
"""The nose wings; they lie 2 to 4 crop pixels from points 31 and 35 of the 68."""

AFLW_CHIN = 20

AFLW_IN_IBUG: dict[int, tuple[int, ...]] = {
    0: (17,),
    1: (19,),
    2: (21,),
    3: (22,),
    4: (24,),
    5: (26,),
    6: (36,),
    7: (36, 37, 38, 39, 40, 41),
    8: (39,),
    9: (42,),
    10: (42, 43, 44, 45, 46, 47),
    11: (45,),
    14: (30,),
    17: (48,),
    18: (60, 61, 62, 63, 64, 65, 66, 67),
    19: (54,),
    AFLW_CHIN: (8,),
}
"""For each of AFLW's 21 points with a counterpart among the 68: the landmarks whose mean it is.

Ears and nose wings have no counterpart."""

MAP_POINTS: tuple[tuple[int, ...], ...] = (
    (17,), (19,), (21,), (22,), (24,), (26,),  # brows
    (36,), (37, 40), (39,),  # eye on the image's left: corner, centre, corner
    (42,), (43, 46), (45,),  # eye on the image's right
    (31,), (30,), (35,),  # nose: wing, tip, wing
    (48,), (62, 66), (54,),  # mouth: corner, centre, corner
)  # fmt: skip
"""The 18 points of the landmark map, as indices into the 68; two indices mean their midpoint.

Source: the released test code of 2DASL (arXiv 1903.09359)."""

MAP_POINTS_IN_AFLW = tuple(
    point for point in range(AFLW_POINTS) if point not in (*AFLW_EARS, AFLW_CHIN)
)
"""Indices of the map's 18 points among the 21: in the same order, without ears and chin."""
