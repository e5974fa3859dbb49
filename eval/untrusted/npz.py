"""Reads arrays from an untrusted .npz: no pickle, and sizes are checked before reading.

``numpy.load`` allocates the size in a header and unpacks the size in a zip entry. Here both are
bounded first, and the array is a view of the bytes actually present. Arrays too large for memory
are streamed: see ``NpzRows``.
"""

import io
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.untrusted.text import printable

MOST_MEMBERS = 64
LARGEST_ROW = 64 << 20  # bytes of one row of a streamed member
# Errors that zipfile, its decompressors and NumPy's header parser raise on damaged archives.
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
    OverflowError,
    RuntimeError,
    MemoryError,
)


class NpzReader:
    """An open .npz whose members are read one by one within stated limits.

    Members not named in ``limits`` are ignored and never unpacked.
    """

    def __init__(self, path: Path, limits: Mapping[str, int]) -> None:
        """Open the archive and check its directory.

        Args:
            path: the file.
            limits: largest unpacked size in bytes of each known member.

        Raises:
            SubmissionError: no such file, not a zip, or too many or repeated members.
        """
        self._path = path
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
        entry = self._checked_entry(name)
        try:
            with self._archive.open(entry) as stream:
                return _array_from_npy(stream.read(self._limits[name] + 1))
        except DAMAGE as error:
            raise _unreadable(name, self._name, error) from error

    def rows(self, name: str) -> "NpzRows":
        """One member as streamed rows; only its header is read here.

        Args:
            name: the member, without .npy.

        Raises:
            SubmissionError: absent, too large, pickled, cut short, damaged, or not in rows.
        """
        entry = self._checked_entry(name)
        try:
            with self._archive.open(entry) as stream:
                shape, by_columns, dtype = _header(stream)
                _check_size(shape, dtype, entry.file_size - stream.tell())
        except DAMAGE as error:
            raise _unreadable(name, self._name, error) from error
        row_bytes = math.prod(shape[1:]) * dtype.itemsize
        if by_columns or not shape or dtype.kind != "f" or not 0 < row_bytes <= LARGEST_ROW:
            order = ", by columns" if by_columns else ""
            raise SubmissionError(
                f"{name} in {self._name} must be floats in C order with rows of at most "
                f"{LARGEST_ROW:,} bytes, got {shape} of {dtype}{order}; write it with "
                "numpy.ascontiguousarray"
            )
        return NpzRows(self._path, name, entry.filename, shape, dtype)

    def _checked_entry(self, name: str) -> zipfile.ZipInfo:
        """The zip entry of a member, if it is there and within its limit."""
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
        return entry


@dataclass(frozen=True, eq=False)
class NpzRows:
    """A member of an .npz whose rows are unpacked on demand; a ``RowSource``.

    Attributes:
        path: of the .npz.
        name: of the member, for messages.
        entry: its name within the archive.
        shape: of the whole array.
        dtype: of its floats.
    """

    path: Path
    name: str
    entry: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    def chunks(self, rows: int) -> Iterator[NDArray[np.floating]]:
        """Successive parts of at most `rows` rows.

        Raises:
            SubmissionError: the file has changed since, or its bytes are damaged.
        """
        row_bytes = math.prod(self.shape[1:]) * self.dtype.itemsize
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.entry) as stream:
                _header(stream)
                for start in range(0, self.shape[0], rows):
                    count = min(rows, self.shape[0] - start)
                    packed = stream.read(count * row_bytes)
                    part = np.frombuffer(packed, dtype=self.dtype)
                    yield part.reshape(count, *self.shape[1:])
                stream.read(1)  # the end of the entry, where zipfile compares the checksum
        except DAMAGE as error:
            raise _unreadable(self.name, printable(self.path.name), error) from error


def _unreadable(name: str, file_name: str, error: Exception) -> SubmissionError:
    """The error for a damaged member."""
    if isinstance(error, SubmissionError):
        return error
    return SubmissionError(
        f"{name} in {file_name} must be a plain array, got one that cannot be read "
        f"({printable(str(error) or type(error).__name__)}); write the file again with "
        "numpy.savez_compressed"
    )


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, column-major flag and type from the untrusted header of an .npy.

    Source: NumPy enhancement proposal 1, versions 1.0 and 2.0 of the format.
    """
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
    return shape, by_columns, dtype


def _check_size(shape: tuple[int, ...], dtype: np.dtype[np.generic], found: int) -> None:
    """Refuse data whose size differs from the header's."""
    wanted = math.prod(shape) * dtype.itemsize
    if wanted != found:
        raise ValueError(f"header asks for {wanted:,} bytes, file has {found:,}")


def _array_from_npy(packed: bytes) -> NDArray[np.generic]:
    """A view of the bytes of an .npy, with the header's shape and type."""
    stream = io.BytesIO(packed)
    shape, by_columns, dtype = _header(stream)
    start = stream.tell()
    _check_size(shape, dtype, len(packed) - start)
    if not math.prod(shape) * dtype.itemsize:
        return np.empty(shape, dtype)
    flat = np.frombuffer(packed, dtype=dtype, offset=start)
    return flat.reshape(shape, order="F" if by_columns else "C")
