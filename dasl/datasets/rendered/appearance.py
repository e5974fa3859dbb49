"""Random appearance of a synthetic person: complexion, hair, beard, eyes, glasses.

Colours are linear-light reflectances.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HAIR_COLOURS = np.array(
    [
        [0.012, 0.010, 0.010],
        [0.030, 0.018, 0.012],
        [0.075, 0.040, 0.022],
        [0.160, 0.090, 0.045],
        [0.360, 0.240, 0.120],
        [0.220, 0.070, 0.025],
        [0.250, 0.240, 0.230],
        [0.550, 0.540, 0.530],
    ],
    dtype=np.float32,
)
HAIR_ODDS = np.array([3.0, 3.0, 2.5, 1.5, 1.5, 0.5, 1.0, 0.7]) / 13.7
IRIS_COLOURS = np.array(
    [[0.04, 0.018, 0.008], [0.10, 0.05, 0.02], [0.10, 0.20, 0.32], [0.10, 0.16, 0.09]],
    dtype=np.float32,
)
WARM = np.array([1.25, 1.0, 0.8], dtype=np.float32)
"""Warm tint of grey hair, which would look blue over skin."""
WAVES = 6
"""Number of sines in the unevenness of skin and hair."""
WAVELENGTHS_M = (0.02, 0.1)


@dataclass(frozen=True)
class Appearance:
    """One person's appearance.

    Attributes:
        melanin: 0 (pale) .. 1 (darkest); blood: about 0..1.
        lip: colour of the lips' blood, 0.5..2.5, more with lipstick.
        hair: (3,) colour; brow: (3,) colour.
        hairline_up: metres; hair_thickness: metres, 0 for bald; curtain: length of long hair, m.
        brow_weight: 0..1; brow_height: metres.
        beard: 0..1.
        iris: (3,) colour.
        glasses: 0 none, 1 frame, 2 sunglasses.
        waves: (N, 3) radians per metre and phases (N,) of the unevenness of skin and hair.
        gloss: of the skin.
    """

    melanin: float
    blood: float
    lip: float
    hair: Floats
    brow: Floats
    hairline_up: float
    hair_thickness: float
    curtain: float
    brow_weight: float
    brow_height: float
    beard: float
    iris: Floats
    glasses: int
    waves: Floats
    phases: Floats
    gloss: float


def draw_appearance(random: np.random.Generator) -> Appearance:
    """Draw a random appearance."""
    hair = HAIR_COLOURS[random.choice(len(HAIR_COLOURS), p=HAIR_ODDS)]
    melanin = float(random.beta(1.0, 2.0))
    if melanin > 0.5:
        hair = HAIR_COLOURS[random.choice([0, 0, 1, 1, 6])]
    hair = (hair * random.uniform(0.7, 1.4)).astype(np.float32)
    bald, long_hair = random.random() < 0.12, random.random() < 0.35
    bearded = not long_hair and random.random() < 0.4
    iris = IRIS_COLOURS[0 if melanin > 0.5 else random.integers(len(IRIS_COLOURS))]
    shortest, longest = np.log(WAVELENGTHS_M).tolist()
    lengths = np.exp(random.uniform(shortest, longest, WAVES))
    directions = random.standard_normal((WAVES, 3))
    directions *= (2 * np.pi / lengths / np.linalg.norm(directions, axis=1))[:, None]
    return Appearance(
        melanin=melanin,
        blood=float(random.uniform(0.0, 0.65)),
        lip=float(random.uniform(0.5, 1.2) + (random.random() < 0.2) * random.uniform(0.5, 1.3)),
        hair=hair,
        brow=((hair * min(0.5, 0.12 / hair.max()) + 0.006) * WARM).astype(np.float32),
        hairline_up=float(random.normal(0.0, 0.007) + (random.random() < 0.15) * 0.02),
        hair_thickness=0.0 if bald else float(random.uniform(0.002, 0.03)),
        curtain=float(random.uniform(0.02, 0.2)) if long_hair and not bald else 0.0,
        brow_weight=float(random.uniform(0.3, 0.95)),
        brow_height=float(random.uniform(0.0025, 0.0045)),
        beard=float(random.choice([0.25, 0.4, 0.7, 0.9])) if bearded else 0.0,
        iris=iris,
        glasses=int(random.choice(3, p=[0.86, 0.11, 0.03])),
        waves=directions.astype(np.float32),
        phases=random.uniform(0, 2 * np.pi, WAVES).astype(np.float32),
        gloss=float(random.uniform(0.01, 0.09)),
    )
