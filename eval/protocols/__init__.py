"""The protocols by name; each one's module says in data what it does."""

from eval.protocols.aflw2000 import AFLW2000_3D, AFLW2000_3D_REANNOTATED
from eval.protocols.protocol import Protocol

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol for protocol in (AFLW2000_3D, AFLW2000_3D_REANNOTATED)
}
