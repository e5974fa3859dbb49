"""A sample of each face's points, kept while thousands of faces are streamed."""

from collections.abc import Sequence

import numpy as np

from eval.benchmarks.aflw2000.data import PHOTO_SIDE
from eval.scoring.diagnosis import frame_warnings, refuse_absurd_scale
from eval.scoring.metrics import Float64s

SAMPLE = 68  # points per face kept for the check for systematic errors


class Seen:
    """A sample of each face's points, for the check for systematic errors at the end."""

    def __init__(self, faces: int) -> None:
        self._predicted = np.full((faces, SAMPLE, 2), np.nan)
        self._true = np.full((faces, SAMPLE, 2), np.nan)

    @classmethod
    def of(cls, predicted: Float64s, truth: Float64s) -> "Seen":
        """All 68 points of all faces (N, 68, 3)."""
        seen = cls(len(truth))
        seen._predicted, seen._true = predicted[..., :2], truth[..., :2]
        return seen

    def add(self, row: int, predicted: Float64s, truth: Float64s) -> None:
        """Keep about 68 of the corresponding points (K, 3), evenly spaced by index."""
        chosen = np.linspace(0, len(truth) - 1, SAMPLE).round().astype(np.int64)
        self._predicted[row], self._true[row] = predicted[chosen, :2], truth[chosen, :2]

    def warnings(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Warnings about errors that seem systematic.

        Args:
            ids: of all faces, also of those that failed and were not added.

        Raises:
            SubmissionError: the scale of the predictions is implausible.
        """
        rows = np.flatnonzero(np.isfinite(self._predicted).all(axis=(1, 2)))
        predicted, truth = self._predicted[rows], self._true[rows]
        refuse_absurd_scale(tuple(ids[row] for row in rows.tolist()), predicted, truth)
        return frame_warnings(predicted, truth, PHOTO_SIDE)
