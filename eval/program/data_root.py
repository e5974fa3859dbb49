"""The folder with the benchmarks' files: an option, or the variable DASL_DATA_ROOT."""

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "DASL_DATA_ROOT"


def data_root(
    given: str | Path | None = None, environment: Mapping[str, str] | None = None
) -> Path | None:
    """The data folder: the one given, else the one that the variable names, else None.

    Args:
        given: by an option or an argument; it wins.
        environment: None takes the process's.
    """
    if given is not None:
        return Path(given)
    named = (os.environ if environment is None else environment).get(VARIABLE)
    return Path(named) if named else None
