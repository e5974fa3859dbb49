"""ONNX Runtime sessions on the CPU."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import WeightsError

if TYPE_CHECKING:
    import onnxruntime

THREADS = min(2, os.cpu_count() or 1)
"""CPU threads that share one call. On two idle cores two are faster than one (in 8 bits only where
they spin, see below). Beside other work they lose next to nothing. The numbers stay the same."""

SPINNING_US = 10
"""How long a thread without work spins before it sleeps, microseconds. That covers the steps within
a call, of which most take longer than waking a thread. Without a limit, threads spin for
milliseconds, and a call takes more than twice as long beside other work."""
LIMITED_SINCE = (1, 26)
"""The version of ONNX Runtime that can limit it; with older ones, threads do not spin."""


def session_options(threads: int = THREADS) -> "onnxruntime.SessionOptions":
    """The options of all sessions.

    Args:
        threads: CPU threads of one call; 0 lets ONNX Runtime choose.
    """
    # Imported here: it is slow to import, and callers with their own boxes do not need it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    for key, value in spinning(onnxruntime.__version__).items():
        options.add_session_config_entry(f"session.intra_op.{key}", value)
    return options


def spinning(version: str) -> dict[str, str]:
    """Settings of how threads wait, for a version of ONNX Runtime."""
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) < LIMITED_SINCE:
        return {"allow_spinning": "0"}
    return {"allow_spinning": "1", "spin_duration_us": str(SPINNING_US)}


def open_session(path: Path, threads: int = THREADS) -> "onnxruntime.InferenceSession":
    """Load a third-party network of `dasl/assets`.

    Args:
        path: the ONNX file.
        threads: CPU threads of one call.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    import onnxruntime

    options = session_options(threads)
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors share no other base
        raise WeightsError(
            f"cannot read {path}: {error}; fetch it with: python -m tools.fetch_networks"
        ) from error
