"""Teeth, tongue and eyes of the embedded head stay inside, whatever face it makes.

Set DASL_HEAD_FILE to test another head file of the same topology.
"""

import os

import numpy as np
import pytest
from numpy.typing import NDArray

from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from eval.meshes.rays import cast_along_z
from tools.head_model.mouth import Mouth, mouth_of
from tools.head_model.passing import Laid, depth, laid, sampled
from tools.head_model.room import Part
from tools.head_model.topology import HeadTopology, trim_collar

Array = NDArray[np.float64]

# Millimetres. Teeth may press this far into a lip. The tongue is soft, as is the lip that it lies
# on when it is out: half out, it rubs over the lower teeth.
TEETH_MM, TONGUE_MM = 1.0, 2.5
MIXTURES, HEADS = 40, 3


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load(os.environ.get("DASL_HEAD_FILE", EMBEDDED_HEAD), np.float64)


@pytest.fixture(scope="module")
def mouth(topology: HeadTopology, untrimmed_adult: Array) -> Mouth:
    return mouth_of(trim_collar(topology, untrimmed_adult)[0])


@pytest.fixture(scope="module")
def faces(model: MorphableModel) -> dict[str, Array]:
    """Expressions: each unit at 1, and mixtures of a sum up to 1; mouthClose on an open jaw."""
    units = np.eye(model.expression_count)
    made = dict(zip(model.expression_names, units, strict=True))
    random = np.random.default_rng(0)
    for index in range(MIXTURES):
        chosen = random.choice(len(units), random.integers(2, 6), replace=False)
        made[f"mixture {index}"] = random.uniform(0.5, 1) * (
            random.dirichlet(np.ones(len(chosen))) @ units[chosen]
        )
    close, jaw = (model.expression_names.index(name) for name in ("mouthClose", "jawOpen"))
    for face in made.values():
        face[jaw] = max(face[jaw], face[close])
    return made


@pytest.fixture(scope="module")
def identities(model: MorphableModel) -> Array:
    """The mean and some random ones."""
    random = np.random.default_rng(1).normal(size=(HEADS, model.identity_count))
    return np.concatenate([np.zeros((1, model.identity_count)), random])


def _vertices_mm(model: MorphableModel, identity: Array, expression: Array) -> Array:
    vertices: Array = model.vertices(identity[None], expression[None])[0] * 1000
    return vertices


def _deepest(vertices: Array, part: Part, behind: Laid) -> float:
    return float(depth(behind, sampled(vertices, part.points))[0].max())


@pytest.mark.long
def test_teeth_and_tongue_stay_out_of_the_flesh_under_every_face(
    model: MorphableModel, mouth: Mouth, faces: dict[str, Array], identities: Array
) -> None:
    too_deep = {}
    for head, identity in enumerate(identities):
        for name, expression in faces.items():
            vertices = _vertices_mm(model, identity, expression)
            flesh = laid(vertices, mouth.flesh)
            for part, allowed in zip(
                ("upper", "lower", "tongue"), (TEETH_MM, TEETH_MM, TONGUE_MM), strict=True
            ):
                found = _deepest(vertices, getattr(mouth, part), flesh)
                if found > allowed:
                    too_deep[head, name, part] = round(found, 2)
    assert too_deep == {}


@pytest.mark.long
def test_no_tooth_sticks_in_the_tongue(
    model: MorphableModel, mouth: Mouth, faces: dict[str, Array], identities: Array
) -> None:
    for identity in identities:
        for name, expression in faces.items():
            vertices = _vertices_mm(model, identity, expression)
            tongue = laid(vertices, mouth.tongue_skin)
            for row in (mouth.upper, mouth.lower):
                deepest = _deepest(vertices, row, tongue)
                assert deepest < TONGUE_MM, (name, deepest)


def _seen_mm2(model: MorphableModel, vertices: Array, region: str) -> float:
    """How much of a region is seen from the front, from rays half a millimetre apart."""
    rows = np.flatnonzero(model.region(region))
    low, high = vertices[rows, :2].min(axis=0), vertices[rows, :2].max(axis=0)
    x, y = np.meshgrid(*(np.arange(a, b, 0.5) for a, b in zip(low, high, strict=True)))
    triangles = model.triangles
    hits = cast_along_z(vertices, triangles, np.stack([x.ravel(), y.ravel()], axis=1))
    return 0.25 * float(np.isin(triangles[hits.triangle[hits.hit]], rows).all(axis=1).sum())


def _expression(model: MorphableModel, **weights: float) -> Array:
    values = np.zeros(model.expression_count)
    for name, weight in weights.items():
        values[model.expression_names.index(name)] = weight
    return values


def test_upper_teeth_show_in_a_smile_and_hide_at_rest(
    model: MorphableModel, identities: Array
) -> None:
    smile = _expression(
        model, mouthSmileLeft=0.6, mouthSmileRight=0.6, mouthUpperUpLeft=0.6, mouthUpperUpRight=0.6
    )
    at_rest = _vertices_mm(model, identities[0], _expression(model))
    smiling = _vertices_mm(model, identities[0], smile)
    assert _seen_mm2(model, at_rest, "teeth") < 3
    assert _seen_mm2(model, smiling, "teeth") > 40


def test_closed_lids_hide_the_eyeballs(model: MorphableModel, identities: Array) -> None:
    blink = _expression(model, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    for identity in identities:
        assert _seen_mm2(model, _vertices_mm(model, identity, blink), "eyeballs") < 1


def test_mouth_close_shuts_the_lips_of_an_open_jaw(
    model: MorphableModel, mouth: Mouth, identities: Array
) -> None:
    def gap_mm(**weights: float) -> float:
        vertices = _vertices_mm(model, identities[0], _expression(model, **weights))
        points = model.landmarks68_of(vertices)
        return float((points[[61, 62, 63], 1] - points[[67, 66, 65], 1]).mean())

    assert gap_mm(jawOpen=1.0) > 15
    assert gap_mm(jawOpen=1.0, mouthClose=1.0) == pytest.approx(gap_mm(), abs=1.5)


def test_the_tongue_comes_out_over_the_lower_lip_and_lies_behind_the_teeth_at_rest(
    model: MorphableModel, mouth: Mouth, identities: Array
) -> None:
    assert model.expression_names[-1] == "tongueOut"
    at_rest = _vertices_mm(model, identities[0], _expression(model))
    out = _vertices_mm(model, identities[0], _expression(model, tongueOut=1.0))
    tip = out[mouth.tongue.vertices]
    lip = model.landmarks68_of(out)[[57, 66]]
    assert tip[:, 2].max() > lip[:, 2].max() + 5
    assert tip[tip[:, 2].argmax(), 1] < lip[1, 1] + 3
    teeth = at_rest[mouth.lower.vertices]
    assert at_rest[mouth.tongue.vertices, 2].max() < teeth[:, 2].max() - 1
