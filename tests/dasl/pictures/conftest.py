"""A face of known colours and the photo that it was found on."""

import numpy as np
import pytest

from dasl.reconstruction.face import Face
from tests.dasl.painted_head import coefficients, painted_face, photograph


@pytest.fixture(scope="package")
def face() -> Face:
    """Yaw 20, pitch 5, roll 3 degrees, 1000 pixels a metre, the jaw a little open."""
    return painted_face(20.0, {"jawOpen": 0.3})


@pytest.fixture(scope="package")
def photo() -> np.ndarray:
    """(450, 450, 3) uint8 with a green wall behind the head."""
    return photograph(coefficients(20.0, {"jawOpen": 0.3}))
