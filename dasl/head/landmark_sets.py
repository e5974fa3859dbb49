"""Landmark schemes beyond iBUG's 68: points on the head's surface that other programs number.

"478": MediaPipe's face mesh with irises. "106": the JD-landmark order (JD-landmark challenge 2019,
also of PFLD and others); InsightFace's `2d106det` has the same number of points in another order.
`tools.place_face_mesh` made the places.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from safetensors import SafetensorError, safe_open

from dasl.arrays import FloatArray, IntArray
from dasl.errors import ConfigError, WeightsError
from dasl.head.morphable_model import MorphableModel

LandmarkScheme = Literal["106", "478"]
LANDMARK_SCHEMES: tuple[LandmarkScheme, ...] = get_args(LandmarkScheme)
SETS_FILE = Path(__file__).parents[1] / "assets/landmark_sets.safetensors"
IRIS_478 = range(468, 478)
"""Of the 478: the right iris' centre and rim, then the left's, as MediaPipe names sides."""


@dataclass(frozen=True, eq=False)
class LandmarkSet:
    """N points on a head's surface.

    Attributes:
        vertices: (N, 3) int64, vertices of the head model.
        weights: (N, 3) float32, rows add up to 1.
    """

    vertices: IntArray
    weights: FloatArray

    def of(self, vertices: FloatArray) -> FloatArray:
        """The points of given vertices in any frame: (..., V, 3) to (..., N, 3)."""
        return np.asarray((vertices[..., self.vertices, :] * self.weights[..., None]).sum(axis=-2))


def landmarks_in(scheme: LandmarkScheme, model: MorphableModel, vertices: FloatArray) -> FloatArray:
    """Landmarks of another scheme.

    Args:
        scheme: one of `LANDMARK_SCHEMES`.
        model: the head model.
        vertices: (..., V, 3) of the model, any frame.

    Returns:
        (..., 106 or 478, 3), the same frame.

    Raises:
        ConfigError: an unknown scheme, or the points were placed on another head.
    """
    check_scheme(scheme)
    head_id, sets = _stored_sets()
    if model.head_id != head_id:
        raise ConfigError(
            f"the {scheme} points were placed on head {head_id}, not on {model.head_id}; use "
            "weights of the embedded head"
        )
    return sets[scheme].of(vertices)


def check_scheme(scheme: str) -> None:
    """Raises `ConfigError` unless there is such a scheme."""
    if scheme not in LANDMARK_SCHEMES:
        raise ConfigError(
            f"landmarks must be one of {', '.join(LANDMARK_SCHEMES)}, got {scheme!r}; the 68 are "
            "always there"
        )


@lru_cache(maxsize=1)
def _stored_sets() -> tuple[str, dict[str, LandmarkSet]]:
    try:
        with safe_open(SETS_FILE, framework="np") as file:
            metadata = file.metadata() or {}
            sets: dict[str, LandmarkSet] = {
                scheme: LandmarkSet(
                    file.get_tensor(f"vertices{scheme}").astype(np.int64),
                    file.get_tensor(f"weights{scheme}").astype(np.float32),
                )
                for scheme in LANDMARK_SCHEMES
            }
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read {SETS_FILE}: {error}; install dasl again") from error
    return metadata.get("head_id", "unknown"), sets
