"""Checks that results are comparable: same protocol, options and truth."""

from collections.abc import Sequence

from eval.errors import ComparisonError
from eval.results.record import ProtocolResult
from eval.results.truths import truth_name

# Comparable results agree in these fields; the options are compared one by one.
TERMS = ("protocol", "protocol_version", "normaliser", "alignment")


def refuse_different_terms(results: Sequence[ProtocolResult]) -> None:
    """Refuse results that are not comparable.

    Args:
        results: any number of them.

    Raises:
        ComparisonError: they are not comparable; the message names the difference.
    """
    reference, *others = results
    for other in others:
        pairs = {name: (getattr(reference, name), getattr(other, name)) for name in TERMS}
        pairs["truth"] = (truth_name(reference), truth_name(other))
        for name in sorted(reference.options.keys() | other.options.keys()):
            pairs[name] = (reference.options.get(name, "-"), other.options.get(name, "-"))
        for name, (ours, theirs) in pairs.items():
            if ours != theirs:
                raise ComparisonError(
                    f"{name} must be the same, got {ours} for {reference.facts.method} and "
                    f"{theirs} for {other.facts.method}; score both again in one way"
                )
        if reference.headline.per_image.keys() != other.headline.per_image.keys():
            raise ComparisonError(
                f"{reference.facts.method} and {other.facts.method} were not scored on the same "
                "images; score both again in one way"
            )
