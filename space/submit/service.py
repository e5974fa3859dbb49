"""Scores a submission on the server: what may be told of it, and what may not."""

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
    """A submission that is not scored; the message is for the visitor."""


@dataclass(frozen=True)
class Scored:
    """What became of a submission.

    Attributes:
        record: of the scorer.
        place: on the board among the ranked rows, None where it is not ranked.
        ranked: how many rows are, with this one.
        outcome: where the record went; None where it was scored only.
    """

    record: ProtocolResult
    place: int | None
    ranked: int
    outcome: Outcome | None


class SubmitService:
    """Checks, scores and keeps submissions; serves many threads."""

    def __init__(self, settings: BoardSettings, source: RecordSource) -> None:
        """Looks which benchmarks are here.

        Args:
            settings: of the owner.
            source: of the boards' records, which a published one joins.

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
        """Whether a file could be scored; the truth is not looked at.

        Raises:
            Refused: says why not.
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
        """Score a file and keep its record.

        Args:
            upload: a stranger's file.
            label: of the task.
            form: without problems.
            reading: of other files than .npz.
            person: whose daily limit counts.
            signed_in: name of the user on the hub, for the history.
            keep: whether it is meant for the board.

        Raises:
            Refused: says why it is not scored, or not kept.
        """
        task = self._task(label)
        submission = self._take_in(upload, task, reading)
        self._count(person)
        record = self._score(task, submission)
        revision = record.facts.weights_revision  # the file may say it; the rest is asked for
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
        assert self.settings.data_root is not None  # else there are no tasks
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
        """The owner's data are wrong: that and where they lie is the owner's business."""
        log.error("a submission cannot be scored: %s", error)
        return Refused(
            "The benchmark's files on this server are incomplete; the log tells its owner why. "
            "Please score at home meanwhile."
        )
