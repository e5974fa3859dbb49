"""Scores submissions on the server without revealing the owner's data."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from eval.errors import BenchmarkError, EvalError, SubmissionError
from eval.leaderboard.board import board_rows
from eval.results.record import ProtocolResult
from eval.submissions.submission import Submission
from space.records import RecordSource
from space.settings import BOARD_VARIABLE, BoardSettings
from space.submit.form import Form
from space.submit.intake import Reading, take_in
from space.submit.limits import DailyLimit, wait_words
from space.submit.publish import Outcome, Publisher
from space.submit.tasks import Task, tasks_here
from space.text import sentence

log = logging.getLogger(__name__)


class Refused(ValueError):
    """A submission was not scored; the message is for the visitor."""


@dataclass(frozen=True)
class Scored:
    """The result of a submission.

    Attributes:
        record: the scorer's record.
        place: rank on the board; None if it is not ranked.
        ranked: number of ranked rows, including this one.
        outcome: what happened to the record; None if it was only scored.
    """

    record: ProtocolResult
    place: int | None
    ranked: int
    outcome: Outcome | None


class SubmitService:
    """Checks, scores and stores submissions. Thread-safe."""

    def __init__(self, settings: BoardSettings, source: RecordSource) -> None:
        """Finds the available benchmarks.

        Args:
            settings: the owner's settings.
            source: source of the boards' records; published submissions are added to it.

        Raises:
            RecordError: the place of the records has another form.
        """
        self.settings = settings
        self.tasks = tasks_here(settings.data_root)
        self._source = source
        self._publisher = Publisher(settings.place)
        self._limit = DailyLimit(settings.per_day)
        if settings.on_space and self.tasks and not settings.place.startswith("hf:"):
            log.warning(
                "a Space's disk does not last: set %s=hf://datasets/USER/NAME to keep records",
                BOARD_VARIABLE,
            )

    def check(self, upload: Path, label: str, reading: Reading) -> None:
        """Check that a file can be scored, without reading the true points.

        Raises:
            Refused: the file cannot be scored; says why.
        """
        self._take_in(upload, self._task(label), reading)

    def score(
        self,
        upload: Path,
        label: str,
        form: Form,
        reading: Reading,
        *,
        person: str,
        signed_in: str = "",
        keep: bool,
    ) -> Scored:
        """Score a file and store its record.

        Args:
            upload: the uploaded file.
            label: label of the task.
            form: the description, already checked for problems.
            reading: how to read files other than .npz.
            person: the person whose daily limit applies.
            signed_in: the user's name on the hub, for the history.
            keep: whether to store the record for the board.

        Raises:
            Refused: the file was not scored, or its record not stored; says why.
        """
        task = self._task(label)
        submission = self._take_in(upload, task, reading)
        self._count(person)
        record = self._score(task, submission)
        revision = record.facts.weights_revision  # the file may name it; the form asks for the rest
        record = replace(record, facts=replace(form.facts(), weights_revision=revision))
        place, ranked = self._rank(record)
        outcome = self._keep(record, signed_in) if keep else None
        return Scored(record, place, ranked, outcome)

    def _task(self, label: str) -> Task:
        if label not in self.tasks:
            known = "; ".join(self.tasks) or "nothing, its owner has no benchmark data"
            raise Refused(f"This server cannot score {label!r:.80}; it scores: {known}.")
        return self.tasks[label]

    def _take_in(self, upload: Path, task: Task, reading: Reading) -> Submission:
        assert self.settings.data_root is not None  # without it there are no tasks
        try:
            return take_in(upload, task.wanted(self.settings.data_root), reading)
        except SubmissionError as error:
            raise Refused(sentence(str(error))) from error
        except BenchmarkError as error:
            raise self._not_ours_to_tell(error) from error

    def _count(self, person: str) -> None:
        wait = self._limit.take(person)
        if wait:
            raise Refused(
                f"You had {self.settings.per_day} submissions scored in the last 24 hours, "
                f"the daily limit. Come back in {wait_words(wait)}, or score at home."
            )

    def _score(self, task: Task, submission: Submission) -> ProtocolResult:
        assert self.settings.data_root is not None
        try:
            return task.score(submission, self.settings.data_root)
        except SubmissionError as error:
            raise Refused(sentence(str(error))) from error
        except EvalError as error:
            raise self._not_ours_to_tell(error) from error

    def _rank(self, record: ProtocolResult) -> tuple[int | None, int]:
        rows = board_rows(record.protocol, [*self._source.read().results, record], [])
        mine = next(row for row in rows if row.record is record)
        same = [row for row in rows if row.choices == mine.choices and row.rank is not None]
        return mine.rank, len(same)

    def _keep(self, record: ProtocolResult, signed_in: str) -> Outcome:
        try:
            outcome = self._publisher.submit(record, self.settings.publish, signed_in)
        except EvalError as error:
            log.error("a record cannot be kept: %s", error)
            raise Refused(
                "It was scored, but this server cannot keep its record right now; the log tells "
                "its owner why. Please try again later."
            ) from error
        self._source.expire()
        return outcome

    def _not_ours_to_tell(self, error: EvalError) -> Refused:
        """An error in the owner's data; details and paths are not shown to visitors."""
        log.error("a submission cannot be scored: %s", error)
        return Refused(
            "The benchmark's files on this server are incomplete; the log tells its owner why. "
            "Please score at home meanwhile."
        )
