"""AFLW2000-3D as a folder of invented faces."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_aflw2000(root: Path, seed: int) -> tuple[list[str], NDArray[np.float32]]:
    """Writes 2,000 faces below a data root, arrays and empty photos, a third in each yaw bin.

    Returns:
        Their names, and their points (2000, 3, 68).
    """
    folder = root / "aflw2000_3d"
    folder.mkdir()
    names = [f"image{number:05d}" for number in range(2000)]
    for name in names:
        (folder / f"{name}.jpg").touch()
    (folder / "list.txt").write_text("\n".join(f"{name}.jpg" for name in names))
    points = np.random.default_rng(seed).uniform(150.0, 300.0, (2000, 3, 68)).astype(np.float32)
    np.save(folder / "pts68.npy", points)
    np.save(folder / "yaw.npy", np.arange(2000) % 3 * 40.0)
    return names, points
