"""Files as they are after bad discs and broken downloads."""

import numpy as np


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """Some bytes changed, often in the header, some left out, or an end cut off."""
    changed = np.frombuffer(content, np.uint8).copy()
    kind = random.integers(3)
    reach = len(changed) if random.random() < 0.5 else min(64, len(changed))
    places = random.integers(0, reach, random.integers(1, 8))
    changed[places] = random.integers(0, 256, len(places))
    if kind == 1:
        return changed[: random.integers(1, len(changed))].tobytes()
    if kind == 2:
        start, count = random.integers(0, len(changed)), random.integers(1, 16)
        return np.delete(changed, np.s_[start : start + count]).tobytes()
    return changed.tobytes()
