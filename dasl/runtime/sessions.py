"""ONNX Runtime sessions on the CPU."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import WeightsError

if TYPE_CHECKING:
    import onnxruntime

THREADS = min(2, os.cpu_count() or 1)
"""CPU threads that share one call. On two idle cores two are faster than one, beside other work
they lose next to nothing, and the numbers stay the same."""


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
    # Threads that wait by spinning are faster on an idle machine, but take more than twice as long
    # beside other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


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
