"""Scores predictions on face benchmarks: protocols, metrics, submissions, results.

Nothing here imports ``dasl``: the scorer knows a method by its submission only. The public
names are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from eval.program import telemetry

if TYPE_CHECKING:
    from eval.benchmarks.scorer import score
    from eval.errors import EvalError
    from eval.leaderboard.files import load_record, save_record
    from eval.scoring.comparison import compare
    from eval.submissions.submission import Submission

telemetry.turn_off()

_HOMES = {
    "EvalError": "eval.errors",
    "Submission": "eval.submissions.submission",
    "compare": "eval.scoring.comparison",
    "load_record": "eval.leaderboard.files",
    "save_record": "eval.leaderboard.files",
    "score": "eval.benchmarks.scorer",
}
__all__ = ["EvalError", "Submission", "compare", "load_record", "save_record", "score"]


def __getattr__(name: str) -> Any:
    """Import a public name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'eval' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
