"""The protocols by name; each one's module says in data what it does."""

from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import landmarks as aflw2000
from eval.benchmarks.aflw2000 import pose as aflw2000_pose
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw_lfpa import landmarks as aflw_lfpa
from eval.benchmarks.benchmark import Board
from eval.benchmarks.florence import scan_error as florence
from eval.benchmarks.protocol import Protocol

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
