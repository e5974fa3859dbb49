"""The Reconstruct tab: takes a photo, shows its head."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.errors import notices_to
from space import text
from space.components import Updates, hint_status, problem_status
from space.examples import PHOTOS
from space.problems import problem_words, public_words
from space.reconstruct.answers import (
    ONE_AT_A_TIME,
    PICTURE_WORDS,
    PICTURES_QUEUE,
    draw_strip,
    make_file,
    with_head,
)
from space.reconstruct.endpoint import offer_endpoint
from space.reconstruct.example_gallery import chosen_example, example_gallery, photo_box
from space.reconstruct.greeting import Greeter
from space.reconstruct.head_events import connect_head_events
from space.reconstruct.head_files import HeadChoices
from space.reconstruct.kept import RECALL, REMEMBER, KeptAnswers
from space.reconstruct.pictures import face_at
from space.reconstruct.result_panel import Answer, result_panel
from space.reconstruct.service import ReconstructionService
from space.reconstruct.several_photos import SeveralPhotos
from space.reconstruct.weights_switch import BEST, WeightsSwitch
from space.viewer import after_answer, edited_expression, names_for_buttons
from space.visitor_files import UploadedFile

EDITED = edited_expression("head")


class ReconstructTab:
    """Builds the tab inside the current Blocks and handles its events."""

    def __init__(self, service: ReconstructionService, demo: gr.Blocks) -> None:
        """Lays out the components and connects them.

        Args:
            service: shared by all visitors.
            demo: the page; when it opens, the head of an example greets the visitor.
        """
        self._service = service
        self._photo = photo_box()
        self._several, self._weights = SeveralPhotos(), WeightsSwitch(service)
        self._answered = gr.State()
        self._kept = KeptAnswers()
        self._panel = panel = result_panel(beside=self._lay_out_input)
        self._greeter = Greeter(panel, service, self._kept)
        self._connect()
        self._connect_forgetting()
        self._stand_in_after(connect_head_events(panel, self._kept))
        panel.downloads.connect(make_file, panel.memory, panel.edited, EDITED)
        offer_endpoint(service, self._photo, ONE_AT_A_TIME)
        greeted = demo.load(
            self._greeter.greet,
            inputs=[panel.kept],
            outputs=panel.outputs(),
            js=RECALL,
            show_progress="hidden",
            api_visibility="private",
        )
        self._follow_up(greeted)
        greeted.then(None, js=names_for_buttons("examples", list(PHOTOS.values())))

    def _lay_out_input(self) -> None:
        self._photo.render()
        example_gallery("examples").select(
            chosen_example, outputs=[self._photo], show_progress="hidden", api_visibility="private"
        )
        self._several.lay_out()
        self._weights.lay_out()
        gr.Markdown(text.PRIVACY, elem_id="privacy")

    def _connect(self) -> None:
        """Events of the page; programs use a separate endpoint."""
        panel = self._panel
        shared: dict[str, Any] = {
            "show_progress_on": [panel.head],
            "concurrency_id": ONE_AT_A_TIME,
            "concurrency_limit": 1,
            "api_visibility": "private",
        }
        answered = gr.on(
            [self._photo.change, self._weights.box.input],
            self._answer,
            inputs=[
                *(self._photo, self._answered, panel.kept),
                *(self._weights.box, *panel.options.boxes),
            ],
            outputs=[*panel.outputs(), self._answered],
            preprocess=False,
            trigger_mode="always_last",
            **shared,
        )
        chosen = panel.chooser.input(
            self._choose,
            inputs=[panel.chooser, panel.memory, *panel.options.boxes],
            outputs=panel.outputs(),
            **shared,
        )
        pointed = panel.numbered.select(
            self._point,
            inputs=[panel.memory, *panel.options.boxes],
            outputs=panel.outputs(),
            **shared,
        )
        together = gr.on(
            [self._several.files.change, self._several.keep_all.input],
            self._answer_several,
            inputs=[*self._several.inputs, panel.kept, self._weights.box, *panel.options.boxes],
            outputs=[*panel.outputs(), *self._several.outputs],
            preprocess=False,
            **shared,
        )
        told = panel.head.unavailable(
            lambda: True, outputs=[panel.blocked], show_progress="hidden", api_visibility="private"
        )
        self._stand_in_after(told)
        self._follow_up(answered, chosen, pointed, together)

    def _connect_forgetting(self) -> None:
        """*Forget this photo* clears everything."""
        panel = self._panel
        panel.options.forget.click(
            self._forget,
            inputs=[panel.kept],
            outputs=[*panel.outputs(), self._photo, self._answered, *self._several.all],
            queue=False,  # at once, also while others wait
            api_visibility="private",
        ).then(None, inputs=[panel.kept], js=REMEMBER, api_visibility="private")

    def _follow_up(self, *events: gr.events.Dependency) -> None:
        """Steps after a result: alternative texts for its pictures, and the strip."""
        panel, dress = self._panel, after_answer("status", PICTURE_WORDS)
        for event in events:
            event.then(None, js=dress, api_visibility="private")
            event.then(None, inputs=[panel.kept], js=REMEMBER, api_visibility="private")
            self._stand_in_after(event)
            event.then(
                draw_strip,
                inputs=[panel.memory],
                outputs=[panel.strip],
                concurrency_id=PICTURES_QUEUE,
                concurrency_limit=1,
                api_visibility="private",
            )

    def _stand_in_after(self, event: gr.events.Dependency) -> None:
        """A still picture if the viewer is blocked; this may be reported during a request."""
        event.then(
            self._greeter.stand_in,
            inputs=[self._panel.blocked, self._panel.memory],
            outputs=[self._panel.status, self._panel.still],
            show_progress="hidden",
            api_visibility="private",
        )

    def _answer(
        self,
        upload: UploadedFile,
        answered: tuple[str | None, str] | None,
        token: str = "",
        weights: str = BEST,
        hair: bool = True,
        as_photo: bool = False,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
        request: gr.Request | None = None,
    ) -> Updates:
        """A new photo, or none, or other weights.

        Gradio reports a change of the photo twice, at times after *Forget this photo*: such a late
        report changes nothing.
        """
        path = upload["path"] if upload else None
        is_late = self._is_late(token)
        if path and is_late and not Path(path).is_file():
            return {self._answered: None}
        asked = (path, weights) if path or answered else None  # other weights keep the example
        newly_answered = {self._answered: asked}
        if asked == answered:
            return newly_answered
        if path is None:
            return newly_answered | ({} if is_late else self._panel.empty(hint_status(text.HINT)))
        try:
            self._greeter.has_asked(request)
            progress(0.1, desc="Finding faces")
            with notices_to(lambda words: gr.Warning(html.escape(public_words(words, path)))):
                reconstruction = self._weights(weights)(Path(path))
            choices = HeadChoices.from_boxes(hair, as_photo)
            answer = self._kept.keep(with_head(reconstruction, 0, choices, progress))
            return self._panel.filled(answer) | newly_answered
        except Exception as error:
            return self._problem(problem_words(error, path)) | newly_answered

    def _choose(
        self,
        index: int,
        shown: Answer | None,
        hair: bool = True,
        as_photo: bool = False,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """Another face of the same photo."""
        if shown is None or not 0 <= index < len(shown.reconstruction.faces):
            return self._problem(text.FORGOTTEN)
        try:
            choices = HeadChoices.from_boxes(hair, as_photo)
            answer = with_head(shown.reconstruction, index, choices, progress)
            return self._panel.filled(self._kept.keep(answer))
        except Exception as error:
            return self._problem(problem_words(error))

    def _point(
        self,
        shown: Answer | None,
        hair: bool,
        as_photo: bool,
        event: gr.SelectData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """A click on the numbered photo."""
        index = face_at(shown.reconstruction.faces, *event.index) if shown else 0
        return self._choose(index, shown, hair, as_photo, progress)

    def _answer_several(
        self,
        files: list[dict[str, Any]] | None,
        keep_all: bool,
        token: str,
        weights: str,
        hair: bool,
        as_photo: bool,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
        request: gr.Request | None = None,
    ) -> Updates:
        """One head from several photos of one person; a late report of none changes nothing."""
        if not files:
            empty = {} if self._is_late(token) else self._panel.empty(hint_status(text.HINT))
            return empty | self._several.cleared()
        paths = [Path(file["path"]) for file in files]
        try:
            self._greeter.has_asked(request)
            progress(0.1, desc="Looking at the photos")
            reconstruction, told = self._several.answer(self._weights(weights), paths, keep_all)
            choices = HeadChoices.from_boxes(hair, as_photo)
            answer = self._kept.keep(with_head(reconstruction, 0, choices, progress))
            return self._panel.filled(answer) | told
        except Exception as error:
            return self._problem(problem_words(error)) | self._several.cleared()

    def _forget(self, token: str) -> Updates:
        """Deletes the result and its files immediately."""
        self._kept.forget(token)
        empty = self._panel.empty(hint_status(text.FORGOT))
        return empty | self._several.emptied() | {self._photo: None, self._answered: None}

    def _is_late(self, token: str) -> bool:
        """Whether nothing is shown any more: an answer's token is gone or was forgotten."""
        return not token or self._kept.was_forgotten(token)

    def _problem(self, words: str) -> Updates:
        gr.Warning(html.escape(words))
        return self._panel.empty(problem_status(words))
