"""Several pictures of one person compared with one: shape errors, and person verification."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.datasets.rendered.people import People
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.reshaping import with_identity
from dasl.network.identity_statistics import IdentityStatistics
from tools.measured_people import MEASURES, MeasuredPeople, head_of
from tools.shape_error import FaceSurface
from tools.shape_summary import reduction

Floats = NDArray[np.floating]
Row = dict[str, Any]

METHODS = ("one view", "mean of identities", "joint estimate")
OTHERS = 10
"""Number of other people whose pictures are tested against a person, for false acceptances."""


def yaws_deg(heads: Coefficients) -> Floats:
    """(N,) predicted yaw, degrees."""
    return euler_deg_from_rotation(heads.pose.rotation)[:, 0].double().numpy()


def compare_views(
    people: People,
    surface: FaceSurface,
    measured: MeasuredPeople,
    predicted: Coefficients,
    statistics: IdentityStatistics,
    views: int,
    advance: Callable[[], object],
) -> list[Row]:
    """A row for each measure and method.

    Each person's pictures are divided into groups of `views`. The measure with expression uses the
    first picture of each group; identity alone uses all, and one view is their mean.
    `below_one_view_percent` has an `interval`, the 95 % bootstrap over people.

    Raises:
        ConfigError: fewer pictures of each person than views, or less than two views.
    """
    shots = len(predicted.identity) // len(measured.people)
    if not 2 <= views <= shots:
        raise ConfigError(f"wanted 2 to {shots} views of {shots} shots, got {views}")
    model, truth = people.model, measured.faces.coefficients
    values: dict[tuple[str, str], list[float]] = {(a, b): [] for a in MEASURES for b in METHODS}
    owner = []
    for number, person in enumerate(measured.people):
        for start in range(number * shots, (number + 1) * shots - views + 1, views):
            heads = predicted.rows(start, start + views)
            identities = heads.identity.double().numpy()
            fused = statistics.fused(identities, yaws_deg(heads))
            joint = with_identity(model, heads, torch.from_numpy(fused).float())
            mean = with_identity(model, heads, heads.identity.mean(dim=0))
            for method, found in zip(METHODS, (heads, mean, joint), strict=True):
                alone = [
                    surface.errors(head_of(model, identity, None), person.rest, person.rest)[0]
                    for identity in found.identity.numpy()[: views if found is heads else 1]
                ]
                values[MEASURES[1], method].append(float(np.mean(alone)))
                head = head_of(model, found.identity[0].numpy(), found.expression[0].numpy())
                moved = people.vertices(person, truth.expression[start].numpy())
                worn = surface.errors(head, moved, person.rest)[0]
                values[MEASURES[0], method].append(float(worn))
            owner.append(number)
        advance()
    return [
        _row(measure, method, values, np.array(owner), views)
        for measure in MEASURES
        for method in METHODS
    ]


def mistaken_people(
    predicted: Coefficients, people: int, statistics: IdentityStatistics, views: int
) -> Row:
    """False rejections of a person's own pictures and false acceptances of other people's.

    Each person's first `views` - 1 pictures are known; their further ones, and the last ones of
    other people, are tested.
    """
    shots = len(predicted.identity) // people
    identities = predicted.identity.double().numpy().reshape(people, shots, -1)
    yaws = yaws_deg(predicted).reshape(people, shots)
    least = float(statistics.least_evidence[0])
    own, others = [], []
    for number in range(people):
        known = statistics.belief(identities[number, : views - 1], yaws[number, : views - 1])
        rest = identities[number, views - 1 :], yaws[number, views - 1 :]
        own.append(statistics.evidence(known, *rest) < least)
        nobody = [(number + 1 + step) % people for step in range(min(OTHERS, people - 1))]
        others.append(statistics.evidence(known, identities[nobody, -1], yaws[nobody, -1]) >= least)
    return {
        "known_views": views - 1,
        "refused_own_percent": 100.0 * float(np.concatenate(own).mean()),
        "taken_others_percent": 100.0 * float(np.concatenate(others).mean()),
        "own": int(np.concatenate(own).size),
        "others": int(np.concatenate(others).size),
    }


def text(rows: list[Row], mistaken: Row) -> str:
    """Both as text."""
    lines = ["Distance of the true face from the predicted surface, % of the interocular distance"]
    for row in rows:
        low, high = row["interval"]
        below = f"{row['below_one_view_percent']:.1f} % below one view ({low:.1f} to {high:.1f})"
        lines.append(
            f"{row['measure']:>16} {row['method']:>20} {row['error_percent']:.3f}  {below}"
        )
    known = mistaken["known_views"]
    lines += [
        f"with {known} picture{'s' if known > 1 else ''} of a person known: "
        f"{mistaken['refused_own_percent']:.1f} % of {mistaken['own']} own pictures refused, "
        f"{mistaken['taken_others_percent']:.1f} % of {mistaken['others']} of other people taken"
    ]
    return "\n".join(lines)


def _row(
    measure: str,
    method: str,
    values: dict[tuple[str, str], list[float]],
    owner: NDArray[np.int64],
    views: int,
) -> Row:
    error, base = (np.array(values[measure, name]) for name in (method, METHODS[0]))
    below, interval = reduction(error, base, owner)
    return {
        "measure": measure,
        "method": method,
        "views": views,
        "groups": len(owner),
        "error_percent": float(error.mean()),
        "below_one_view_percent": below,
        "interval": interval,
    }
