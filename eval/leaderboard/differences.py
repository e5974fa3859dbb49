"""Differences between two records or parts of them, up to the precision of the CSV."""

import dataclasses
import math
from collections.abc import Collection, Iterator, Mapping

# The per-image file keeps nine digits of an error.
RELATIVE, ABSOLUTE = 1e-6, 1e-12


def differences(
    ours: object, theirs: object, *, skipped: Collection[str] = (), where: str = ""
) -> Iterator[str]:
    """The differences, each as "2d.mean_of_bins is 0.01, wanted 0.036".

    Args:
        ours: a dataclass, container, number or text.
        theirs: the expected value, of the same type.
        skipped: names of fields that are not compared.
        where: the values' place in the record, for the messages.
    """
    if dataclasses.is_dataclass(ours) and type(ours) is type(theirs):
        for field in dataclasses.fields(ours):
            if field.name not in skipped:
                pair = getattr(ours, field.name), getattr(theirs, field.name)
                yield from differences(*pair, skipped=skipped, where=_below(where, field.name))
    elif isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in dict.fromkeys([*ours, *theirs]):
            pair = ours.get(name, "absent"), theirs.get(name, "absent")
            yield from differences(*pair, skipped=skipped, where=_below(where, str(name)))
    elif isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            name = getattr(pair[0], "name", getattr(pair[0], "label", str(number)))
            yield from differences(*pair, skipped=skipped, where=_below(where, name))
    elif not _equal(ours, theirs):
        yield f"{where} is {_short(ours)}, wanted {_short(theirs)}"


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _equal(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        both_missing = math.isnan(ours) and math.isnan(theirs)
        return both_missing or math.isclose(ours, theirs, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return ours == theirs


def _short(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else f"{value!r:.60}"
