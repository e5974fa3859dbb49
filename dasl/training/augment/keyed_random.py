"""Random numbers that depend only on (seed, epoch, id of the face, name of the draw).

A face's augmentation is thus independent of batch, process, device and earlier draws. Runs on one
or many processes, resumed or not, see the same pictures. The generator is counter-based: each
number is a hash of its key and index, so a whole batch is drawn at once.
"""

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

# Constants of SplitMix64 (Steele et al. 2014, "Fast splittable pseudorandom number generators",
# figure 15), as signed 64-bit numbers: torch's integers wrap around like unsigned ones.
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_MIX_1 = 0xBF58476D1CE4E5B9 - 2**64
_MIX_2 = 0x94D049BB133111EB - 2**64


ROWS_AT_ONCE = 32
"""On a GPU, `few_sizes` rounds counts up to multiples of this."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Random numbers of B faces; the same name gives the same numbers again.

    Attributes:
        keys: (B,) int64, one for each face; results are on the same device.
    """

    keys: Tensor

    def __len__(self) -> int:
        """Count the faces."""
        return len(self.keys)

    def rows(self, index: Tensor) -> "Draws":
        """Draws of some of the faces; their numbers are the same as in the whole batch."""
        return Draws(self.keys[index])

    def uniform(
        self, name: str, shape: tuple[int, ...] = (), low: float = 0.0, high: float = 1.0
    ) -> Tensor:
        """(B, *shape) float32 in [low, high)."""
        top = (self._bits(name, math.prod(shape)) >> 40) & 0xFFFFFF  # 24 bits: all of a float32
        return (top.float() * (2.0**-24) * (high - low) + low).view(-1, *shape)

    def normal(self, name: str, shape: tuple[int, ...] = ()) -> Tensor:
        """(B, *shape) float32, mean 0 and standard deviation 1 (Box and Muller 1958)."""
        bits = self._bits(name, math.prod(shape))
        first = (((bits >> 40) & 0xFFFFFF).float() + 1.0) * (2.0**-24)  # in (0, 1], for the log
        second = ((bits >> 8) & 0xFFFFFF).float() * (2.0**-24)
        radius = (-2.0 * first.log()).sqrt()
        return (radius * (2.0 * math.pi * second).cos()).view(-1, *shape)

    def chance(self, name: str, probability: float) -> Tensor:
        """(B,) bool, each True with the given probability."""
        return self.uniform(name) < probability

    def some(self, name: str, share: float) -> Tensor:
        """(M,) int64: rows of randomly chosen faces, each chosen with probability `share`."""
        if share <= 0.0:
            return torch.zeros(0, dtype=torch.int64, device=self.keys.device)
        return self.chance(name, share).nonzero()[:, 0]

    def integers(self, name: str, count: int) -> Tensor:
        """(B,) int64, each in 0..count - 1."""
        return (self.uniform(name) * count).long().clamp(max=count - 1)

    def _bits(self, name: str, count: int) -> Tensor:
        """(B, count) int64 of random bits."""
        place = torch.arange(1, count + 1, device=self.keys.device) * _GOLDEN
        return _mix(_mix(self.keys + _number_of(name))[:, None] + place)


def few_sizes(rows: Tensor) -> Tensor:
    """Rows of `Draws.some`; on a GPU the last is repeated up to a multiple of `ROWS_AT_ONCE`.

    cuDNN plans each convolution again for every new batch size, which took a second for a network.
    """
    several = ROWS_AT_ONCE if rows.is_cuda else 1
    return torch.cat([rows, rows[-1:].expand(-len(rows) % several)])


def id_keys(ids: tuple[str, ...]) -> Tensor:
    """(N,) int64: hashes of the faces' ids, a part of their keys; on the CPU."""
    return torch.tensor([_number_of(name) for name in ids], dtype=torch.int64)


def epoch_draws(keys: Tensor, seed: int, epoch: int, rounds: Tensor | None = None) -> Draws:
    """Draws of faces in one epoch.

    Args:
        keys: (B,) of `id_keys`.
        seed: of the run.
        epoch: from 0.
        rounds: (B,) int64, for faces that are seen more than once in an epoch; None is 0.
    """
    mixed = _mix(keys + _number_of(f"{seed}/{epoch}"))
    return Draws(mixed if rounds is None else _mix(mixed + rounds * _GOLDEN))


def _mix(bits: Tensor) -> Tensor:
    """SplitMix64's finaliser: every output bit depends on every input bit."""
    bits = (bits ^ _shifted(bits, 30)) * _MIX_1
    bits = (bits ^ _shifted(bits, 27)) * _MIX_2
    return bits ^ _shifted(bits, 31)


def _shifted(bits: Tensor, places: int) -> Tensor:
    """Logical right shift, filled with zeros; torch's own shift repeats the sign bit."""
    return (bits >> places) & ((1 << (64 - places)) - 1)


@lru_cache(maxsize=4096)
def _number_of(name: str) -> int:
    """64 bits of a name's hash, signed."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
