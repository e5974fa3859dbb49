"""A track as an animated GLB: the textured head, its pose and its expression over time.

Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#animations
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pygltflib
import torch
from scipy.spatial.transform import Rotation

from dasl.export.mesh_files import glb
from dasl.export.options import HeadOptions
from dasl.head.morphable_model import MorphableModel
from dasl.reconstruction.face import Face
from dasl.video.overlay import faces_of
from dasl.video.samples import Sample, Track
from dasl.video.smooth import MAX_GAP_S

Floats = npt.NDArray[np.float32]
CLIP_NAME = "clip"
_JUMP_S = 1e-3
_KINDS = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}


def face_of_track(track: Track, model: MorphableModel) -> Face:
    """The person on the frame that shows the face best: what the texture is taken from."""
    nearest = min(track.samples, key=lambda sample: abs(sample.frame - track.best_frame))
    return faces_of([nearest], track.best_pixels, model)[0]


def animated_glb(track: Track, model: MorphableModel) -> bytes:
    """One head that moves as the person does on the clip.

    An orthographic camera shows it as the clip does: rotation and translation in the clip's plane,
    and the head's size on the picture as a scale, since a weak-perspective pose has no distance.
    One metre is the clip's median scale, its origin the middle of the frame; y is up.

    Args:
        track: of one person, one identity for all samples (`smoothed_track`).
        model: the head model.
    """
    rest = glb(face_of_track(track, model), "head", HeadOptions())[".glb"]
    document = pygltflib.GLTF2.load_from_bytes(rest)
    for accessor in document.accessors:
        if accessor.bufferView is None:  # sparse: pygltflib gives it an offset, glTF forbids one
            accessor.byteOffset = None
    blob = bytearray(document.binary_blob())
    keys = _held(track.samples)
    times = np.array([key.time_s for key in keys], dtype=np.float32)
    clock = _add_values(document, blob, times)
    channels, samplers = [], []
    for path, values in _channels(keys, track.best_pixels.shape).items():
        output = _add_values(document, blob, values)
        samplers.append(pygltflib.AnimationSampler(input=clock, output=output))
        target = pygltflib.AnimationChannelTarget(node=0, path=path)
        channels.append(pygltflib.AnimationChannel(sampler=len(samplers) - 1, target=target))
    animation = pygltflib.Animation(name=CLIP_NAME, channels=channels, samplers=samplers)
    document.animations.append(animation)
    document.buffers[0].byteLength = len(blob)
    document.set_binary_blob(bytes(blob))
    return b"".join(document.save_to_bytes())


def _held(samples: Sequence[Sample]) -> list[Sample]:
    """The samples; before a gap the last one is repeated, so that the head waits and then jumps."""
    keys = list(samples[:1])
    for before, after in pairwise(samples):
        if after.time_s - before.time_s > MAX_GAP_S:
            keys.append(replace(before, time_s=after.time_s - _JUMP_S))
        keys.append(after)
    return keys


def _channels(keys: Sequence[Sample], shape: tuple[int, ...]) -> dict[str, Floats]:
    """What moves: glTF path -> one row a key; weights flat, as the format wants them.

    Args:
        keys: samples in order of time.
        shape: rows and columns of the frames come first.
    """
    poses = [key.coefficients.pose for key in keys]
    scale = torch.cat([pose.scale for pose in poses]).numpy().astype(np.float64)
    metre_px = float(np.median(scale))
    height, width = shape[:2]
    middle_image = np.array([(width - 1) / 2, (height - 1) / 2])
    planar = torch.cat([pose.translation for pose in poses]).numpy() - middle_image
    translation = np.stack([planar[:, 0], -planar[:, 1], np.zeros(len(poses))], axis=1) / metre_px
    rotation = torch.cat([pose.rotation for pose in poses]).numpy()
    weights = torch.cat([key.coefficients.expression for key in keys]).numpy()
    return {
        "rotation": _quaternions(rotation),
        "translation": translation.astype(np.float32),
        "scale": np.repeat(scale[:, None] / metre_px, 3, axis=1).astype(np.float32),
        "weights": weights.ravel().astype(np.float32),
    }


def _quaternions(rotation: npt.NDArray[np.floating[Any]]) -> Floats:
    """(N, 4) x, y, z, w; each in the same half of the sphere as the one before."""
    found = Rotation.from_matrix(rotation).as_quat()
    turned = np.sign((found[1:] * found[:-1]).sum(axis=1))
    found[1:] *= np.cumprod(np.where(turned < 0, -1.0, 1.0))[:, None]
    return found.astype(np.float32)


def _add_values(document: pygltflib.GLTF2, blob: bytearray, values: Floats) -> int:
    """Appends an accessor; returns its index."""
    blob.extend(b"\0" * (-len(blob) % 4))
    view = pygltflib.BufferView(buffer=0, byteOffset=len(blob), byteLength=values.nbytes)
    document.bufferViews.append(view)
    blob.extend(values.tobytes())
    rows = values if values.ndim == 2 else values[:, None]
    accessor = pygltflib.Accessor(
        bufferView=len(document.bufferViews) - 1,
        componentType=pygltflib.FLOAT,
        count=len(rows),
        type=_KINDS[rows.shape[1]],
        min=rows.min(axis=0).tolist(),
        max=rows.max(axis=0).tolist(),
    )
    document.accessors.append(accessor)
    return len(document.accessors) - 1
