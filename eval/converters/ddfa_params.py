"""3DDFA's parameter arrays: (N, 62), whitened, decoded with the user's own face model.

The 62 values are a 3 x 4 weak perspective matrix (row by row), 40 shape and 10 expression
coefficients, standardised by the mean and standard deviation of the training set. 2DASL writes the
same. Rows have no names; a separate list names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bfm.model import Bfm, posed, yaw_pitch_roll_deg
from eval.converters.frames import CropRule, published_from_crop
from eval.converters.predictions import MOST_FACES, Predictions, RowsOnDemand
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s
from eval.untrusted.npy import read_npy
from eval.untrusted.npz import NpzReader

POSE, SHAPE, EXPRESSION = 12, 40, 10
PARAMETER_COUNT = POSE + SHAPE + EXPRESSION
# Names of mean and standard deviation in 3DDFA v1's param_whitening.pkl and V2's param_mean_std.
STATISTICS_NAMES = (("param_mean", "param_std"), ("mean", "std"))
POSE_FACT = (
    "nearest rotation of each matrix, in Pose_Para's angles: nothing is lost, but a yaw beyond 90 "
    "degrees comes back within, with pitch and roll turned by 180"
)
UNPICKLE = (
    'pickles are not read: if you trust where it came from, python -c "import pickle, numpy as '
    "np; np.savez('whitening.npz', **pickle.load(open('param_whitening.pkl', 'rb')))\" turns it "
    "into one"
)


@dataclass(frozen=True, eq=False)
class ParameterStatistics:
    """Training statistics that the 62 values were whitened with.

    Attributes:
        mean: (62,)
        deviation: (62,), > 0.
    """

    mean: Float64s
    deviation: Float64s


def read_whitening(path: Path) -> ParameterStatistics:
    """The statistics from a .npz with ``param_mean`` and ``param_std``, or ``mean`` and ``std``.

    Raises:
        SubmissionError: no such file, a pickle, or not 62 finite numbers each.
    """
    if path.suffix.lower() in {".pkl", ".pickle"}:
        raise SubmissionError(f"{path} is a pickle, wanted a .npz; {UNPICKLE}")
    limits = {name: 1 << 16 for pair in STATISTICS_NAMES for name in pair}
    with NpzReader(path, limits) as members:
        pair = next((pair for pair in STATISTICS_NAMES if pair[0] in members), STATISTICS_NAMES[0])
        mean, deviation = (np.asarray(members.read(name)).reshape(-1) for name in pair)
    for name, values in zip(pair, (mean, deviation), strict=True):
        fits = values.shape == (PARAMETER_COUNT,) and values.dtype.kind in "fiu"
        if not fits or not np.isfinite(values).all():
            raise SubmissionError(
                f"{name} of {path} must be {PARAMETER_COUNT} finite numbers, got {values.shape} of "
                f"{values.dtype}; take the statistics of the network that wrote the parameters"
            )
    if not (deviation > 0).all():
        raise SubmissionError(f"{pair[1]} of {path} must be positive; are the two exchanged?")
    return ParameterStatistics(mean.astype(np.float64), deviation.astype(np.float64))


def read_parameters(path: Path) -> Float64s:
    """(N, 62) parameters of a .npy.

    Raises:
        SubmissionError: no such file, a pickle, or another shape.
    """
    array = read_npy(path, SubmissionError)
    fits = array.ndim == 2 and array.shape[1] == PARAMETER_COUNT and array.dtype.kind == "f"
    if not fits or not 0 < len(array) <= MOST_FACES:
        raise SubmissionError(
            f"{path} must be (N, {PARAMETER_COUNT}) floats, a row a face, got {array.shape} of "
            f"{array.dtype}; 12 of pose, {SHAPE} of shape and {EXPRESSION} of expression"
        )
    return array.astype(np.float64)


def decode_parameters(
    parameters: Float64s,
    ids: Sequence[str],
    crops: Float64s,
    bfm: Bfm,
    keypoints: NDArray[np.int64],
    *,
    whitening: ParameterStatistics | None,
    rule: CropRule,
    with_vertices: bool,
    with_pose: bool = False,
) -> Predictions:
    """Landmarks, vertices on demand and angles from parameters.

    Args:
        parameters: (N, 62), a failed face all NaN.
        ids: N names, in the order of the rows.
        crops: (N, 4) x0 y0 x1 y1 of the network's input crop of each face, in the benchmark's
            1-based pixels.
        bfm: with at least 40 columns of shape and 10 of expression.
        keypoints: (68,) vertices of the landmarks.
        whitening: None if the parameters are not whitened.
        rule: how crop coordinates become pixels.
        with_vertices: whether to keep all vertices.
        with_pose: whether to keep the angles of the nearest rotation of each matrix.

    Raises:
        SubmissionError: names and rows differ in number, or a keypoint is not in the model.
        ArrayError: the model has too few columns.
    """
    _check_counts(parameters, ids, bfm, keypoints)
    numbers = parameters
    if whitening is not None:
        numbers = parameters * whitening.deviation + whitening.mean

    def decoded(model: Bfm, rows: slice) -> Float64s:
        part = numbers[rows]
        matrix = part[:, :POSE].reshape(-1, 3, 4)
        model_points = model.vertices(part[:, POSE : POSE + SHAPE], part[:, POSE + SHAPE :])
        return published_from_crop(posed(model_points, matrix), rule, crops[rows])

    landmarks = decoded(bfm.subset(keypoints), slice(None))
    vertices = None
    if with_vertices:
        vertices = RowsOnDemand(
            len(ids), len(bfm.mean), lambda row: decoded(bfm, slice(row, row + 1))[0]
        )
    statistics = "given file" if whitening is not None else "none"
    facts = {
        "converted_from": "3ddfa-params",
        "frame": f"crop pixels by {rule.name} ({rule.source})",
        "face_model": bfm.source,
        "whitening": statistics,
    }
    pose = yaw_pitch_roll_deg(numbers[:, :POSE].reshape(-1, 3, 4)) if with_pose else None
    if with_pose:
        facts["pose"] = POSE_FACT
    return Predictions(tuple(ids), landmarks, vertices, pose, facts)


def _check_counts(
    parameters: Float64s, ids: Sequence[str], bfm: Bfm, keypoints: NDArray[np.int64]
) -> None:
    """Refuse another number of names than rows, and keypoints outside the model."""
    if len(ids) != len(parameters):
        raise SubmissionError(
            f"the parameters have {len(parameters)} rows and the list {len(ids)} names; pass "
            "--ids with the list that the network ran over, in its order"
        )
    if keypoints.max() >= len(bfm.mean):
        raise SubmissionError(
            f"the keypoints name vertex {keypoints.max()}, but {bfm.source} has {len(bfm.mean):,} "
            "vertices; take the keypoints of that mesh"
        )
