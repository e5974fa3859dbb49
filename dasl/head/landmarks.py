"""The two landmark schemes: 68 iBUG points, and AFLW's 21 hand-placed ones."""


def _mirror_partners(count: int, pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    partners = list(range(count))
    for left, right in pairs:
        partners[left], partners[right] = right, left
    return tuple(partners)


MIRROR_68 = _mirror_partners(
    68,
    [(i, 16 - i) for i in range(8)]  # jaw line
    + [(i, 43 - i) for i in range(17, 22)]  # brows
    + [(31, 35), (32, 34)]
    + [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    + [(48, 54), (49, 53), (50, 52), (55, 59), (56, 58)]
    + [(60, 64), (61, 63), (65, 67)],
)
"""Left/right partner of each of the 68 landmarks (iBUG order)."""

MIRROR_21 = _mirror_partners(
    21,
    [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9), (12, 16), (13, 15), (17, 19)],
)
"""Left/right partner of each of AFLW's 21 landmarks."""
