"""Places teeth and tongue realistically, on every head and under every face unit.

MakeHuman's upper teeth end above the lip line, so a smile hides them; its lower teeth are inside
the gums; its tongue lies over both rows. All lengths here are relative to the mouth's width and
hold for heads of any size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.head_model.identity import IdentityBasis
from tools.head_model.landmarks import SurfacePoints
from tools.head_model.passing import Sheet, sheet
from tools.head_model.population import mirrored
from tools.head_model.room import (
    Part,
    carried,
    fitted_field,
    flesh_around,
    give_way,
    make_room,
    part_of,
)
from tools.head_model.tongue import place_tongue, tongue_out
from tools.head_model.topology import HeadTopology, triangles_from_quads

Array = NDArray[np.float64]
Units = dict[str, Array]

JAW_UNITS = ("jawForward", "jawLeft", "jawOpen", "jawRight")
# iBUG's corners of the mouth and middles of the inner lips, upper and lower.
MOUTH_CORNERS = (48, 54)
INNER_LIPS = (62, 66)
# Shares of the mouth's width. With closed lips the upper incisors end this far below the line
# between them; the rows meet edge to edge, the lower one a little behind.
UPPER_EDGE_BELOW_LIPS = 0.055
ROWS_APART = 0.008
LOWER_BEHIND_UPPER = 0.03
LOWER_ROW_HEIGHT = 0.24
# Gap between teeth or tongue and the flesh.
MARGIN = 0.006
# Number of random heads, besides the mean, on which collisions are removed, and their seed.
ROOM_HEADS, ROOM_SEED = 4, 15
# A part follows this many vertices of the flesh nearest to each of its own.
FOLLOWED = 12
# Units that move the flesh near the mouth by less than this share do not move teeth and tongue.
STILL = 0.002


@dataclass(frozen=True)
class Mouth:
    """The parts of a head's topology around the mouth.

    Attributes:
        upper, lower, tongue: the parts.
        flesh: skin, cavity and sockets in one; tongue_skin: the tongue's surface.
        mirror: (V,) left/right partners.
    """

    upper: Part
    lower: Part
    tongue: Part
    flesh: Sheet
    tongue_skin: Sheet
    mirror: NDArray[np.int64]

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """All three."""
        return self.upper, self.lower, self.tongue


def mouth_of(topology: HeadTopology) -> Mouth:
    """Find the parts by MakeHuman's groups."""

    def triangles(group: str) -> NDArray[np.int64]:
        return triangles_from_quads(topology.quads[topology.groups == group])

    return Mouth(
        upper=part_of(triangles("helper-upper-teeth")),
        lower=part_of(triangles("helper-lower-teeth")),
        tongue=part_of(triangles("helper-tongue")),
        flesh=sheet(triangles("body")),
        tongue_skin=sheet(triangles("helper-tongue")),
        mirror=topology.mirror,
    )


def furnish_mouth(
    identity: IdentityBasis, units: Units, topology: HeadTopology, ibug68: SurfacePoints
) -> tuple[IdentityBasis, Units]:
    """Place teeth and tongue on the mean head and make them follow identity and face units.

    Args:
        identity: mean (V, 3) and components (K, V, 3), any unit of length.
        units: ARKit names to (V, 3) offsets, that unit; without `tongueOut`.
        topology: the head's mesh.
        ibug68: the 68 landmarks.

    Returns:
        Both, changed only at teeth and tongue; the units with `tongueOut` last.
    """
    mouth = mouth_of(topology)
    landmarks = ibug68.of(identity.mean)
    width = float(np.linalg.norm(np.subtract(*landmarks[list(MOUTH_CORNERS)])))
    units = {name: unit.copy() for name, unit in units.items()}
    mean = identity.mean.copy()
    _place_rows(mean, mouth, float(landmarks[list(INNER_LIPS), 1].mean()), width)
    place_tongue(mean, mouth.tongue, mouth.lower)
    _follow_jaw(units, identity.mean, mean, mouth)
    components = _follow_flesh(mean, identity.components, mouth)
    heads = _random_heads(mean, components)
    for part in mouth.parts:
        step = _even(make_room(heads, part, mouth.flesh, MARGIN * width), part, mouth)
        for head in [mean, *heads]:
            head[part.vertices] += step
    units["tongueOut"] = tongue_out(mean, mouth, units["jawOpen"], landmarks, width)
    return IdentityBasis(mean, components, identity.mirror_sign), _with_room(
        units, heads, mouth, width
    )


def _place_rows(mean: Array, mouth: Mouth, lip_height: float, width: float) -> None:
    """Both rows up or down to their heights; the lower one shorter and further back."""
    upper, lower = mean[mouth.upper.vertices], mean[mouth.lower.vertices]
    edge = lip_height - UPPER_EDGE_BELOW_LIPS * width
    upper[:, 1] += edge - _front(upper)[:, 1].min()
    front = _front(lower)[:, 1]
    height = front.max() - front.min()
    slope = _rise_backwards(lower)
    bite = front.max() + slope * (lower[:, 2].max() - lower[:, 2])
    lower[:, 1] += (lower[:, 1] - bite) * (LOWER_ROW_HEIGHT * width / height - 1)
    lower[:, 1] += edge - ROWS_APART * width - front.max()
    lower[:, 2] += upper[:, 2].max() - LOWER_BEHIND_UPPER * width - lower[:, 2].max()
    mean[mouth.upper.vertices], mean[mouth.lower.vertices] = upper, lower


def _front(row: Array) -> Array:
    """The incisors of a row (P, 3): its foremost fifth."""
    z = row[:, 2]
    return row[z > z.max() - 0.2 * np.ptp(z)]


def _rise_backwards(lower: Array) -> float:
    """Rise of the lower row's edge per unit further back."""
    z = lower[:, 2]
    back = lower[z < z.min() + 0.2 * np.ptp(z)]
    return float((back[:, 1].max() - _front(lower)[:, 1].max()) / np.ptp(z))


def _follow_jaw(units: Units, before: Array, after: Array, mouth: Mouth) -> None:
    """The jaw's motion of lower teeth and tongue, evaluated at their new positions."""
    for name, unit in units.items():
        for part in mouth.parts:
            moved = unit[part.vertices].copy()
            unit[part.vertices] = 0.0
            if name in JAW_UNITS and part is not mouth.upper:
                even = np.ones(len(moved))
                field = fitted_field(before[part.vertices], moved, even)
                unit[part.vertices] = field.at(after[part.vertices])


def _follow_flesh(mean: Array, components: Array, mouth: Mouth) -> Array:
    """Components in which each part moves with the flesh around it."""
    components = components.copy()
    for part in mouth.parts:
        around = flesh_around(mean, part, mouth.flesh.vertices, FOLLOWED)
        around = np.union1d(around, mouth.mirror[around])
        components[:, part.vertices] = carried(mean, part, around, components)
    return components


def _random_heads(mean: Array, components: Array) -> list[Array]:
    """The mean and some random heads."""
    random = np.random.default_rng(ROOM_SEED)
    draws = random.normal(size=(ROOM_HEADS, len(components)))
    return [mean.copy(), *(mean + np.tensordot(draw, components, axes=1) for draw in draws)]


def _even(step: Array, part: Part, mouth: Mouth) -> Array:
    """A part's displacement averaged with its mirror image."""
    whole = np.zeros((len(mouth.mirror), 3))
    whole[part.vertices] = step
    return ((whole + mirrored(whole, mouth.mirror)) / 2)[part.vertices]


def _with_room(units: Units, heads: list[Array], mouth: Mouth, width: float) -> Units:
    """Units that move teeth and tongue out of the way of the flesh that they move."""
    near = np.unique(
        np.concatenate(
            [flesh_around(heads[0], part, mouth.flesh.vertices, FOLLOWED) for part in mouth.parts]
        )
    )
    for name, unit in units.items():
        if np.abs(unit[near]).max() < STILL * width and name != "tongueOut":
            continue
        # mouthClose is defined on an open jaw
        base = units["jawOpen"] if name == "mouthClose" else 0.0
        for part in mouth.parts:
            posed = [head + base + unit for head in heads]
            step = make_room(posed, part, mouth.flesh, MARGIN * width)
            unit[part.vertices] += step
        posed = [head + base + unit for head in heads]
        unit[mouth.tongue.vertices] += give_way(
            posed, mouth.tongue, mouth.tongue_skin, mouth.lower, MARGIN * width
        )
    return units
