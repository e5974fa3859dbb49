"""Revision strings of weights for results: their source and a hash of their content."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from dasl.network.tensors import StoredNetwork

EMBEDDED = "embedded"
DIGITS = 12


def weights_hash(network: StoredNetwork) -> str:
    """First digits of a sha256 over a network's configuration and tensors, independent of the file.

    Args:
        network: as stored, not mapped: mapping to another head rounds differently across machines.
    """
    digest = hashlib.sha256(repr(sorted(asdict(network.config).items())).encode())
    for name, tensor in sorted(network.tensors.items()):
        digest.update(f"{name} {tensor.shape}".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()[:DIGITS]


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
