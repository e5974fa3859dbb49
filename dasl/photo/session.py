"""ONNX Runtime sessions of the third-party networks in `dasl/assets`."""

from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import WeightsError

if TYPE_CHECKING:
    import onnxruntime


def open_session(path: Path, threads: int) -> "onnxruntime.InferenceSession":
    """Load a network for the CPU.

    Args:
        path: the ONNX file.
        threads: CPU threads of one call.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    # Imported here: it is slow to import, and callers with their own boxes do not need it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle threads must not use the cores that the next session needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors share no other base
        raise WeightsError(
            f"cannot read {path}: {error}; fetch it with: python -m tools.fetch_networks"
        ) from error
