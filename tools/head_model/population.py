"""Samples heads of a varied population by combining MakeHuman's shape targets.

The standard deviations below were chosen by viewing sheets of random heads: with independent
targets at a standard deviation of 0.35 they are caricatures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.head_model.source import BaseMesh, data_folder, shape_target, shape_target_names

# Standard deviation of the coefficient of each opposing pair of local targets.
LOCAL_SPREAD = {
    "head": 0.12,
    "forehead": 0.18,
    "eyebrows": 0.18,
    "eyes": 0.16,
    "nose": 0.16,
    "cheek": 0.16,
    "mouth": 0.14,
    "chin": 0.16,
    "ears": 0.15,
    "neck": 0.12,
}
# One-sided head outlines (oval, square ...): the coefficient is the absolute value of a normal.
OUTLINE_SPREAD = 0.12
# Left minus right: each paired target is perturbed separately, and the asym targets are drawn.
PAIR_ASYMMETRY_SPREAD = 0.035
ASYMMETRY_TARGET_SPREAD = 0.10
SIDEWAYS_SPREAD = 0.04
# Number of heads per chunk: a compromise of speed and memory.
BATCH = 500

OPPOSITES = (
    ("incr", "decr"),
    ("up", "down"),
    ("in", "out"),
    ("forward", "backward"),
    ("convex", "concave"),
    ("uncompress", "compress"),
)
# Targets that move a whole part sideways would break the symmetric half of the model.
SIDEWAYS = ("head/head-trans", "neck/neck-trans", "nose/nose-trans", "mouth/mouth-trans")
OUTLINES = ("diamond", "invertedtriangular", "oval", "rectangular", "round", "square", "triangular")
AGES = ("baby", "child", "young", "old")
AGE_KNOTS = (0.0, 0.1875, 0.5, 1.0)
ANCESTRIES = ("african", "asian", "caucasian")


@dataclass(frozen=True)
class Sampler:
    """Linear components of heads, restricted to the head's vertices."""

    base: NDArray[np.float64]  # (V, 3)
    mirror: NDArray[np.int64]  # (V,)
    macro: dict[str, NDArray[np.float64]]  # name -> (V, 3)
    local: list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]  # folder, plus, minus
    outlines: NDArray[np.float64]  # (O, V, 3)
    sideways: NDArray[np.float64]  # (S, V, 3) odd offsets
    paired: NDArray[np.float64]  # (P, V, 3) odd offsets: a left target minus its mirror


def mirrored(offsets: NDArray[np.floating], mirror: NDArray[np.int64]) -> NDArray[np.floating]:
    """The mirrored shape or offset: (..., V, 3), as exact as it is given."""
    return offsets[..., mirror, :] * np.array([-1.0, 1.0, 1.0], dtype=offsets.dtype)


def make_sampler(mesh: BaseMesh, kept: NDArray[np.int64], mirror: NDArray[np.int64]) -> Sampler:
    """Read all targets that shape a head.

    Args:
        mesh: the whole-body mesh.
        kept: (V,) indices of the head's vertices in it.
        mirror: (V,) left/right partner of each kept vertex.
    """

    def read(name: str) -> NDArray[np.float64]:
        return shape_target(name)[kept]

    local, sideways, paired = [], [], []
    for folder in LOCAL_SPREAD:
        for plus_name, minus_name in _opposing_pairs(folder):
            plus, minus = read(plus_name), read(minus_name)
            if plus_name.startswith(SIDEWAYS) and plus_name.endswith("-in"):
                sideways.append((plus - minus) / 2)
            elif plus_name.startswith(f"{folder}/l-"):
                right = (plus_name.replace("/l-", "/r-"), minus_name.replace("/l-", "/r-"))
                local.append((folder, plus + read(right[0]), minus + read(right[1])))
                paired.append(plus - read(right[0]))
            elif not plus_name.startswith(f"{folder}/r-"):
                local.append((folder, plus, minus))
    for name in shape_target_names("asym"):
        if name.endswith("-l") and "breast" not in name and "trunk" not in name:
            paired.append(read(name) * (ASYMMETRY_TARGET_SPREAD / PAIR_ASYMMETRY_SPREAD))
    return Sampler(
        base=mesh.vertices[kept],
        mirror=mirror,
        macro={name: read(name) for name in _macro_names()},
        local=local,
        outlines=np.stack([read(f"head/head-{outline}") for outline in OUTLINES]),
        sideways=_odd(np.stack(sideways), mirror),
        paired=_odd(np.stack(paired), mirror),
    )


def sample_symmetric(sampler: Sampler, count: int, seed: int) -> NDArray[np.float32]:
    """Random left/right symmetric heads: (count, V, 3) float32, decimetres, not aligned."""
    random = np.random.default_rng(seed)
    heads = np.empty((count, *sampler.base.shape), dtype=np.float32)
    weights = []
    pieces = np.concatenate(
        [np.stack([plus, minus]) for _, plus, minus in sampler.local] + [sampler.outlines]
    ).astype(np.float32)
    spreads = np.array([LOCAL_SPREAD[folder] for folder, _, _ in sampler.local])
    for index in range(count):
        signed = random.normal(size=len(spreads)) * spreads
        sides = np.stack([np.maximum(signed, 0), np.maximum(-signed, 0)], axis=1).ravel()
        outlines = np.abs(random.normal(size=len(OUTLINES))) * OUTLINE_SPREAD
        weights.append(np.concatenate([sides, outlines]).astype(np.float32))
        heads[index] = sampler.base + _macro_offset(sampler, random)
    for start in range(0, count, BATCH):
        part = slice(start, start + BATCH)
        head = heads[part] + np.tensordot(np.stack(weights[part]), pieces, axes=1)
        heads[part] = (head + mirrored(head, sampler.mirror)) / 2
    return heads


def sample_asymmetry(sampler: Sampler, count: int, seed: int) -> NDArray[np.float32]:
    """Random odd offsets to be added to symmetric heads: (count, V, 3) float32, decimetres."""
    random = np.random.default_rng(seed)
    paired = random.normal(size=(count, len(sampler.paired))) * PAIR_ASYMMETRY_SPREAD
    sideways = random.normal(size=(count, len(sampler.sideways))) * SIDEWAYS_SPREAD
    offsets = np.tensordot(paired, sampler.paired, axes=1)
    offsets += np.tensordot(sideways, sampler.sideways, axes=1)
    return offsets.astype(np.float32)


def _odd(offsets: NDArray[np.float64], mirror: NDArray[np.int64]) -> NDArray[np.float64]:
    return (offsets - mirrored(offsets, mirror)) / 2


def _opposing_pairs(folder: str) -> list[tuple[str, str]]:
    names = set(shape_target_names(folder))
    pairs = []
    for name in sorted(names):
        for plus, minus in OPPOSITES:
            if name.endswith(f"-{plus}"):
                partner = name.removesuffix(plus) + minus
                if partner in names:
                    pairs.append((name, partner))
    return pairs


def _macro_names() -> list[str]:
    names = []
    for sex in ("female", "male"):
        for age in AGES:
            names += [f"macrodetails/{ancestry}-{sex}-{age}" for ancestry in ANCESTRIES]
            for muscle in ("min", "average", "max"):
                for weight in ("min", "average", "max"):
                    names.append(
                        f"macrodetails/universal-{sex}-{age}-{muscle}muscle-{weight}weight"
                    )
    # MakeHuman ships no file where a combination equals the base mesh.
    targets = data_folder() / "mpfb2/targets"
    return [name for name in names if (targets / f"{name}.target.gz").exists()]


def _macro_offset(sampler: Sampler, random: np.random.Generator) -> NDArray[np.float64]:
    """Sex, age, ancestry, muscle and weight: a product of interpolation weights."""
    male = float(np.clip(random.choice([0.15, 0.85]) + random.normal() * 0.15, 0, 1))
    ages = _age_weights(_draw_age(random))
    ancestries = random.dirichlet([0.6, 0.6, 0.6])
    muscles = _three_way(float(np.clip(0.5 + 0.15 * random.normal(), 0, 1)))
    weights = _three_way(float(np.clip(0.5 + 0.2 * random.normal(), 0, 1)))
    offset = np.zeros_like(sampler.base)
    for sex, sex_weight in (("female", 1 - male), ("male", male)):
        for age, age_weight in ages.items():
            share = sex_weight * age_weight
            for ancestry, ancestry_weight in zip(ANCESTRIES, ancestries, strict=True):
                target = sampler.macro.get(f"macrodetails/{ancestry}-{sex}-{age}")
                if target is not None and share > 0:
                    offset += share * ancestry_weight * target
            for muscle, muscle_weight in muscles.items():
                for weight, weight_weight in weights.items():
                    name = f"macrodetails/universal-{sex}-{age}-{muscle}muscle-{weight}weight"
                    product = share * muscle_weight * weight_weight
                    if product > 0 and name in sampler.macro:
                        offset += product * sampler.macro[name]
    return offset


def _draw_age(random: np.random.Generator) -> float:
    """MakeHuman's age axis: 0.19 child, 0.5 young adult, 1 old."""
    if random.random() < 0.15:
        return float(random.uniform(0.19, 0.45))
    return float(np.clip(0.5 + abs(random.normal()) * 0.22, 0.5, 1.0))


def _age_weights(age: float) -> dict[str, float]:
    weights = {
        name: float(np.interp(age, AGE_KNOTS, np.eye(4)[index])) for index, name in enumerate(AGES)
    }
    return {name: weight for name, weight in weights.items() if weight > 0}


def _three_way(value: float) -> dict[str, float]:
    weights = {
        name: float(np.interp(value, (0, 0.5, 1), np.eye(3)[index]))
        for index, name in enumerate(("min", "average", "max"))
    }
    return {name: weight for name, weight in weights.items() if weight > 0}
