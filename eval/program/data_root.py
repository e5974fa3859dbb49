"""The folder of the data sets, from an option or from the variable DASL_DATA_ROOT."""

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "DASL_DATA_ROOT"


def data_root(
    given: str | Path | None = None, environment: Mapping[str, str] | None = None
) -> Path | None:
    """The data folder: the given one, else the variable's, else None.

    Args:
        given: by an option or an argument; it has priority.
        environment: None takes the process's.
    """
    if given is not None:
        return Path(given)
    named = (os.environ if environment is None else environment).get(VARIABLE)
    return Path(named) if named else None
