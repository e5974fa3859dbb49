"""The expression units, moved from MakeHuman's head to the mean of scanned people."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from dasl.head.morphable_model import mirrored_name
from tools.head_model.carry import sphere
from tools.head_model.population import mirrored
from tools.head_model.procrustes import similarity

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Units = dict[str, Array]

# Parts where a unit must end at the same place as on the old head: lids on lids and on the eyeball.
EYE_PARTS = ("eyes", "eye_sockets", "eyeballs")
# Extra distance of closed lids from the old head's, since eyes protrude differently in each person.
BLINK_CLEARANCE_M = 0.0007


def symmetric_units(units: Units, mirror: NDArray[np.int64]) -> Units:
    """Each unit averaged with the mirror image of its partner; a central one is its own partner.

    In the source, mouthFunnel is up to 2.2 mm stronger on one side; a mirrored photo of a symmetric
    face would then need another expression.

    Args:
        units: ARKit names to (V, 3) offsets.
        mirror: (V,) left/right partner of each vertex.
    """
    return {
        name: (unit + mirrored(units[mirrored_name(name)], mirror)) / 2
        for name, unit in units.items()
    }


def move_units(
    units: Units, source: Array, mean: Array, regions: dict[str, Mask], weight: Array
) -> Units:
    """Transfer units from the head that they were made for to another head.

    All are rotated and scaled as the heads are. Around the eyes that is not enough: lids that meet
    on one head would not meet on the other, whose eyes are opened differently. There the difference
    between the heads is interpolated in space and applied at both ends of the movement, so that a
    vertex ends at the corresponding place.

    Args:
        units: names to (V, 3) offsets on `source`, its unit of length.
        source: (V, 3) the head that they were made for.
        mean: (V, 3) metres.
        regions: name -> (V,).
        weight: (V,) weight of each vertex in aligning the heads.
    """
    onto = similarity(source, mean, weight)
    start = onto.of_points(source)
    near_eyes = np.logical_or.reduce([regions[name] for name in EYE_PARTS])
    difference = RBFInterpolator(start[near_eyes], (mean - start)[near_eyes], kernel="linear")
    moved = {}
    for name, unit in units.items():
        offsets = onto.of_offsets(unit)
        moving = near_eyes & (np.abs(unit).max(axis=1) > 0)
        if moving.any():
            end = start[moving] + offsets[moving]
            offsets[moving] += difference(end) - (mean - start)[moving]
        if name.startswith("eyeBlink"):
            offsets = offsets + _clearance(mean, offsets, regions)
        moved[name] = offsets
    return moved


def _clearance(mean: Array, blink: Array, regions: dict[str, Mask]) -> Array:
    """Away from the eyeball, most where a lid moves most: (V, 3) metres."""
    way = np.linalg.norm(blink, axis=1) * (regions["eyes"] | regions["eye_sockets"])
    side = np.sign(mean[way.argmax(), 0])
    centre, _ = sphere(mean[regions["eyeballs"] & (mean[:, 0] * side > 0)])
    outward = mean + blink - centre
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    return BLINK_CLEARANCE_M * (way / way.max())[:, None] * outward
