"""Revision strings of weights for results: their source and a hash of their content."""

from pathlib import Path

from dasl.network.tensors import StoredNetwork, weights_hash

EMBEDDED = "embedded"


def weights_revision(source: str | Path | None, network: StoredNetwork, head_id: str) -> str:
    """Source and hash, e.g. `embedded@3f2a1c9b0d1e`, and the head if it is not the network's own.

    Args:
        source: as in `dasl.weights.folder.weights_folder`.
        network: stored at the source.
        head_id: of the head model it ran with.
    """
    return (EMBEDDED if source is None else str(source)) + _content(network, head_id)


def is_of(revision: str, network: StoredNetwork, head_id: str) -> bool:
    """Whether a result is from this network with this head, regardless of the source."""
    return revision.endswith(_content(network, head_id))


def _content(network: StoredNetwork, head_id: str) -> str:
    mapped = "" if head_id == network.config.head_id else f" on head {head_id}"
    return f"@{weights_hash(network)}{mapped}"
