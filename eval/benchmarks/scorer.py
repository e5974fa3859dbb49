"""The scorer as a function, called from Python, the shell and the page."""

from pathlib import Path

from eval.benchmarks import BENCHMARKS
from eval.benchmarks.choices import chosen
from eval.errors import ChoiceError
from eval.results.record import ProtocolResult
from eval.submissions.submission import Submission, read_submission


def score(
    benchmark: str,
    submission: str | Path | Submission,
    *,
    root: str | Path | None = None,
    **choices: object,
) -> ProtocolResult:
    """Score a submission under one protocol.

    Args:
        benchmark: its name, such as "aflw2000-3d"; `python -m eval protocols` lists all.
        submission: a .npz file, or predictions in memory.
        root: the benchmark's folder or its parent; None takes DASL_DATA_ROOT.
        choices: the options of `python -m eval score BENCHMARK --help` by keyword: "--z-rule min"
            is z_rule="min".

    Returns:
        The record, as `python -m eval score --json` writes it.

    Raises:
        ChoiceError: an unknown benchmark or choice, or a value out of range.
        SubmissionError: the submission cannot be read, or does not match the benchmark.
        BenchmarkError: the benchmark's files are missing or damaged.

    Example:
        >>> record = score("aflw2000-3d", "mine.npz", root="DATA")  # doctest: +SKIP
        >>> record.headline.mean_of_bins  # doctest: +SKIP
        0.0347
    """
    if benchmark not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        raise ChoiceError(f"unknown benchmark {benchmark!r:.80}; the scorer has: {known}")
    board = BENCHMARKS[benchmark]
    settled = chosen(board.choices, choices)
    if not isinstance(submission, Submission):
        submission = read_submission(submission)
    return board.score(submission, None if root is None else Path(root), settled)
