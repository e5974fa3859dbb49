"""The error head: a small network that predicts the expected error of a reconstruction.

Its input is a face's signals (`dasl.network.error_signals`); it has one hidden layer:

    s = clip((signals - mean) / std)
    line = clip(s W0[0] + b2[0], usual)
    h = max(0, s W1 + b1)
    log e = line + log(1 + exp(4 h W2[0])) / 4
    (eyes, mouth) = s W0[1:] + h W2[1:] + b2[1:]

The linear part ranks usual faces; the hidden layer can only increase the error, for unusual ones.
`e` is the expected error; the other two outputs are the log odds that a region is covered. The head
is trained on faces with known errors (`dasl.network.error_fit`) and is specific to one set of
weights.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes
from safetensors.numpy import save as bytes_from_tensors

from dasl.errors import ShapeError, WeightsError, check_shape

Floats = NDArray[np.float32]

REGIONS = ("eyes", "mouth")
"""Face regions for which the head predicts whether they are covered."""

FARTHEST_SD = 6.0
"""Limit of standardised signals, standard deviations from the mean."""
BEND = 4.0
"""Sharpness (beta) of the softplus that is added to the linear part."""
LOG_NME = (-5.0, 0.0)
"""Range of the expected error's logarithm: 0.7 % to 100 % of the face's size."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """The error head's predictions for B faces.

    Attributes:
        expected_nme: (B,) fraction of the face's size.
        covered: (B, 2) probability that each of `REGIONS` is covered.
    """

    expected_nme: Floats
    covered: Floats


@dataclass(frozen=True, eq=False)
class ErrorHead:
    """Maps F signals to a `Judgement`, through H hidden units.

    Attributes:
        mean, std: (F,) of the signals.
        straight: (F, 3) weights of the linear part, which bypasses the hidden layer.
        hidden: (F, H); hidden_bias: (H,).
        out: (H, 3); out_bias: (3,).
        usual: (2,) range that the linear part's log error is clipped to.
    """

    mean: Floats
    std: Floats
    straight: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats
    usual: Floats

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ShapeError: the tensors' shapes disagree.
        """
        count, units, outputs = len(self.mean), len(self.hidden_bias), 1 + len(REGIONS)
        check_shape("std", self.std, count)
        check_shape("straight", self.straight, count, outputs)
        check_shape("hidden", self.hidden, count, units)
        check_shape("out", self.out, units, outputs)
        check_shape("out_bias", self.out_bias, outputs)
        check_shape("usual", self.usual, 2)

    def __call__(self, signals: NDArray[np.floating]) -> Judgement:
        """Predict the expected error and covered regions.

        Args:
            signals: (B, F), not standardised; values of any size.

        Raises:
            ShapeError: the number of signals is not F.
        """
        check_shape("signals", signals, None, len(self.mean))
        known = np.asarray(signals, dtype=np.float32)
        known = ((known - self.mean) / self.std).clip(-FARTHEST_SD, FARTHEST_SD)
        units = np.maximum(known @ self.hidden + self.hidden_bias, 0.0)
        line, more = known @ self.straight + self.out_bias, units @ self.out
        log_nme = line[:, 0].clip(*self.usual) + np.logaddexp(0.0, BEND * more[:, 0]) / BEND
        odds = line[:, 1:] + more[:, 1:]
        nme = np.exp(log_nme.clip(*LOG_NME)).astype(np.float32)
        return Judgement(nme, 1 / (1 + np.exp(-odds.clip(-30.0, 30.0))))


def bytes_of_error_head(head: ErrorHead) -> bytes:
    """Serialise the head as a safetensors file."""
    tensors = {field.name: getattr(head, field.name) for field in fields(head)}
    content: bytes = bytes_from_tensors(
        {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    )
    return content


def error_head_from_bytes(content: bytes, name: str) -> ErrorHead:
    """Read a head from a safetensors file.

    Args:
        content: of the file.
        name: of the file, for error messages.

    Raises:
        WeightsError: the file is damaged or is not an error head.
    """
    wanted = {field.name for field in fields(ErrorHead)}
    try:
        tensors = tensors_from_bytes(content)
        if set(tensors) != wanted:
            raise WeightsError(f"{name}: holds {sorted(tensors)}, wanted {sorted(wanted)}")
        head = ErrorHead(**tensors)
    except (SafetensorError, ShapeError) as error:
        raise WeightsError(
            f"{name}: no error head ({error}); make it with tools.calibrate_confidence"
        ) from error
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise WeightsError(f"{name}: has values that are not finite")
    return head
