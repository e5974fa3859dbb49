"""Segments the person in a photo with U-2-Net's small network, run by ONNX Runtime.

Xuebin Qin et al., "U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection",
Pattern Recognition 2020, arXiv 2005.09007. The file is fetched by `tools/fetch_networks.py`, which
leaves out the network's last stage: its output has half the resolution, in half the time.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.errors import check_shape
from dasl.runtime.sessions import open_session

if TYPE_CHECKING:
    import onnxruntime

NETWORK = Path(__file__).parents[1] / "assets/u2netp/u2netp.onnx"
_SIDE = 320
_MEAN, _DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
"""ImageNet's mean and standard deviation, RGB in 0..1, as in the network's training."""


def person_share(photo: RgbImage) -> FloatArray:
    """Saliency of each pixel: on a portrait, the probability that it shows the person.

    Args:
        photo: (H, W, 3) uint8 RGB; best the part around one head.

    Returns:
        (H, W) float32 in [0, 1].

    Raises:
        WeightsError: the network's file is missing or damaged.
    """
    check_shape("photo", photo, "H", "W", 3)
    height, width = photo.shape[:2]
    method = cv2.INTER_AREA if max(height, width) > _SIDE else cv2.INTER_LINEAR
    seen = np.asarray(cv2.resize(photo, (_SIDE, _SIDE), interpolation=method), dtype=np.float32)
    seen = (seen / max(float(seen.max()), 1.0) - _MEAN) / _DEVIATION
    batch = np.ascontiguousarray(seen.transpose(2, 0, 1)[None], dtype=np.float32)
    session = _session()
    (odds,) = session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: batch})
    odds = cv2.resize(odds[0, 0], (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    share = 1.0 / (1.0 + np.exp(-odds))
    low, high = float(share.min()), float(share.max())
    share = (share - low) / max(high - low, 1e-6)
    return np.asarray(cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR))


@lru_cache(maxsize=1)
def _session() -> "onnxruntime.InferenceSession":
    return open_session(NETWORK)
