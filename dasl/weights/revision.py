"""What to call the weights that made a result: where they came from, and what they are."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from dasl.network.tensors import StoredNetwork

EMBEDDED = "embedded"
DIGITS = 12


def weights_hash(network: StoredNetwork) -> str:
    """The beginning of a sha256 over a network's configuration and tensors, whatever their file.

    Args:
        network: as it was stored: a map to another head rounds differently on other machines.
    """
    digest = hashlib.sha256(repr(sorted(asdict(network.config).items())).encode())
    for name, tensor in sorted(network.tensors.items()):
        digest.update(f"{name} {tensor.shape}".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()[:DIGITS]


def weights_revision(source: str | Path | None, network: StoredNetwork, head_id: str) -> str:
    """Name and hash, `embedded@3f2a1c9b0d1e`, and the head if it is not the network's own.

    Args:
        source: as in `dasl.weights.folder.weights_folder`.
        network: what is stored there.
        head_id: of the head that it ran with.
    """
    return (EMBEDDED if source is None else str(source)) + _content(network, head_id)


def is_of(revision: str, network: StoredNetwork, head_id: str) -> bool:
    """Whether a result was made by this network, wherever it was loaded from, with this head."""
    return revision.endswith(_content(network, head_id))


def _content(network: StoredNetwork, head_id: str) -> str:
    mapped = "" if head_id == network.config.head_id else f" on head {head_id}"
    return f"@{weights_hash(network)}{mapped}"
