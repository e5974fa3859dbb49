"""One invented head and one view of it."""

import pytest

from eval.benchmarks.florence.views import Pose, View, centred_view
from tests.eval.florence_files import Head, as_subject, invented_head


@pytest.fixture(scope="module")
def head() -> Head:
    """The truth that predictions are compared with."""
    return invented_head()


@pytest.fixture(scope="module")
def view(head: Head) -> View:
    """One of the protocol's."""
    return centred_view(as_subject(head).face_points, Pose(20.0, 40.0))
