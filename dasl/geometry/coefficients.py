"""The coefficients of a face (pose, identity, expression) and their packing in one vector.

The network's raw output is a whitened vector (B, 9 + K + E):

    0:6   first two rows of the rotation (6D parametrisation, Zhou et al. 2019, arXiv 1812.07035)
    6     log of the scale in crop pixels per metre
    7:9   translation x, y in crop pixels
    9:    K identity coefficients (standard deviations), then E expression weights in [0, 1]
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dasl.arrays import Array, array_namespace
from dasl.geometry.rotation import rotation_from_6d

POSE_COUNT = 9
LOG_SCALE = 6
"""Index of the log scale in a packed vector."""


@dataclass(frozen=True)
class Pose:
    """Weak-perspective poses of a batch; see `dasl.geometry.frames` for the frames.

    Attributes:
        rotation: (B, 3, 3) model to view, determinant +1.
        scale: (B,) pixels per metre.
        translation: (B, 2) image position of the model's origin, pixels.
    """

    rotation: Array
    scale: Array
    translation: Array

    def rows(self, start: int, stop: int) -> "Pose":
        """Some faces of the batch."""
        return Pose(self.rotation[start:stop], self.scale[start:stop], self.translation[start:stop])

    def take(self, which: Array) -> "Pose":
        """The faces at (M,) int64, in that order."""
        return Pose(self.rotation[which], self.scale[which], self.translation[which])

    def cpu(self) -> "Pose":
        """Arrays on the CPU."""
        return Pose(self.rotation.cpu(), self.scale.cpu(), self.translation.cpu())


@dataclass(frozen=True)
class Coefficients:
    """One batch of faces.

    Attributes:
        pose: of B faces.
        identity: (B, K), standard deviations.
        expression: (B, E), each in [0, 1].
    """

    pose: Pose
    identity: Array
    expression: Array

    def rows(self, start: int, stop: int) -> "Coefficients":
        """Some faces of the batch."""
        return Coefficients(
            self.pose.rows(start, stop), self.identity[start:stop], self.expression[start:stop]
        )

    def take(self, which: Array) -> "Coefficients":
        """The faces at (M,) int64, in that order."""
        return Coefficients(self.pose.take(which), self.identity[which], self.expression[which])

    def cpu(self) -> "Coefficients":
        """Arrays on the CPU."""
        return Coefficients(self.pose.cpu(), self.identity.cpu(), self.expression.cpu())


def concatenated(parts: Sequence[Coefficients]) -> Coefficients:
    """The faces of several batches as one."""
    xp = array_namespace(parts[0].identity)
    poses = [part.pose for part in parts]
    return Coefficients(
        Pose(
            xp.concat([pose.rotation for pose in poses]),
            xp.concat([pose.scale for pose in poses]),
            xp.concat([pose.translation for pose in poses]),
        ),
        xp.concat([part.identity for part in parts]),
        xp.concat([part.expression for part in parts]),
    )


@dataclass(frozen=True)
class Whitening:
    """Affine map between raw network outputs and coefficients.

    Attributes:
        mean: (9 + K + E,).
        std: (9 + K + E,), positive.
    """

    mean: Array
    std: Array


def pack(coefficients: Coefficients) -> Array:
    """One unwhitened vector for each face: (B, 9 + K + E)."""
    pose = coefficients.pose
    xp = array_namespace(pose.rotation)
    return xp.concat(
        [
            xp.reshape(pose.rotation[:, :2], (-1, 6)),
            xp.log(pose.scale)[:, None],
            pose.translation,
            coefficients.identity,
            coefficients.expression,
        ],
        axis=1,
    )


def unpack(packed: Array, identity_count: int) -> Coefficients:
    """Inverse of `pack`; makes the rotation valid and keeps expression weights in [0, 1]."""
    xp = array_namespace(packed)
    pose = Pose(
        rotation=rotation_from_6d(packed[:, :6]),
        scale=xp.exp(xp.clip(packed[:, LOG_SCALE], -20.0, 20.0)),
        translation=packed[:, 7:9],
    )
    identity = packed[:, POSE_COUNT : POSE_COUNT + identity_count]
    expression = xp.clip(packed[:, POSE_COUNT + identity_count :], 0.0, 1.0)
    return Coefficients(pose=pose, identity=identity, expression=expression)


def encode(coefficients: Coefficients, whitening: Whitening) -> Array:
    """The raw output of a perfect network: (B, 9 + K + E), whitened."""
    return (pack(coefficients) - whitening.mean) / whitening.std


def decode(raw: Array, whitening: Whitening, identity_count: int) -> Coefficients:
    """Network output (B, 9 + K + E) to coefficients; differentiable."""
    return unpack(raw * whitening.std + whitening.mean, identity_count)
