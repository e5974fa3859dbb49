"""The Submit tab: predictions are checked before the queue, scored, and put on the board."""

import json
import logging
from pathlib import Path
from typing import Any, Literal, NamedTuple

import gradio as gr

from eval.leaderboard.files import record_json
from space.components import board_hint, code_box
from space.records import RecordSource
from space.settings import BoardSettings
from space.submit import text
from space.submit.card import problem_card, scored_card
from space.submit.form import BOXES, Form, problems
from space.submit.intake import Reading
from space.submit.service import Refused, SubmitService
from space.visitor_files import record_files

SCORE_GROUP = "score"
"""Separate queue for scoring, one at a time, so that it never delays reconstructions."""

USUAL, FIRST_IS_0, FIRST_IS_1 = "as usual for the format", "0", "1"
FIRST_PIXELS: dict[str, Literal[0, 1] | None] = {USUAL: None, FIRST_IS_0: 0, FIRST_IS_1: 1}

Answer = tuple[Any, Any, Any, Any]
"""Updates of the card, the files, and the record."""

log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """The values of the form, in the order of its inputs."""

    file: str | None
    task: str
    method: str
    link: str
    year: str
    licence: str
    training_data: str
    boxes: str
    first_pixel: str
    fill_missing: bool
    keep: bool

    def form(self) -> Form:
        """The text fields."""
        return Form(*self[2:8])

    def reading(self) -> Reading:
        """How to read files other than .npz."""
        return Reading(FIRST_PIXELS.get(self.first_pixel), bool(self.fill_missing))


class SubmitTab:
    """Builds the tab inside the current Blocks; without data it explains local scoring."""

    def __init__(self, settings: BoardSettings, source: RecordSource) -> None:
        """Lays out the components and connects them.

        Args:
            settings: the owner's settings.
            source: source of the boards' records.
        """
        self._service = SubmitService(settings, source)
        if not self._service.tasks:
            gr.Markdown(text.NO_DATA + text.at_home(), elem_id="score-at-home")
            return
        gr.Markdown(text.introduction(settings))
        if settings.on_space:
            gr.LoginButton()
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self._lay_out_form()
            with gr.Column(scale=6, min_width=320):
                self._lay_out_result()
        with gr.Accordion("Score at home", open=False):
            gr.Markdown(text.at_home([t.command() for t in self._service.tasks.values()]))
        self._connect(settings)

    def _lay_out_form(self) -> None:
        labels = list(self._service.tasks)
        self._task = gr.Dropdown(labels, value=labels[0], label="Benchmark", elem_id="task")
        self._method = gr.Textbox(label="Name of the method", max_lines=1, elem_id="method")
        self._link = gr.Textbox(
            label="Link to paper or code", placeholder="https://", max_lines=1, elem_id="link"
        )
        with gr.Row():
            self._year = gr.Textbox(label="Year", max_lines=1, min_width=90, elem_id="year")
            self._licence = gr.Textbox(label="Licence", max_lines=1, min_width=140, scale=2)
            self._boxes = gr.Dropdown(
                list(BOXES), value=BOXES[0], label="Crops come from", min_width=150, scale=2
            )
        self._training = gr.Textbox(label="Training data", max_lines=1, elem_id="training")
        # keep the file near the button, so that its error message is visible
        self._file = gr.File(label="Predictions", elem_id="submission", height=140)
        gr.Markdown(text.FILE_HELP, elem_id="file-help")
        with gr.Accordion("How the file is read", open=False):
            gr.Markdown(text.FORMAT)
            self._first_pixel = gr.Radio(
                list(FIRST_PIXELS),
                value=USUAL,
                label="First pixel of other files than .npz",
            )
            self._fill = gr.Checkbox(label="Missing images count as failed", value=False)
        self._keep = gr.Checkbox(label="For the board", value=True, elem_id="for-the-board")
        self._button = gr.Button("Score", variant="primary", elem_id="score-file")

    def _lay_out_result(self) -> None:
        self._result = gr.HTML(board_hint(text.RESULT_HINT), elem_id="scored", padding=False)
        self._files = gr.Files(label="Record", visible=False, elem_id="record-files")
        with gr.Accordion("Record", open=False, visible=False) as self._shown_record:
            self._record = code_box("Record (JSON)")

    def _connect(self, settings: BoardSettings) -> None:
        reading: list[Any] = [self._first_pixel, self._fill]
        words: list[Any] = [
            *(self._method, self._link, self._year),
            *(self._licence, self._training, self._boxes),
        ]
        result: list[Any] = [self._result, self._files, self._shown_record, self._record]
        gr.on(  # Gradio's textbox sends no input event for a paste
            [self._file.change, self._task.change, *(word.change for word in words)],
            lambda: (board_hint(text.RESULT_HINT), *_no_files()),
            outputs=result,
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
        self._button.click(
            self.submit_signed_in if settings.on_space else self.submit,
            inputs=[self._file, self._task, *words, *reading, self._keep],
            outputs=result,
            validator=self.validate,
            concurrency_id=SCORE_GROUP,
            concurrency_limit=1,
            show_progress_on=[self._result],
            api_visibility="private",
        )
        self._offer_endpoint()

    def _offer_endpoint(self) -> None:
        """`/score` for programs: nothing is published."""
        answer = gr.JSON(label="record", visible=False)
        gr.Button(visible=False).click(
            self.score,
            inputs=[self._file, self._task, self._method],
            outputs=[answer],
            validator=self.validate_only,
            concurrency_id=SCORE_GROUP,
            api_name="score",
            api_description=text.API,
        )

    def validate(self, *values: Any) -> list[Any]:
        """Check each input before the job is queued; takes the values of an `Entry`."""
        entry = Entry(*values)
        words = problems(entry.form())
        if not words:
            words = {"file": self._file_problem(entry.file, entry.task, entry.reading())}
        return [_verdict(words.get(name, "")) for name in Entry._fields]

    def validate_only(self, file: str | None, task: str, method: str) -> list[Any]:
        """The same check for `/score`."""
        nameless = problems(Form(method)).get("method", "")
        unread = "" if nameless else self._file_problem(file, task, Reading())
        return [_verdict(unread), _verdict(""), _verdict(nameless)]

    def _file_problem(self, file: str | None, task: str, reading: Reading) -> str:
        if not file:
            return "Choose a file with predictions first."
        try:
            self._service.check(Path(file), task, reading)
        except Refused as refused:
            return str(refused)
        except Exception:
            log.exception("a submission cannot be checked")
            return text.SERVER_PROBLEM
        return ""

    def submit(self, request: gr.Request, *values: Any) -> Answer:
        """Score a validated submission; the person is identified by address."""
        return self._answer(Entry(*values), person=self._person(request))

    def submit_signed_in(self, profile: gr.OAuthProfile | None, *values: Any) -> Answer:
        """Score a validated submission; the person is identified by account."""
        if profile is None:
            return self._refusal(text.SIGN_IN)
        name = profile.username
        return self._answer(Entry(*values), person=f"user {name}", name=name)

    def _answer(self, entry: Entry, *, person: str, name: str = "") -> Answer:
        try:
            scored = self._service.score(
                Path(entry.file or ""),
                entry.task,
                entry.form(),
                entry.reading(),
                person=person,
                signed_in=name,
                keep=entry.keep,
            )
        except Refused as refused:
            return self._refusal(str(refused))
        except Exception:
            log.exception("scoring failed")
            return self._refusal(text.SERVER_PROBLEM)
        files = [str(path) for path in record_files(scored.record)]
        return (
            scored_card(scored),
            gr.Files(files, visible=True),
            gr.Accordion(visible=True),
            record_json(scored.record),
        )

    def _person(self, request: gr.Request) -> str:
        return _address(request, behind_proxy=self._service.settings.on_space)

    def _refusal(self, words: str) -> Answer:
        return (problem_card(words), *_no_files())

    def score(self, file: str, benchmark: str, method: str, request: gr.Request) -> dict[str, Any]:
        """The record of a submission file, not published.

        Args:
            file: .npz, .csv or .zip with predictions.
            benchmark: label of the task, as in the Submit tab.
            method: a name for it.
            request: whose address counts for the daily limit.
        """
        try:
            scored = self._service.score(
                Path(file),
                benchmark,
                Form(method),
                Reading(),
                person=self._person(request),
                keep=False,
            )
        except Refused as refused:
            raise gr.Error(str(refused), print_exception=False) from refused
        except Exception as error:
            log.exception("scoring failed")
            raise gr.Error(text.SERVER_PROBLEM, print_exception=False) from error
        document: dict[str, Any] = json.loads(record_json(scored.record))
        return document


def _no_files() -> tuple[Any, Any, str]:
    """Updates of files and record if there is no result, or the form has changed since."""
    return gr.Files(visible=False), gr.Accordion(visible=False), ""


def _verdict(words: str) -> Any:
    return gr.validate(not words, words)


def _address(request: gr.Request, *, behind_proxy: bool) -> str:
    """The client address of a request; a proxy appends the address that it saw to the list."""
    seen = str(request.headers.get("x-forwarded-for", "")) if behind_proxy else ""
    direct = request.client.host if request.client else "unknown"
    return seen.rpartition(",")[2].strip() or direct
