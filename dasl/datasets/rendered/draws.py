"""Random draws of a head: identity, a plausible expression, a pose, and the crop."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE, LANDMARK_MARGIN
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.geometry.similarity import CENTRE
from eval.scoring.metrics import YAW_EDGES_DEG

Floats = NDArray[np.float32]

YAW_SHARES = (0.5, 0.25, 0.25)
"""Share of heads in each of the benchmark's bins of |yaw|; yaw is uniform inside a bin."""

PITCH_SIGMA_DEG, PITCH_MAX_DEG = 15.0, 40.0
ROLL_SIGMA_DEG, ROLL_MAX_DEG = 12.0, 40.0
CROP_JITTER = 0.05
"""Largest shift (over the crop's side) and relative change of the crop's side."""

NEUTRAL_SHARE = 0.4
NEUTRAL_MOST = 0.15
ONE_SIDED_SHARE = 0.1


@dataclass(frozen=True)
class Action:
    """Face units that move together.

    Attributes:
        units: (ARKit name without Left/Right, weight relative to the action's level).
        odds: relative frequency among the actions of its part of the face.
        most: highest level.
    """

    units: tuple[tuple[str, float], ...]
    odds: float = 1.0
    most: float = 1.0


@dataclass(frozen=True)
class FacePart:
    """A part of the face; at most one of `actions` is active, with probability `share`."""

    share: float
    actions: tuple[Action, ...]


def _alone(name: str, odds: float = 1.0, most: float = 1.0) -> Action:
    return Action(((name, 1.0),), odds, most)


FACE_PARTS = (
    FacePart(
        0.75,
        (
            Action((("mouthSmile", 1.0), ("cheekSquint", 0.5)), 4.0),
            Action((("mouthSmile", 0.9), ("mouthUpperUp", 0.4), ("cheekSquint", 0.6)), 3.0),
            Action((("mouthSmile", 0.6), ("mouthDimple", 0.8)), 1.0),
            Action((("mouthUpperUp", 0.7), ("mouthLowerDown", 0.8)), 1.5),
            Action((("mouthFrown", 0.9), ("mouthShrugLower", 0.5)), 1.0),
            Action((("mouthPress", 0.8), ("mouthRollLower", 0.4), ("mouthRollUpper", 0.3))),
            Action((("mouthStretch", 0.9), ("mouthLowerDown", 0.5)), 1.0),
            Action((("mouthShrugUpper", 0.6), ("mouthShrugLower", 0.8)), 0.7),
            _alone("mouthPucker", 1.0, 0.8),
            _alone("mouthFunnel", 1.0, 0.8),
            _alone("mouthLeft", 0.4, 0.7),
            _alone("mouthRight", 0.4, 0.7),
        ),
    ),
    FacePart(
        0.5,
        (
            _alone("jawOpen", 6.0, 0.9),
            Action((("jawOpen", 0.7), ("mouthClose", 0.4)), 0.7),
            _alone("jawForward", 0.4, 0.7),
            _alone("jawLeft", 0.3, 0.7),
            _alone("jawRight", 0.3, 0.7),
        ),
    ),
    FacePart(
        0.4,
        (
            _alone("eyeBlink", 3.0),
            _alone("eyeSquint", 2.0),
            _alone("eyeWide", 1.5),
        ),
    ),
    FacePart(
        0.4,
        (
            Action((("browInnerUp", 0.8), ("browOuterUp", 0.9)), 2.0),
            _alone("browInnerUp", 1.0),
            _alone("browDown", 2.0),
            _alone("browOuterUp", 0.5),
        ),
    ),
    FacePart(0.12, (_alone("noseSneer", 1.0, 0.8), _alone("cheekPuff", 0.7, 0.8))),
)


@dataclass(frozen=True)
class HeadDraw:
    """One head's coefficients without its crop.

    Attributes:
        identity: (K,) standard deviations.
        expression: (E,) in [0, 1].
        rotation: (3, 3) view from model, determinant +1.
        yaw_deg: positive when the nose points to the image's left.
    """

    identity: Floats
    expression: Floats
    rotation: Floats
    yaw_deg: float


def draw_head(random: np.random.Generator, identity_count: int, names: tuple[str, ...]) -> HeadDraw:
    """Draw identity ~ N(0, 1), a sparse expression and a pose distributed as in the wild."""
    identity = random.standard_normal(identity_count, dtype=np.float32)
    expression = draw_expression(random, names)
    return HeadDraw(identity, expression, *draw_rotation(random))


def draw_rotation(random: np.random.Generator, most_yaw_deg: float = 90.0) -> tuple[Floats, float]:
    """A rotation as of faces in the wild: (3, 3) view from model, and its yaw in degrees."""
    angles_deg = _draw_angles_deg(random, most_yaw_deg)
    rotation = rotation_from_euler_deg(torch.from_numpy(angles_deg[None]).double())[0]
    return rotation.numpy().astype(np.float32), float(angles_deg[0])


def draw_expression(random: np.random.Generator, names: tuple[str, ...]) -> Floats:
    """A plausible expression: (E,) float32 in [0, 1], in the order of `names`."""
    weights = dict.fromkeys(names, 0.0)
    most = NEUTRAL_MOST if random.random() < NEUTRAL_SHARE else 1.0
    for part in FACE_PARTS:
        if random.random() < part.share:
            odds = np.array([action.odds for action in part.actions])
            action = part.actions[int(random.choice(len(odds), p=odds / odds.sum()))]
            _add_action(random, weights, action, most * random.uniform(0.15, action.most))
    _add_gaze(random, weights)
    return np.clip(np.array([weights[name] for name in names], dtype=np.float32), 0.0, 1.0)


def draw_pose(random: np.random.Generator, rotation: Floats, landmarks_model: Floats) -> Pose:
    """The pose that the crop convention gives a rotated head, with a detector's jitter.

    Args:
        random: draws the jitter.
        rotation: (3, 3) view from model.
        landmarks_model: (68, 3) metres.

    Returns:
        The pose of one head, model to crop.
    """
    landmarks_view = landmarks_model @ rotation.T
    low, high = landmarks_view[:, :2].min(axis=0), landmarks_view[:, :2].max(axis=0)
    side = LANDMARK_MARGIN * float((high - low).max())
    scale = CROP_SIZE / (side * (1.0 + random.uniform(-CROP_JITTER, CROP_JITTER)))
    centre = (low + high) / 2
    shift = random.uniform(-CROP_JITTER, CROP_JITTER, 2) * CROP_SIZE
    middle = CENTRE + shift
    translation = [middle[0] - scale * centre[0], middle[1] + scale * centre[1]]
    return Pose(
        torch.from_numpy(rotation)[None],
        torch.tensor([scale], dtype=torch.float32),
        torch.from_numpy(np.array(translation, dtype=np.float32))[None],
    )


def _draw_angles_deg(random: np.random.Generator, most_yaw_deg: float) -> Floats:
    """(3,) yaw, pitch, roll."""
    chosen = int(random.choice(len(YAW_SHARES), p=YAW_SHARES))
    low, high = (0.0, *YAW_EDGES_DEG, most_yaw_deg)[chosen : chosen + 2]
    yaw = random.uniform(low, high) * random.choice([-1.0, 1.0])
    pitch = np.clip(random.normal(0.0, PITCH_SIGMA_DEG), -PITCH_MAX_DEG, PITCH_MAX_DEG)
    roll = np.clip(random.normal(0.0, ROLL_SIGMA_DEG), -ROLL_MAX_DEG, ROLL_MAX_DEG)
    return np.array([yaw, pitch, roll], dtype=np.float32)


def _add_action(
    random: np.random.Generator, weights: dict[str, float], action: Action, level: float
) -> None:
    sides = np.clip(1.0 + 0.12 * random.standard_normal(2), 0.6, 1.4)
    if random.random() < ONE_SIDED_SHARE:
        sides[random.integers(2)] *= 0.3
    for stem, weight in action.units:
        amount = level * weight
        if stem in weights:
            weights[stem] = amount
        else:
            weights[f"{stem}Left"] = amount * sides[0]
            weights[f"{stem}Right"] = amount * sides[1]


def _add_gaze(random: np.random.Generator, weights: dict[str, float]) -> None:
    """Add a gaze, the same for both eyes; ARKit's In and Out are relative to the nose."""
    sideways, up = 0.3 * random.standard_normal(2)
    one, other = ("In", "Out") if sideways > 0 else ("Out", "In")
    weights[f"eyeLook{one}Left"] = weights[f"eyeLook{other}Right"] = abs(sideways)
    vertical = "Up" if up > 0 else "Down"
    weights[f"eyeLook{vertical}Left"] = weights[f"eyeLook{vertical}Right"] = abs(up)
