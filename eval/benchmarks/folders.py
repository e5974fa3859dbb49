"""Finds a benchmark's folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from eval.errors import BenchmarkError
from eval.program.data_root import VARIABLE, data_root


def find_folder(
    root: str | Path | None,
    names: Sequence[str],
    holds: Callable[[Path], bool],
    *,
    wanted: str,
    lacks: str,
    advice: str,
) -> Path:
    """The folder that holds a benchmark: the root itself, or one of a known name below it.

    Args:
        root: the folder itself or its parent; None takes DASL_DATA_ROOT.
        names: usual names of the benchmark's folder.
        holds: whether a folder is the benchmark's.
        wanted: the files, for messages.
        lacks: the message's words for a folder without them.
        advice: the message's words for what to do then.

    Raises:
        BenchmarkError: no root is known, or nothing is there.
    """
    top = data_root(root)
    if top is None:
        raise BenchmarkError(
            f"no data root given; pass --root with the folder of {wanted}, or set {VARIABLE}"
        )
    for folder in (top, *(top / name for name in names)):
        if holds(folder):
            return folder
    state = lacks if top.is_dir() else "is not a folder"
    raise BenchmarkError(
        f"{top} {state}, wanted {wanted} there or in {names[0]}/ below it; {advice}"
    )
