"""The Basel Face Model 2009 with the pose convention of AFLW2000-3D's mats.

This package contains no part of the model: ``eval.bfm.files.load_bfm`` reads the user's files.
Frames: *model*, micrometres, x to the image's right for a frontal face, y up, z out of the face;
*upright*, image pixels with y counted from the bottom edge; *image*, MATLAB's 1-based pixels, x
right, y down, z towards the viewer, as ``pt3d_68`` is published.

The pose convention (Rx Ry Rz, 1-based flip) is measured: with it the 2,000 published ``pt3d_68``,
transformed to the model frame, are a linear function of ``Shape_Para`` and ``Exp_Para`` to 1e-5
pixels. With any other order, sign or flip they are not. A test verifies this.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Floats, Ints


@dataclass(frozen=True, eq=False)
class Bfm:
    """A linear face model: mean + shape_basis @ shape + expression_basis @ expression.

    Coefficients are in the basis' own unit (not in standard deviations), as ``Shape_Para`` and
    ``Exp_Para`` of the mats are, and as 3DDFA's are after un-whitening.

    Attributes:
        mean: (V, 3) float32, micrometres; mean shape and mean expression together.
        shape_basis: (3 V, S) float32, rows x y z of each vertex in turn.
        expression_basis: (3 V, E) float32.
        keypoints: (68,) vertices of the iBUG points; None if the files lack them.
        triangles: (T, 3) vertices; None if the files lack them.
        source: the files it came from.
    """

    mean: NDArray[np.float32]
    shape_basis: NDArray[np.float32]
    expression_basis: NDArray[np.float32]
    keypoints: Ints | None
    triangles: Ints | None
    source: str

    def __post_init__(self) -> None:
        """Check the parts against each other."""
        rows = 3 * len(self.mean)
        shapes = (self.mean.shape[1:], self.shape_basis.shape[:1], self.expression_basis.shape[:1])
        if shapes != ((3,), (rows,), (rows,)) or rows == 0:
            raise ArrayError(
                f"the parts of {self.source} disagree: mean {self.mean.shape}, shape basis "
                f"{self.shape_basis.shape}, expression basis {self.expression_basis.shape}, wanted "
                "(V, 3), (3 V, S) and (3 V, E); take all files from one distribution"
            )
        for name, index in (("keypoints", self.keypoints), ("triangles", self.triangles)):
            if index is not None and not ((index >= 0) & (index < len(self.mean))).all():
                raise ArrayError(
                    f"{name} of {self.source} must name vertices 0 to {len(self.mean) - 1}, got "
                    f"{index.min()} to {index.max()}; take all files from one distribution"
                )

    def vertices(self, shape_para: Floats, exp_para: Floats) -> Float64s:
        """Vertices in the model frame.

        Args:
            shape_para: (..., s) coefficients of the first s columns, s <= S.
            exp_para: (..., e) coefficients of the first e columns, e <= E.

        Returns:
            (..., V, 3) float64 micrometres, y up.

        Raises:
            ArrayError: more coefficients than columns, or the two disagree on the leading axes.

        Example:
            >>> bfm.vertices(np.zeros(199), np.zeros(29)).shape  # doctest: +SKIP
            (53215, 3)
        """
        sizes = (self.shape_basis.shape[1], self.expression_basis.shape[1])
        counts = (shape_para.shape[-1], exp_para.shape[-1])
        if counts[0] > sizes[0] or counts[1] > sizes[1] or shape_para.ndim != exp_para.ndim:
            raise ArrayError(
                f"coefficients must be (..., up to {sizes[0]}) of shape and (..., up to {sizes[1]})"
                f" of expression, got {shape_para.shape} and {exp_para.shape}; {self.source} holds "
                "no more columns: take the full model"
            )
        offsets = shape_para.astype(np.float32) @ self.shape_basis[:, : counts[0]].T
        offsets = offsets + exp_para.astype(np.float32) @ self.expression_basis[:, : counts[1]].T
        leading = shape_para.shape[:-1]
        return self.mean.astype(np.float64) + offsets.reshape(*leading, len(self.mean), 3)

    def subset(self, vertices: Ints) -> "Bfm":
        """The model restricted to some vertices, without triangles and keypoints.

        Args:
            vertices: (K,) indices into the vertices.

        Example:
            >>> bfm.subset(bfm.keypoints).vertices(shape, expression).shape  # doctest: +SKIP
            (68, 3)
        """
        rows = (3 * vertices[:, None] + np.arange(3)).reshape(-1)
        return replace(
            self,
            mean=self.mean[vertices],
            shape_basis=self.shape_basis[rows],
            expression_basis=self.expression_basis[rows],
            keypoints=None,
            triangles=None,
        )


def rotation(angles_rad: Floats) -> Float64s:
    """Rotation from model to view, Rx(pitch) Ry(yaw) Rz(roll), as 3DDFA's ``RotationMatrix``.

    Args:
        angles_rad: (..., 3) pitch, yaw, roll, radians, the first three of ``Pose_Para``.

    Returns:
        (..., 3, 3), determinant +1, for column vectors.

    Example:
        >>> rotation(np.array([0.0, 0.0, np.pi / 2])).round()[0]
        array([0., 1., 0.])
    """
    angles = angles_rad.astype(np.float64)
    cos, sin = np.cos(angles), np.sin(angles)
    zero, one = np.zeros_like(cos[..., 0]), np.ones_like(cos[..., 0])

    def matrix(*entries: Float64s) -> Float64s:
        return np.stack(entries, axis=-1).reshape(*angles.shape[:-1], 3, 3)

    (cx, cy, cz), (sx, sy, sz) = np.moveaxis(cos, -1, 0), np.moveaxis(sin, -1, 0)
    about_x = matrix(one, zero, zero, zero, cx, sx, zero, -sx, cx)
    about_y = matrix(cy, zero, -sy, zero, one, zero, sy, zero, cy)
    about_z = matrix(cz, sz, zero, -sz, cz, zero, zero, zero, one)
    return np.asarray(about_x @ about_y @ about_z)


def pose_matrix(pose_para: Floats) -> Float64s:
    """Scaled rotation and translation of ``Pose_Para``, in the layout of 3DDFA's 12 pose values.

    Args:
        pose_para: (..., 7) pitch, yaw, roll in radians, translation x y z and scale.

    Returns:
        (..., 3, 4): scale * rotation beside the translation, model to upright.
    """
    if pose_para.shape[-1] != 7:
        raise ArrayError(f"pose_para must be (..., 7), got {pose_para.shape}; see Pose_Para")
    pose = pose_para.astype(np.float64)
    turned = pose[..., 6, None, None] * rotation(pose[..., :3])
    return np.concatenate([turned, pose[..., 3:6, None]], axis=-1)


def yaw_pitch_roll_deg(matrix: Floats) -> Float64s:
    """Angles of weak perspective matrices, the inverse of ``rotation``.

    Each matrix is replaced by the nearest rotation (polar decomposition). A yaw beyond 90 degrees
    is returned as one within 90, with pitch and roll turned by 180.

    Args:
        matrix: (N, 3, 3 or 4), scale times rotation, and a translation; NaN stays NaN.

    Returns:
        (N, 3) yaw, pitch, roll in degrees, in ``Pose_Para``'s convention.
    """
    angles = np.full((len(matrix), 3), np.nan)
    rows = np.flatnonzero(np.isfinite(matrix[..., :3]).all(axis=(1, 2)))
    left, _, right = np.linalg.svd(matrix[rows][..., :3].astype(np.float64))
    left[..., -1] *= np.linalg.det(left @ right)[:, None]  # avoids a reflection
    turned = left @ right
    yaw = np.arcsin(np.clip(-turned[:, 0, 2], -1.0, 1.0))
    pitch = np.arctan2(turned[:, 1, 2], turned[:, 2, 2])
    roll = np.arctan2(turned[:, 0, 1], turned[:, 0, 0])
    angles[rows] = np.degrees(np.stack([yaw, pitch, roll], axis=1))
    return angles


def posed(vertices_model: Floats, matrix: Floats) -> Float64s:
    """Vertices in the upright frame; ``image_from_upright`` goes on from there.

    Args:
        vertices_model: (..., V, 3) micrometres.
        matrix: (..., 3, 4) from ``pose_matrix``, or a network's own 12 values.

    Returns:
        (..., V, 3) pixels, y from the bottom.
    """
    turned = vertices_model @ np.swapaxes(matrix[..., :3], -1, -2)
    return np.asarray(turned + matrix[..., None, :, 3], dtype=np.float64)


def image_from_upright(points: Floats, height: int) -> Float64s:
    """Points with y down: y' = height + 1 - y, x and z as they are (1-based pixels).

    Args:
        points: (..., 3) pixels, y from the bottom.
        height: of the image: 450 for AFLW2000-3D's photos, 120 for 3DDFA's crops.
    """
    flipped = points.astype(np.float64)
    flipped[..., 1] = height + 1 - flipped[..., 1]
    return flipped
