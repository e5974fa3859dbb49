"""dasl: one photo of a face in; a textured 3D head, landmarks, pose and expression out.

The public names are imported when they are first used, so that `python -m dasl --help` need not
wait for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from eval.program import telemetry

if TYPE_CHECKING:
    from dasl.errors import DaslError, NoFaceFound, PhotoError, ShapeError, WeightsError
    from dasl.head.morphable_model import MorphableModel
    from dasl.reconstruction.face import Face
    from dasl.reconstruction.reconstructor import FaceReconstructor

__version__ = "0.1.0"
"""The one place of it; dasl-eval has the same (tests/test_versions.py)."""

telemetry.turn_off()

_HOMES = {
    "DaslError": "dasl.errors",
    "Face": "dasl.reconstruction.face",
    "FaceReconstructor": "dasl.reconstruction.reconstructor",
    "MorphableModel": "dasl.head.morphable_model",
    "NoFaceFound": "dasl.errors",
    "PhotoError": "dasl.errors",
    "ShapeError": "dasl.errors",
    "WeightsError": "dasl.errors",
}
__all__ = [
    "DaslError",
    "Face",
    "FaceReconstructor",
    "MorphableModel",
    "NoFaceFound",
    "PhotoError",
    "ShapeError",
    "WeightsError",
]


def __getattr__(name: str) -> Any:
    """Import a public name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dasl' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
