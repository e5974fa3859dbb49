"""The error head: a small network that predicts the expected error of a reconstruction.

Its input is a face's signals (`dasl.network.error_signals`); it has one hidden layer:

    s = clip((signals - mean) / std)
    line = clip(s w0 + b0, usual)
    h = max(0, s W1 + b1)
    log e = line + log(1 + exp(4 h w2)) / 4

`e` is the expected error. The linear part ranks usual faces; the hidden layer can only increase the
error, for unusual ones. The head is trained on faces with known errors (`dasl.network.error_fit`)
and is specific to one set of weights.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dasl.errors import check_shape

Floats = NDArray[np.float32]

FARTHEST_SD = 6.0
"""Limit of standardised signals, standard deviations from the mean."""
BEND = 4.0
"""Sharpness (beta) of the softplus that is added to the linear part."""
LOG_NME = (-5.0, 0.0)
"""Range of the expected error's logarithm: 0.7 % to 100 % of the face's size."""


@dataclass(frozen=True, eq=False)
class ErrorHead:
    """Maps F signals to the expected error, through H hidden units.

    Attributes:
        mean, std: (F,) of the signals.
        straight: (F,) weights of the linear part, which bypasses the hidden layer; constant: (1,).
        hidden: (F, H); hidden_bias: (H,).
        out: (H,) weights of the hidden units.
        usual: (2,) range that the linear part's log error is clipped to.
    """

    mean: Floats
    std: Floats
    straight: Floats
    constant: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    usual: Floats

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ShapeError: the tensors' shapes disagree.
        """
        count, units = len(self.mean), len(self.hidden_bias)
        check_shape("std", self.std, count)
        check_shape("straight", self.straight, count)
        check_shape("constant", self.constant, 1)
        check_shape("hidden", self.hidden, count, units)
        check_shape("out", self.out, units)
        check_shape("usual", self.usual, 2)

    def __call__(self, signals: NDArray[np.floating]) -> Floats:
        """(B,) expected errors, fractions of the face's size.

        Args:
            signals: (B, F), not standardised; values of any size.

        Raises:
            ShapeError: the number of signals is not F.
        """
        check_shape("signals", signals, None, len(self.mean))
        known = np.asarray(signals, dtype=np.float32)
        known = ((known - self.mean) / self.std).clip(-FARTHEST_SD, FARTHEST_SD)
        units = np.maximum(known @ self.hidden + self.hidden_bias, 0.0)
        line = (known @ self.straight + self.constant).clip(*self.usual)
        log_nme = line + np.logaddexp(0.0, BEND * (units @ self.out)) / BEND
        return np.exp(log_nme.clip(*LOG_NME)).astype(np.float32)
