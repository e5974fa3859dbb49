"""How threads of ONNX Runtime wait."""

import pytest

from dasl.runtime.sessions import SPINNING_US, session_options, spinning


@pytest.mark.parametrize("version", ["1.20.0", "1.25.1"])
def test_they_sleep_at_once_where_spinning_has_no_limit(version: str) -> None:
    assert spinning(version) == {"allow_spinning": "0"}


@pytest.mark.parametrize("version", ["1.26.0", "1.32.1rc1", "2.0.0"])
def test_they_spin_for_a_moment_where_it_has_one(version: str) -> None:
    assert spinning(version) == {"allow_spinning": "1", "spin_duration_us": str(SPINNING_US)}


def test_a_session_is_told() -> None:
    import onnxruntime

    options = session_options()
    for key, value in spinning(onnxruntime.__version__).items():
        assert options.get_session_config_entry(f"session.intra_op.{key}") == value
