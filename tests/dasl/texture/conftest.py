"""The painted head where it lies on its photo."""

import numpy as np
import pytest

from dasl.geometry.frames import image_from_model
from dasl.texture.photo import PosedHead
from tests.dasl.painted_head import coefficients, head_model, photograph


def posed_head(
    yaw_deg: float = 0.0, weights: dict[str, float] | None = None, photo: np.ndarray | None = None
) -> PosedHead:
    """1000 pixels a metre, on its photo with a green wall unless another is given."""
    found = coefficients(yaw_deg, weights)
    vertices = image_from_model(head_model().vertices(found.identity, found.expression), found.pose)
    photo = photograph(found) if photo is None else photo
    return PosedHead(vertices[0], 1000.0, photo)


@pytest.fixture(scope="package")
def frontal() -> PosedHead:
    """Yaw 0, pitch 5, roll 3 degrees."""
    return posed_head()
