"""Expressions of a VRM file, made of the 52 ARKit face units.

Specification: https://github.com/vrm-c/vrm-specification (VRMC_vrm-1.0/expressions.md). It names
the presets and leaves their look to the author; the weights here were chosen by eye.
"""

from collections.abc import Mapping, Sequence

from dasl.export.gltf_buffer import Json

Weights = Mapping[str, float]
"""ARKit name -> weight in [0, 1]."""

AS_ON_THE_PHOTO = "photo"
"""Name of the custom expression with the weights found on the photo."""
SMALLEST_WEIGHT = 0.005
"""Smaller weights of the photo are left out."""
SIDES = ("Left", "Right")


def _both(**weights: float) -> dict[str, float]:
    """The same weights for the left and right unit of each name."""
    return {f"{name}{side}": weight for name, weight in weights.items() for side in SIDES}


PRESETS: dict[str, Weights] = {
    "neutral": {},
    "happy": _both(mouthSmile=0.8, cheekSquint=0.5, eyeSquint=0.3, mouthDimple=0.2),
    "angry": _both(browDown=0.9, eyeSquint=0.4, noseSneer=0.4, mouthFrown=0.3, mouthPress=0.4),
    "sad": _both(mouthFrown=0.7, eyeSquint=0.2) | {"browInnerUp": 0.8, "mouthShrugLower": 0.3},
    "relaxed": _both(mouthSmile=0.35, eyeSquint=0.3, eyeBlink=0.2),
    "surprised": _both(browOuterUp=0.8, eyeWide=0.8) | {"browInnerUp": 0.7, "jawOpen": 0.35},
    "aa": _both(mouthLowerDown=0.2, mouthUpperUp=0.1) | {"jawOpen": 0.6},
    "ih": _both(mouthStretch=0.35, mouthSmile=0.15, mouthLowerDown=0.3, mouthUpperUp=0.2)
    | {"jawOpen": 0.1},
    "ou": {"mouthPucker": 0.7, "mouthFunnel": 0.3, "jawOpen": 0.1},
    "ee": _both(mouthStretch=0.3, mouthLowerDown=0.3, mouthUpperUp=0.15) | {"jawOpen": 0.25},
    "oh": {"jawOpen": 0.4, "mouthFunnel": 0.6},
    "blink": _both(eyeBlink=1.0),
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": _both(eyeLookUp=1.0),
    "lookDown": _both(eyeLookDown=1.0),
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
"""VRM's preset expressions. The four `look` ones move the lids alone: bones turn the eyeballs."""

OVERRIDES: dict[str, dict[str, str]] = {
    "surprised": {"overrideMouth": "blend"},  # else the jaw opens twice
    "relaxed": {"overrideBlink": "blend"},  # else the lids close further than shut
}


def expressions(names: Sequence[str], photo: Weights, nodes: Sequence[int]) -> Json:
    """`VRMC_vrm.expressions`: the presets, each unit under its ARKit name, and the photo's.

    Args:
        names: ARKit names in the order of the morph targets.
        photo: the weights found on the photo.
        nodes: nodes with these morph targets.
    """
    index = {name: row for row, name in enumerate(names)}

    def made(weights: Weights) -> Json:
        binds = [
            {"node": node, "index": index[name], "weight": round(weight, 4)}
            for node in nodes
            for name, weight in weights.items()
            if weight >= SMALLEST_WEIGHT
        ]
        return {"morphTargetBinds": binds} if binds else {}

    presets = {name: made(weights) | OVERRIDES.get(name, {}) for name, weights in PRESETS.items()}
    units = {name: made({name: 1.0}) for name in names}
    return {"preset": presets, "custom": units | {AS_ON_THE_PHOTO: made(photo)}}
