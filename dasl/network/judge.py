"""Predicts the expected error of a reconstruction and the covered regions of its face.

`confidence.safetensors` in a weights folder holds both networks: the error head and the cover
network. `tools.calibrate_confidence` makes it.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes
from safetensors.numpy import save as bytes_from_tensors

from dasl.arrays import BoolArray
from dasl.errors import ShapeError, WeightsError
from dasl.network.cover_network import CoverNetwork, upright_faces
from dasl.network.error_head import ErrorHead
from dasl.network.error_signals import least_nme
from dasl.network.faint_crops import readable

Floats = NDArray[np.float32]

COVERED = (0.3, 0.3)
"""Probability threshold of each region (`dasl.network.cover_network.REGIONS`);
`tools.calibrate_confidence` prints the results with it."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Predicts the expected error of a reconstruction and the covered regions."""

    error_head: ErrorHead
    cover_network: CoverNetwork

    def __call__(
        self, signals: Floats, images: Floats, landmarks_crop: Floats, lean_rad: Floats
    ) -> tuple[Floats, BoolArray]:
        """Predict expected errors (B,) and whether each region is covered (B, 2).

        Args:
            signals: (B, F) of `dasl.network.error_signals`.
            images: (B, 3, 120, 120) float32, 0..255.
            landmarks_crop: (B, 68, 2 or 3) predicted landmarks on these images.
            lean_rad: (B,) clockwise roll of the faces on them.
        """
        nme = np.maximum(self.error_head(signals), least_nme(images))
        faces = upright_faces(readable(images), landmarks_crop, lean_rad)
        return nme, self.cover_network(faces) >= np.array(COVERED)


PARTS = {"error_head": ErrorHead, "cover_network": CoverNetwork}


def bytes_of_judge(judge: Judge) -> bytes:
    """Serialise both networks as one safetensors file."""
    content: bytes = bytes_from_tensors(
        {
            name: np.ascontiguousarray(getattr(getattr(judge, part), field), np.float32)
            for name, (part, field) in _names().items()
        }
    )
    return content


def judge_from_bytes(content: bytes, name: str) -> Judge:
    """Read both networks from a safetensors file.

    Args:
        content: of the file.
        name: of the file, for error messages.

    Raises:
        WeightsError: the file is damaged or holds something else.
    """
    wanted = _names()
    advice = "make it with tools.calibrate_confidence"
    try:
        tensors = tensors_from_bytes(content)
        if set(tensors) != set(wanted):
            raise WeightsError(
                f"{name}: holds {sorted(tensors)}, wanted {sorted(wanted)}; {advice}"
            )
        made = {
            part: kind(**{field.name: tensors[f"{part}.{field.name}"] for field in fields(kind)})
            for part, kind in PARTS.items()
        }
        judge = Judge(**made)
    except (SafetensorError, ShapeError) as error:
        raise WeightsError(f"{name}: not readable as a confidence ({error}); {advice}") from error
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise WeightsError(f"{name}: has values that are not finite; {advice}")
    return judge


def _names() -> dict[str, tuple[str, str]]:
    """Tensor names with their network and field."""
    return {
        f"{part}.{field.name}": (part, field.name)
        for part, kind in PARTS.items()
        for field in fields(kind)
    }
