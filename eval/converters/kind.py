"""Detects the kind of a source."""

from pathlib import Path

from eval.converters import mat_folder, prnet
from eval.errors import SubmissionError

PARAMS, PRNET, MAT, CSV = "3ddfa-params", "prnet-kpt", "mat", "csv"
KINDS = (PARAMS, PRNET, MAT, CSV)
CSV_SUFFIXES = (".csv", ".tsv")
PICKLES = (".pkl", ".pickle", ".pth", ".pt", ".tar")


def guess_kind(source: Path) -> str:
    """The kind of a source, from its suffix or from the names in its folder.

    Args:
        source: a file or a folder.

    Returns:
        One of ``KINDS``.

    Raises:
        SubmissionError: no such path, none of the kinds, or signs of more than one.

    Example:
        >>> guess_kind(Path("params.npy"))  # doctest: +SKIP
        '3ddfa-params'
    """
    if source.is_dir():
        return _kind_of_folder(source)
    if not source.exists():
        raise SubmissionError(f"no file or folder {source}; check the path")
    suffix = source.suffix.lower()
    if suffix == ".npy":
        return PARAMS
    if suffix in CSV_SUFFIXES:
        return CSV
    if suffix in PICKLES:
        raise SubmissionError(f"{source} is a pickle, which is not read; save arrays as .npy")
    raise SubmissionError(
        f"{source} has an unknown type, wanted a .npy, a .csv, or a folder of *_kpt.txt or *.mat; "
        "say which with --from"
    )


def _kind_of_folder(folder: Path) -> str:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise SubmissionError(f"cannot list {folder}: {error.strerror or error}") from error
    signs = {PRNET: f"{prnet.SUFFIX}{prnet.ENDING}", MAT: mat_folder.ENDING}
    found = [kind for kind, end in signs.items() if any(name.endswith(end) for name in names)]
    if len(found) != 1:
        what = "both" if found else "neither"
        raise SubmissionError(
            f"{folder} holds {what} *_kpt.txt and *.mat; say which to read with "
            f"--from {PRNET} or --from {MAT}"
        )
    return found[0]
