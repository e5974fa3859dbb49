"""Segmentation of the person from background, collars or veils around the head."""

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray

_ROUNDS, _MIXTURE_NUMBERS = 2, 65
_LEAST_POINTS = 20
_SOFTENING_POINTS = 0.8
_SHARE = (0.45, 0.85)


def foreground(
    colours: npt.NDArray[np.uint8],
    is_face: npt.NDArray[np.bool_],
    is_head: npt.NDArray[np.bool_],
    is_far: npt.NDArray[np.bool_],
) -> FloatArray:
    """Segment the person on a coarse grid of colours (GrabCut: Rother et al. 2004).

    Args:
        colours: (H, W, 3) uint8 RGB.
        is_face: (H, W) the middle of the fitted face: certainly the person.
        is_head: (H, W) the fitted head: probably the person.
        is_far: (H, W) far enough from the head: certainly not the person's skin.

    Returns:
        (H, W) float32, 1 for the person and 0 for the rest, with soft borders; 1 everywhere if
        there are too few points of either.
    """
    if is_face.sum() < _LEAST_POINTS or is_far.sum() < _LEAST_POINTS:
        return np.ones(is_face.shape, dtype=np.float32)
    label = np.where(is_head, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    label = np.where(is_far, cv2.GC_BGD, label)
    label = np.where(is_face, cv2.GC_FGD, label).astype(np.uint8)
    cv2.setRNGSeed(0)  # makes the texture deterministic
    mixture = np.zeros((1, _MIXTURE_NUMBERS))
    whole = (0, 0, label.shape[1], label.shape[0])
    cv2.grabCut(colours, label, whole, mixture, mixture.copy(), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    is_person = (label == cv2.GC_FGD) | (label == cv2.GC_PR_FGD)
    soft = cv2.GaussianBlur(is_person.astype(np.float32), (0, 0), _SOFTENING_POINTS)
    return ((soft - _SHARE[0]) / (_SHARE[1] - _SHARE[0])).clip(0.0, 1.0).astype(np.float32)
