"""The One-Euro filter: little jitter at rest, little lag in motion.

Source: Casiez, Roussel and Vogel 2012, "1 € Filter", algorithm 1 and equations 5 to 7.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dasl.errors import ConfigError, ShapeError, check_shape

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OneEuro:
    """Settings of a filter.

    Attributes:
        min_cutoff_hz: cutoff at rest; a lower one removes more jitter.
        beta: hertz per unit of speed; a higher one follows fast motion more closely.
        derivative_cutoff_hz: cutoff of the speed that is multiplied by `beta`.
    """

    min_cutoff_hz: float
    beta: float
    derivative_cutoff_hz: float = 1.0

    def __post_init__(self) -> None:
        """Refuse cutoffs that are not positive, and a negative beta."""
        if self.min_cutoff_hz <= 0 or self.derivative_cutoff_hz <= 0 or self.beta < 0:
            raise ConfigError(f"cutoffs must be above 0 and beta at least 0, got {self}")


def one_euro(values: Signal, times_s: Signal, settings: OneEuro) -> Signal:
    """Filter each column from the first row to the last, as in live use.

    Args:
        values: (N, D).
        times_s: (N,) strictly increasing, at any rate.
        settings: of every column.

    Returns:
        (N, D); the first row is unchanged.

    Raises:
        ShapeError: the two disagree, or the times do not increase.

    Example:
        >>> one_euro(np.full((3, 1), 7.0), np.arange(3.0), OneEuro(1.0, 0.0)).ravel().tolist()
        [7.0, 7.0, 7.0]
    """
    check_shape("values", values, "N", "D")
    check_shape("times_s", times_s, len(values))
    if (np.diff(times_s) <= 0).any():
        raise ShapeError("times_s must increase strictly; sort the rows and leave out repeats")
    running = RunningOneEuro(settings)
    rows = [running.update(row, time_s) for row, time_s in zip(values, times_s, strict=True)]
    return np.stack(rows) if rows else np.array(values, dtype=np.float64)


class RunningOneEuro:
    """The filter one row at a time, as values arrive."""

    def __init__(self, settings: OneEuro) -> None:
        """Nothing seen yet.

        Args:
            settings: of every column.
        """
        self._settings = settings
        self._values: Signal | None = None
        self._speed: Signal = np.zeros(0)
        self._time_s = 0.0

    def update(self, values: Signal, time_s: float) -> Signal:
        """The filtered row.

        Args:
            values: (D,).
            time_s: later than that of the row before; one that is not changes nothing.

        Returns:
            (D,) float64; the first row is unchanged.
        """
        if self._values is None:
            self._values, self._time_s = np.array(values, dtype=np.float64), time_s
            self._speed = np.zeros(len(values))
        elif (step_s := time_s - self._time_s) > 0:
            settings, change = self._settings, values - self._values
            slow = _share(settings.derivative_cutoff_hz, step_s)
            self._speed = self._speed + slow * (change / step_s - self._speed)
            cutoff_hz = settings.min_cutoff_hz + settings.beta * np.abs(self._speed)
            self._values = self._values + _share(cutoff_hz, step_s) * change
            self._time_s = time_s
        return self._values


def one_euro_both_ways(values: Signal, times_s: Signal, settings: OneEuro) -> Signal:
    """Mean of the filter run forwards and backwards in time, so that their lags cancel.

    For recorded clips only; arguments and result as for `one_euro`.
    """
    forwards = one_euro(values, times_s, settings)
    backwards = one_euro(values[::-1], -times_s[::-1], settings)[::-1]
    return (forwards + backwards) / 2


def _share(cutoff_hz: float | Signal, step_s: float) -> float | Signal:
    """Smoothing factor of a new value: equation 5, with r = 2 pi cutoff step."""
    ratio = 2 * np.pi * cutoff_hz * step_s
    return ratio / (ratio + 1)
