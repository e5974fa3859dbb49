"""A track as an animated GLB: the textured head, its pose and its expression over time.

Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#animations
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from dasl.arrays import FloatArray
from dasl.export.gltf import Animation
from dasl.export.mesh_files import head_glb
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.head.morphable_model import MorphableModel
from dasl.video.overlay import faces_of
from dasl.video.samples import Sample, Track
from dasl.video.smooth import MAX_GAP_S

CLIP_NAME = "clip"
_JUMP_S = 1e-3


def head_of_track(track: Track, model: MorphableModel) -> TexturedHead:
    """The person in the frame that shows the face best, which gives the texture."""
    nearest = min(track.samples, key=lambda sample: abs(sample.frame - track.best_frame))
    return faces_of([nearest], track.best_pixels, model)[0].head


def animated_glb(track: Track, model: MorphableModel) -> bytes:
    """A head animated with the person's motion in the clip.

    With an orthographic camera it looks as in the clip. It has rotation, translation in the image
    plane, and the head's apparent size as a scale, since a weak-perspective pose has no distance.
    One metre corresponds to the clip's median scale; the origin is the centre of the frame; y is
    up.

    Args:
        track: of one person, one identity for all samples (`smoothed_track`).
        model: the head model.
    """
    keys = _held(track.samples)
    times_s = np.array([key.time_s for key in keys], dtype=np.float32)
    animation = Animation(CLIP_NAME, times_s, _channels(keys, track.best_pixels.shape))
    return head_glb(head_of_track(track, model), HeadOptions(), animation)


def _held(samples: Sequence[Sample]) -> list[Sample]:
    """The samples, with the last one repeated before a gap, so that the head holds, then jumps."""
    keys = list(samples[:1])
    for before, after in pairwise(samples):
        if after.time_s - before.time_s > MAX_GAP_S:
            keys.append(replace(before, time_s=after.time_s - _JUMP_S))
        keys.append(after)
    return keys


def _channels(keys: Sequence[Sample], shape: tuple[int, ...]) -> dict[str, FloatArray]:
    """The animated values: glTF path -> one row per key; weights flat, as the format requires.

    Args:
        keys: samples in order of time.
        shape: rows and columns of the frames come first.
    """
    poses = [key.coefficients.pose for key in keys]
    scale = np.concatenate([pose.scale for pose in poses]).astype(np.float64)
    metre_px = float(np.median(scale))
    height, width = shape[:2]
    middle_image = np.array([(width - 1) / 2, (height - 1) / 2])
    planar = np.concatenate([pose.translation for pose in poses]) - middle_image
    translation = np.stack([planar[:, 0], -planar[:, 1], np.zeros(len(poses))], axis=1) / metre_px
    rotation = np.concatenate([pose.rotation for pose in poses])
    weights = np.concatenate([key.coefficients.expression for key in keys])
    return {
        "rotation": _quaternions(rotation),
        "translation": translation.astype(np.float32),
        "scale": np.repeat(scale[:, None] / metre_px, 3, axis=1).astype(np.float32),
        "weights": weights.ravel().astype(np.float32),
    }


def _quaternions(rotation: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """(N, 4) x, y, z, w; each in the same hemisphere as the previous one."""
    quaternions = Rotation.from_matrix(rotation).as_quat()
    turned = np.sign((quaternions[1:] * quaternions[:-1]).sum(axis=1))
    quaternions[1:] *= np.cumprod(np.where(turned < 0, -1.0, 1.0))[:, None]
    return quaternions.astype(np.float32)
