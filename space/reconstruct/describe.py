"""Describes the values of a face in everyday words. Pure functions; no HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dasl.reconstruction.face_pose import FacePose

STRAIGHT_DEG = 4.0
"""Angles below this limit are called straight; few portraits are straighter."""

PROFILE_DEG = 60.0
HIGH_CONFIDENCE, FAIR_CONFIDENCE = 0.75, 0.5
"""Expected errors of 4 % of face size, which people still judge as right, and of 7 %."""


@dataclass(frozen=True)
class Angle:
    """One angle of the pose.

    Attributes:
        name: for example "Yaw".
        degrees: signed, as `dasl.reconstruction.face_pose.FacePose` has it.
        words: description of the angle as seen on the photo.
    """

    name: str
    degrees: float
    words: str


@dataclass(frozen=True)
class Trust:
    """A rating of the confidence of a face.

    Attributes:
        level: "high", "fair" or "low".
        words: advice for the visitor.
    """

    level: str
    words: str


def angles(pose: FacePose) -> tuple[Angle, Angle, Angle]:
    """Yaw, pitch and roll with their meaning; left and right are those of the photo."""
    # compare whole degrees, as shown, so that "-4" is not called level
    yaw_deg, pitch_deg, roll_deg = map(round, (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
    turned = "in profile to the" if abs(yaw_deg) >= PROFILE_DEG else "turned to the"
    return (
        Angle("Yaw", pose.yaw_deg, _side(yaw_deg, turned, "facing the camera")),
        Angle("Pitch", pose.pitch_deg, _tilt(pitch_deg)),
        Angle("Roll", pose.roll_deg, _side(roll_deg, "leaning to the", "upright")),
    )


def trust(confidence: float, covered: Sequence[str] = ()) -> Trust:
    """A rating for a confidence in [0, 1] and for the parts of the face that seem covered.

    Example:
        >>> trust(0.9).level
        'high'
        >>> trust(0.9, ["eyes"]).level
        'fair'
    """
    if confidence < FAIR_CONFIDENCE:
        level, words = "low", "Probably wrong: no clear face, or it is very small, dark or covered."
    elif confidence < HIGH_CONFIDENCE or covered:
        level, words = "fair", "Roughly right. Compare eyes, mouth and jaw with the photo."
    else:
        level, words = "high", "The landmarks should fit the photo."
    return Trust(level, " ".join([words, *map(covered_words, covered)]))


def covered_words(region: str) -> str:
    """A sentence on a covered region.

    Example:
        >>> covered_words("mouth")
        'The mouth seems covered: its shape is a guess.'
    """
    plural = region.endswith("s")
    seems, its = ("seem", "their") if plural else ("seems", "its")
    return f"The {region} {seems} covered: {its} shape is a guess."


def unit_words(name: str) -> str:
    """An ARKit name in words; left and right are those of the person shown.

    Example:
        >>> unit_words("mouthSmileLeft")
        'mouth smile left'
    """
    return " ".join(re.findall(r"[A-Z]?[a-z]+", name)).lower()


def strongest_units(expression: dict[str, float], count: int) -> list[tuple[str, float]]:
    """The `count` largest weights, largest first; ties sorted by name."""
    return sorted(expression.items(), key=lambda unit: (-unit[1], unit[0]))[:count]


def count_words(count: int, offered: int) -> str:
    """A sentence with the number of faces.

    Example:
        >>> count_words(2, 2)
        '2 faces found. Choose one on the photo or by its number.'
    """
    if count == 1:
        return "1 face found."
    left_out = f"; showing the {offered} largest" if offered < count else ""
    return f"{count} faces found{left_out}. Choose one on the photo or by its number."


def seconds_words(seconds: dict[str, float]) -> str:
    """Duration of each step, then of all.

    Example:
        >>> seconds_words({"reading": 0.01, "fitting": 0.5})
        'reading 0.01 s · fitting 0.50 s · total 0.51 s'
    """
    steps = [f"{name} {duration:.2f} s" for name, duration in seconds.items()]
    return " · ".join([*steps, f"total {sum(seconds.values()):.2f} s"])


def _side(degrees: float, verb: str, straight: str) -> str:
    if abs(degrees) < STRAIGHT_DEG:
        return straight
    return f"{verb} photo’s {'left' if degrees > 0 else 'right'}"


def _tilt(degrees: float) -> str:
    if abs(degrees) < STRAIGHT_DEG:
        return "level"
    return "looking up" if degrees > 0 else "looking down"
