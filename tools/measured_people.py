"""People rendered for testing, a network's predictions for them, and their errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.people import People, Person
from dasl.datasets.rendered.people_split import FIRST_MEASURING_SEED, is_for_measuring
from dasl.datasets.rendered.scan_shapes import BEST_FIT_SIGMA_M, IdentityFit, ScanShapes
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients, pack, unpack
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.passes import two_passes
from dasl.network.torch_network import predictor_of
from tools.shape_error import FaceSurface

Floats = NDArray[np.floating]
Advance = Callable[[], object]

BATCH = 64
METHODS = ("head 1's mean", "mean", "best fit", "prediction", "other person")
DENOMINATOR = METHODS[0]
MEASURES = ("with expression", "identity alone")


@dataclass(frozen=True, eq=False)
class MeasuredPeople:
    """N pictures of people, and the person of each.

    Attributes:
        people: P people.
        faces: the pictures; those of one person are consecutive.
        owner: (N,) row of `people`.
    """

    people: tuple[Person, ...]
    faces: FaceSet
    owner: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ShapeErrors:
    """Errors of N pictures in R regions, percent of the interocular distance.

    Attributes:
        values: (measure of `MEASURES`, method of `METHODS`) to (N, R).
        owner: (N,) person of each picture.
        yaw_deg: (N,).
    """

    values: dict[tuple[str, str], Floats]
    owner: NDArray[np.int64]
    yaw_deg: Floats


def render(people: People, count: int, shots: int, advance: Advance) -> MeasuredPeople:
    """Render `shots` pictures of each of the first `count` people.

    Raises:
        ConfigError: people of a training's seed, fewer than two, or no pictures.
    """
    if not is_for_measuring(people.seed):
        raise ConfigError(
            f"seed {people.seed} is for training; training people are never used for testing; "
            f"take {FIRST_MEASURING_SEED} or above"
        )
    if count < 2 or shots < 1:
        raise ConfigError(f"wanted people >= 2 and shots >= 1, got {count} and {shots}")
    persons, sets = [], []
    for number in range(count):
        persons.append(people.person(number))
        sets.append(people.pictures(persons[-1], shots))
        advance()
    return MeasuredPeople(tuple(persons), concatenate(sets), np.repeat(np.arange(count), shots))


@torch.no_grad()
def predict(
    network: CoefficientNetwork, model: MorphableModel, images: torch.Tensor
) -> Coefficients:
    """Predicted heads of N pictures, as at inference; pose in crop pixels."""
    call = predictor_of(network.eval())
    heads = [two_passes(call, batch, model).result for batch in images.split(BATCH)]
    return unpack(torch.cat([pack(head) for head in heads]), model.identity_count)


def compare(
    people: People,
    shapes: ScanShapes,
    surface: FaceSurface,
    measured: MeasuredPeople,
    predicted: Coefficients,
    advance: Advance,
) -> ShapeErrors:
    """The error of each method on each picture.

    The mean heads are neutral in both measures. "Best fit" has the true expression. "Other person"
    is the identity predicted for a picture of the next person with this picture's expression.
    """
    model, faces = people.model, measured.faces
    identities, expressions = predicted.identity.numpy(), predicted.expression.numpy()
    fit = IdentityFit(model, shapes.fitted, BEST_FIT_SIGMA_M)
    shots = len(faces) // len(measured.people)
    mean, first_mean = model.mean_vertices, first_mean_of(model)
    at_rest: dict[int, tuple[Floats, list[Floats]]] = {}
    rows: dict[tuple[str, str], list[Floats]] = {(a, b): [] for a in MEASURES for b in METHODS}
    for row, owner in enumerate(measured.owner.tolist()):
        person = measured.people[owner]
        if owner not in at_rest:
            best = head_of(model, fit.place(person.rest)[1], None)
            still = [
                surface.errors(head, person.rest, person.rest) for head in (first_mean, mean, best)
            ]
            at_rest[owner] = best, still
        best, still = at_rest[owner]
        true_expression = faces.coefficients.expression[row].numpy()
        truth = people.vertices(person, true_expression)
        own, others = identities[row], identities[(row + shots) % len(faces)]
        moved = best + truth - person.rest
        heads = [first_mean, mean, moved] + [
            head_of(model, identity, expressions[row]) for identity in (own, others)
        ]
        for method, head in zip(METHODS, heads, strict=True):
            rows[MEASURES[0], method].append(surface.errors(head, truth, person.rest))
        alone = [head_of(model, identity, None) for identity in (own, others)]
        errors = still + [surface.errors(head, person.rest, person.rest) for head in alone]
        for method, error in zip(METHODS, errors, strict=True):
            rows[MEASURES[1], method].append(error)
        advance()
    values = {key: np.stack(each) for key, each in rows.items()}
    return ShapeErrors(values, measured.owner, faces.yaw_deg.numpy())


def first_mean_of(model: MorphableModel) -> Floats:
    """(V, 3) head 1's mean, the reference of all reductions, also for later heads."""
    return model.reference_vertices


def head_of(model: MorphableModel, identity: Floats, expression: Floats | None) -> Floats:
    """(V, 3) metres; an expression of None is neutral."""
    worn = np.zeros(model.expression_count, np.float32) if expression is None else expression
    shape = (torch.from_numpy(np.asarray(each, np.float32))[None] for each in (identity, worn))
    return model.vertices(*shape)[0].numpy()
