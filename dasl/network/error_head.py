"""What the network's outputs say about its own error: a small network beside the weights.

The signals of a face (`dasl.network.error_signals`) go through one hidden layer:

    s = clip((signals - mean) / std)
    line = clip(s W0[0] + b2[0], usual)
    h = max(0, s W1 + b1)
    log e = line + log(1 + exp(4 h W2[0])) / 4
    (eyes, mouth) = s W0[1:] + h W2[1:] + b2[1:]

The line tells usual faces apart; the rest can only add to the error where something is wrong.
`e` is the error to expect, the other two are the log odds that a region is covered. It is learned
where the error is known (`dasl.network.error_fit`) and belongs to one set of weights.
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
"""What the head can find covered."""

FARTHEST_SD = 6.0
"""Signals farther from their mean count as that far."""
BEND = 4.0
"""How sharply what is added to the line turns from nothing to something."""
LOG_NME = (-5.0, 0.0)
"""Expected errors lie between 0.7 % and the whole size of the face."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """Of B faces.

    Attributes:
        expected_nme: (B,) fraction of the face's size.
        covered: (B, 2) probability that each of `REGIONS` is covered.
    """

    expected_nme: Floats
    covered: Floats


@dataclass(frozen=True, eq=False)
class ErrorHead:
    """F signals to a judgement, by way of H hidden units.

    Attributes:
        mean, std: (F,) of the signals.
        straight: (F, 3) what leaves the hidden layer out.
        hidden: (F, H); hidden_bias: (H,).
        out: (H, 3); out_bias: (3,).
        usual: (2,) least and largest logarithm of the error that the line gives.
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
            ShapeError: two tensors disagree.
        """
        count, units, outputs = len(self.mean), len(self.hidden_bias), 1 + len(REGIONS)
        check_shape("std", self.std, count)
        check_shape("straight", self.straight, count, outputs)
        check_shape("hidden", self.hidden, count, units)
        check_shape("out", self.out, units, outputs)
        check_shape("out_bias", self.out_bias, outputs)
        check_shape("usual", self.usual, 2)

    def __call__(self, signals: NDArray[np.floating]) -> Judgement:
        """Judge faces.

        Args:
            signals: (B, F); of any size.

        Raises:
            ShapeError: another number of signals.
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
    """The head as a safetensors file."""
    tensors = {field.name: getattr(head, field.name) for field in fields(head)}
    content: bytes = bytes_from_tensors(
        {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    )
    return content


def error_head_from_bytes(content: bytes, name: str) -> ErrorHead:
    """The head that a file holds.

    Args:
        content: of the file.
        name: of the file; it opens the message.

    Raises:
        WeightsError: the file is damaged or holds something else.
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
