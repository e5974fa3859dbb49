"""Reading arrays from a stranger's .npz: no pickle, and no size believed before it is checked.

``numpy.load`` allocates what a header asks for and unpacks what a zip entry declares; here
both are bounded first, and the array is a view of the bytes that were really there.
"""

import io
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.files import printable

MOST_MEMBERS = 64
# What a damaged archive can make zipfile, its decompressors and NumPy's header parser raise.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    MemoryError,
)


class NpzReader:
    """An open .npz whose members are read one by one within stated limits.

    Members not named in ``limits`` are ignored and never unpacked.
    """

    def __init__(self, path: Path, limits: Mapping[str, int]) -> None:
        """Open the archive and look at its directory.

        Args:
            path: the file.
            limits: most bytes that each known member may unpack to.

        Raises:
            SubmissionError: no such file, not a zip, or too many or doubled members.
        """
        self._name = printable(path.name)
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise SubmissionError(f"no file {path}; check the path") from error
        except DAMAGE as error:
            raise SubmissionError(
                f"{self._name} must be a complete .npz file, got one that cannot be opened "
                f"({printable(str(error))}); write it again with numpy.savez_compressed"
            ) from error
        entries = self._archive.infolist()
        self._entries = {entry.filename.removesuffix(".npy"): entry for entry in entries}
        if len(entries) > MOST_MEMBERS or len(self._entries) != len(entries):
            self._archive.close()
            raise SubmissionError(
                f"{self._name} must hold at most {MOST_MEMBERS} members, each name once, got "
                f"{len(entries)} members with {len(self._entries)} names; write only "
                f"{', '.join(limits)}"
            )

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        """Whether the archive holds a member."""
        return name in self._entries

    def read(self, name: str) -> NDArray[np.generic]:
        """One member as an array.

        Args:
            name: the member, without .npy.

        Returns:
            The array, a read-only view of the unpacked bytes.

        Raises:
            SubmissionError: absent, too large, pickled, cut short or damaged.
        """
        if name not in self._entries:
            found = printable(", ".join(sorted(self._entries)) or "nothing")
            raise SubmissionError(f"{self._name} must hold {name}, got {found}; add that array")
        entry = self._entries[name]
        limit = self._limits[name]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SubmissionError(
                f"{name} in {self._name} must be stored or deflated, got zip method "
                f"{entry.compress_type}; write the file with numpy.savez_compressed"
            )
        if entry.file_size > limit:
            raise SubmissionError(
                f"{name} in {self._name} unpacks to {entry.file_size:,} bytes, wanted at most "
                f"{limit:,}; it is left unread"
            )
        try:
            with self._archive.open(entry) as stream:
                packed = stream.read(limit + 1)
            return _array_from_npy(packed)
        except DAMAGE as error:
            raise SubmissionError(
                f"{name} in {self._name} must be a plain array, got one that cannot be read "
                f"({printable(str(error) or type(error).__name__)}); write the file again with "
                "numpy.savez_compressed"
            ) from error


def _array_from_npy(packed: bytes) -> NDArray[np.generic]:
    """Decode the .npy format without trusting its header.

    Source: NumPy enhancement proposal 1, versions 1.0 and 2.0 of the format.
    """
    stream = io.BytesIO(packed)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, by_columns, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"format version {version}, wanted 1.0 or 2.0")
    if dtype.hasobject:
        raise ValueError("it holds pickled objects")
    if min(shape, default=0) < 0:
        raise ValueError(f"shape {shape} has a negative side")
    wanted = math.prod(shape) * dtype.itemsize
    start = stream.tell()
    if wanted != len(packed) - start:
        raise ValueError(f"header asks for {wanted:,} bytes, file has {len(packed) - start:,}")
    flat = np.frombuffer(packed, dtype=dtype, offset=start) if wanted else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if by_columns else "C")
