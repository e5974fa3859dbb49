"""The protocols by name; each one's module says in data what it does."""

from eval.protocols import (
    aflw2000,
    aflw2000_dense,
    aflw2000_pose,
    aflw2000_reconstruction,
    aflw_lfpa,
    florence,
)
from eval.protocols.board import Board
from eval.protocols.protocol import Protocol

_MODULES = (
    aflw2000,
    aflw2000_pose,
    aflw2000_dense,
    aflw2000_reconstruction,
    aflw_lfpa,
    florence,
)
BOARDS: dict[str, Board] = {
    board.protocol.name: board for module in _MODULES for board in module.BOARDS
}
PROTOCOLS: dict[str, Protocol] = {name: board.protocol for name, board in BOARDS.items()}
