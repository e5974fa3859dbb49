"""What the tests of several commands share."""

import pytest

from dasl.reconstruction.reconstructor import FaceReconstructor
from tests.dasl.video.moving_head import reconstructor


@pytest.fixture
def weights_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands take the reconstructor with the embedded weights that other tests use, too."""
    once = reconstructor()
    monkeypatch.setattr(FaceReconstructor, "from_pretrained", lambda *_, **__: once)
