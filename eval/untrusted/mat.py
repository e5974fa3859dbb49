"""Reads numeric fields of MATLAB files: version 5 by SciPy, version 7.3 (HDF5) by h5py.

The declared sizes are checked before anything is unpacked, and links to other files are not
followed. Both kinds give arrays in MATLAB's own order of axes.
"""

import math
import struct
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError, MatError
from eval.untrusted.text import printable

LARGEST_FIELD = 64 << 20  # bytes; callers that read a whole face model pass a larger limit
NUMBER_BYTES = {"double": 8, "single": 4, "logical": 1} | {
    f"{sign}int{bits}": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)
}
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_OFFSETS = (0, 512)  # plain HDF5, and after MATLAB's header
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def read_mat_fields(
    path: Path,
    fields: Collection[str],
    *,
    optional: Collection[str] = (),
    largest: int = LARGEST_FIELD,
) -> dict[str, NDArray[np.generic]]:
    """Numeric fields of a .mat file; other fields, of any type, are ignored.

    Args:
        path: the file, of version 4 to 7.3.
        fields: names of required fields.
        optional: names of fields that are read if present.
        largest: largest unpacked size of a field in bytes.

    Returns:
        The arrays by name, with at least two axes, in MATLAB's order of axes.

    Raises:
        MatError: the file is missing or unreadable, or a field is missing, not numeric or too
            large.

    Example:
        >>> points = read_mat_fields(path, ["pt3d_68"])["pt3d_68"]  # doctest: +SKIP
        >>> points.shape  # doctest: +SKIP
        (3, 68)
    """
    try:
        read = _read_hdf5 if _is_hdf5(path) else _read_version_5
        found = read(path, [*fields, *optional], largest)
    except FileNotFoundError as error:
        raise MatError(f"no file {path}; copy it there, or check the path") from error
    except EvalError:
        raise
    except DAMAGE as error:
        reason = printable(str(error) or type(error).__name__)
        raise MatError(f"{path} is not a readable mat file ({reason}); copy it again") from error
    missing = ", ".join(name for name in fields if name not in found)
    if missing:
        raise MatError(f"{path} has no field {missing}; is it another data set's?")
    return found


def _is_hdf5(path: Path) -> bool:
    """Whether a file is of version 7.3."""
    with path.open("rb") as stream:
        head = stream.read(HDF5_OFFSETS[-1] + len(HDF5_SIGNATURE))
    return any(head.startswith(HDF5_SIGNATURE, offset) for offset in HDF5_OFFSETS)


def _read_version_5(
    path: Path, wanted: Collection[str], largest: int
) -> dict[str, NDArray[np.generic]]:
    """Fields of a file of version 4 to 7.2."""
    # Imported here because it takes half a second, and a folder with arrays does not need it.
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        with path.open("rb") as stream:
            for name, shape, kind in whosmat(stream):
                if name in wanted:
                    _check_declared(path, name, shape, NUMBER_BYTES.get(kind), kind, largest)
            stream.seek(0)
            content = loadmat(stream, variable_names=list(wanted))
    except MatReadError as error:
        raise ValueError(error) from error
    return {name: np.asarray(content[name]) for name in wanted if name in content}


def _read_hdf5(path: Path, wanted: Collection[str], largest: int) -> dict[str, NDArray[np.generic]]:
    """Fields of a file of version 7.3, which stores MATLAB's axes reversed."""
    import h5py

    found: dict[str, NDArray[np.generic]] = {}
    with h5py.File(path, "r") as file:
        for name in wanted:
            link = file.get(name, getlink=True)
            if link is None:
                continue
            data = file[name] if isinstance(link, h5py.HardLink) else None
            if not isinstance(data, h5py.Dataset) or not _is_plain(data):
                raise MatError(f"{name} of {path} must be a plain array of numbers; copy it again")
            _check_declared(path, name, data.shape, data.dtype.itemsize, str(data.dtype), largest)
            found[name] = np.atleast_2d(np.asarray(data)).T
    return found


def _is_plain(data: Any) -> bool:
    """Whether an HDF5 data set holds numbers, in this file."""
    elsewhere = data.external or data.is_virtual
    return not elsewhere and "MATLAB_empty" not in data.attrs and data.dtype.kind in "fiu"


def _check_declared(
    path: Path, name: str, shape: tuple[int, ...], itemsize: int | None, kind: str, largest: int
) -> None:
    """Refuse a field by its declared type and size."""
    if itemsize is None:
        raise MatError(
            f"{name} of {path} must be an array of numbers, got a MATLAB {kind}; is it another "
            "data set's?"
        )
    if min(shape, default=1) < 0 or math.prod(shape) * itemsize > largest:
        raise MatError(
            f"{name} of {path} must unpack to at most {largest:,} bytes, got {shape} of {kind}; "
            "it is left unread"
        )
