"""Smooths a track: one identity for the whole clip, pose and expression filtered in time."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from dasl.arrays import FloatArray
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_6d
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.identity_statistics import IdentityStatistics
from dasl.video.one_euro import OneEuro, one_euro_both_ways
from dasl.video.samples import Sample, Track

POSE_FILTER = OneEuro(min_cutoff_hz=2.0, beta=3.0)
EXPRESSION_FILTER = OneEuro(min_cutoff_hz=2.0, beta=3.0)
"""Of rotation, log scale and translation (in tenths of a metre), and of the weights. Chosen from a
grid of 20 on a rendered moving head (4 s, 30 frames/s, noise): of the settings that remove more
than half of the landmarks' jitter (38 % remains), one with the least error."""
VIEW_DEG = 20.0
"""Width of yaw bins; the frames of a bin count as one view of a person."""
MAX_GAP_S = 0.5
"""After a longer gap the filters start again."""
_FACE_M = 0.1  # length unit that gives translations the magnitude of rotations


def smoothed_track(
    track: Track,
    model: MorphableModel,
    statistics: IdentityStatistics,
) -> Track:
    """The same samples with one identity, and with pose and expression filtered in time.

    Filters run forwards and backwards, so the result does not lag. The identity is estimated from
    the whole clip (`track_identity`). Each frame's scale and translation are first refitted, so
    that the new identity's landmarks match the frame's own.

    Args:
        track: of one person.
        model: the head model.
        statistics: of the identities that the network predicts.
    """
    identity = track_identity(track, statistics)
    parts = []
    for part in _unbroken(track.samples):
        expression = np.concatenate([sample.coefficients.expression for sample in part])
        landmarks = np.stack([sample.landmarks for sample in part])
        shape = np.repeat(identity[None], len(part), axis=0), expression
        rotation = np.concatenate([sample.coefficients.pose.rotation for sample in part])
        pose = fitted_pose(model.landmarks68(*shape), landmarks, rotation)
        times_s = np.array([sample.time_s for sample in part])
        pose = _filtered_pose(pose, times_s, POSE_FILTER)
        expression = _filtered(expression, times_s, EXPRESSION_FILTER).clip(0.0, 1.0)
        parts.append(_rewritten(part, model, Coefficients(pose, shape[0], expression)))
    return replace(track, samples=tuple(sample for part in parts for sample in part))


def track_identity(track: Track, statistics: IdentityStatistics) -> FloatArray:
    """(K,) the expected identity of the person in a clip.

    Frames with a similar yaw have similar errors. They are combined into one view, whose identity
    is their mean, weighted by confidence.
    """
    turned = np.array([sample.angles_deg[0] for sample in track.samples])
    identities = np.stack([sample.identity for sample in track.samples])
    weight = np.array([sample.confidence for sample in track.samples]).clip(1e-3)
    bins = np.rint(turned / VIEW_DEG).astype(int)
    views = [
        np.average(np.column_stack([turned, identities])[bins == one], 0, weight[bins == one])
        for one in np.unique(bins)
    ]
    yaws, means = np.stack(views)[:, 0], np.stack(views)[:, 1:]
    return statistics.fused(means, yaws).astype(np.float32)


def fitted_pose(points_model: FloatArray, points_image: FloatArray, rotation: FloatArray) -> Pose:
    """Scale and translation from rotated points to image points, by least squares in x and y.

    Args:
        points_model: (B, P, 3) metres.
        points_image: (B, P, 3) pixels.
        rotation: (B, 3, 3), kept.
    """
    count = len(rotation)
    unit = Pose(rotation, np.ones(count, np.float32), np.zeros((count, 2), np.float32))
    placed = image_from_model(points_model, unit)[..., :2]
    seen = points_image[..., :2]
    centre_placed, centre_seen = placed.mean(axis=1), seen.mean(axis=1)
    placed, seen = placed - centre_placed[:, None], seen - centre_seen[:, None]
    scale = (placed * seen).sum(axis=(1, 2)) / (placed**2).sum(axis=(1, 2))
    return Pose(rotation, scale, centre_seen - scale[:, None] * centre_placed)


def _unbroken(samples: tuple[Sample, ...]) -> Iterator[list[Sample]]:
    """Runs of samples without a gap longer than `MAX_GAP_S`."""
    run: list[Sample] = []
    for sample in samples:
        if run and sample.time_s - run[-1].time_s > MAX_GAP_S:
            yield run
            run = []
        run.append(sample)
    yield run


def _filtered_pose(pose: Pose, times_s: np.ndarray, settings: OneEuro) -> Pose:
    """Rotation as two rows, scale as a logarithm, translation in face lengths."""
    face_px = _FACE_M * float(np.median(pose.scale))
    columns = [pose.rotation[:, :2].reshape(-1, 6), np.log(pose.scale)[:, None]]
    columns.append(pose.translation / face_px)
    filtered = _filtered(np.concatenate(columns, axis=1), times_s, settings)
    return Pose(
        rotation_from_6d(filtered[:, :6]), np.exp(filtered[:, 6]), filtered[:, 7:] * face_px
    )


def _filtered(values: FloatArray, times_s: np.ndarray, settings: OneEuro) -> FloatArray:
    return one_euro_both_ways(values.astype(np.float64), times_s, settings).astype(np.float32)


def _rewritten(
    samples: list[Sample], model: MorphableModel, coefficients: Coefficients
) -> list[Sample]:
    landmarks = landmarks68_image(model, coefficients)
    return [
        replace(
            sample, coefficients=coefficients.rows(row, row + 1), landmarks=landmarks[row].copy()
        )
        for row, sample in enumerate(samples)
    ]
