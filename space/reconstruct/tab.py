"""Photo in, head out: the tab that most visitors come for."""

import html
import time
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.errors import notices_to
from space import text
from space.components import Updates, hint_status, problem_status
from space.examples import PHOTOS
from space.problems import problem_words, public_words
from space.reconstruct.example_gallery import chosen_example, example_gallery
from space.reconstruct.head_files import MAKERS
from space.reconstruct.overlay import photo_behind
from space.reconstruct.pictures import STRIP, face_at, still_head, strip_picture
from space.reconstruct.result_panel import Answer, result_panel
from space.reconstruct.rounded_glb import round_glb
from space.reconstruct.service import Reconstruction, ReconstructionService
from space.viewer import (
    Blocked,
    after_answer,
    names_for_buttons,
    shown_head,
    use_plain_viewer,
)
from space.visitor_files import UploadedFile, visitor_folder

ONE_AT_A_TIME = "reconstruct"
"""Events of this group run one after the other: two cores serve one face best."""

PICTURES_QUEUE = "pictures"
"""Drawing the strip has a queue of its own: the next visitor's head does not wait for it."""

PICTURE_WORDS = {
    "photo": "Your photo",
    "numbered": "Your photo with every face framed and numbered; click a face to choose it",
}


class ReconstructTab:
    """Builds the tab inside the current Blocks and answers its events."""

    def __init__(self, service: ReconstructionService, demo: gr.Blocks) -> None:
        """Lays out the components and connects them.

        Args:
            service: shared by all visitors.
            demo: the page; when it opens, the head of an example greets the visitor.
        """
        self._service = service
        self._photo = gr.Image(
            label="Photo",
            sources=["upload", "webcam", "clipboard"],
            height=360,
            elem_id="photo",
            render=False,
        )
        self._answered = gr.State()
        self._panel = result_panel(beside=self._lay_out_input)
        self._connect()
        self._panel.downloads.connect(_make_file, self._panel.memory)
        self._offer_endpoint()
        greeted = [self._panel.status, self._panel.head]
        greeting = demo.load(
            self._greet, outputs=greeted, show_progress="hidden", api_visibility="private"
        )
        greeting.then(None, js=names_for_buttons("examples", list(PHOTOS.values())))

    def _lay_out_input(self) -> None:
        self._photo.render()
        example_gallery("examples").select(
            chosen_example, outputs=[self._photo], show_progress="hidden", api_visibility="private"
        )
        gr.Markdown(text.PRIVACY, elem_id="privacy")

    def _connect(self) -> None:
        """Events of the page; programs have an endpoint of their own."""
        panel = self._panel
        shared: dict[str, Any] = {
            "show_progress_on": [panel.head],
            "concurrency_id": ONE_AT_A_TIME,
            "concurrency_limit": 1,
            "api_visibility": "private",
        }
        answered = self._photo.change(
            self._answer,
            inputs=[self._photo, self._answered, panel.blocked],
            outputs=[*panel.outputs(), self._answered],
            preprocess=False,
            trigger_mode="always_last",
            **shared,
        )
        chosen = panel.chooser.input(
            self._choose,
            inputs=[panel.chooser, panel.memory, panel.blocked],
            outputs=panel.outputs(),
            **shared,
        )
        pointed = panel.numbered.select(
            self._point,
            inputs=[panel.memory, panel.blocked],
            outputs=panel.outputs(),
            **shared,
        )
        stood_in = use_plain_viewer(panel.head, panel.plain, panel.blocked, panel.still)
        stood_in.then(
            self._greet_still,
            inputs=[panel.blocked, panel.memory],
            outputs=[panel.status, panel.plain, panel.still],
            show_progress="hidden",
            api_visibility="private",
        )
        self._follow_up(answered, chosen, pointed)

    def _follow_up(self, *events: gr.events.Dependency) -> None:
        """What comes after an answer: words for its pictures, and the strip."""
        panel, dress = self._panel, after_answer("status", PICTURE_WORDS)
        for event in events:
            event.then(None, js=dress, api_visibility="private")
            event.then(  # the browser may have told while the photo was on its way
                self._greet_still,
                inputs=[panel.blocked, panel.memory],
                outputs=[panel.status, panel.plain, panel.still],
                show_progress="hidden",
                api_visibility="private",
            )
            event.then(
                _draw_strip,
                inputs=[panel.memory],
                outputs=[panel.strip],
                concurrency_id=PICTURES_QUEUE,
                concurrency_limit=1,
                api_visibility="private",
            )

    def _offer_endpoint(self) -> None:
        """`/reconstruct` for programs: a photo in, facts and GLB files of every face out."""
        facts = gr.JSON(label="faces", visible=False)
        heads = gr.Files(label="heads", visible=False)
        gr.Button(visible=False).click(
            self.reconstruct,
            inputs=[self._photo],
            outputs=[facts, heads],
            preprocess=False,
            concurrency_id=ONE_AT_A_TIME,
            api_name="reconstruct",
            api_description=(
                "Photo to 3D heads. Returns a list with the record of each face, largest first, as "
                "in its JSON file: box, pose (degrees), expression (ARKit weights), confidence, "
                "68 landmarks, identity and measures; and one GLB file for each."
            ),
        )

    def _greet(self) -> Updates:
        """The head of an example, if it is there already."""
        example = self._service.example
        if example is None:
            return {self._panel.status: gr.skip()}
        return {
            self._panel.status: hint_status(text.GREETING),
            self._panel.head: shown_head(example.glb, text.GREETING_TITLE, example.behind),
        }

    def _greet_still(self, blocked: Blocked, shown: Answer | None) -> Updates:
        """The same head where the viewer cannot work, or an answer's that came before that told."""
        example, panel = self._service.example, self._panel
        if shown is not None:
            return {panel.status: gr.skip(), **panel.stand_in(shown, blocked)}
        if example is None or not blocked:
            return {panel.status: gr.skip()}
        if blocked == "webgl":
            return {
                panel.status: hint_status(text.GREETING_STILL),
                panel.still: still_head(example.face),
            }
        return {panel.status: hint_status(text.GREETING_PLAIN), panel.plain: str(example.glb)}

    def _answer(
        self,
        upload: UploadedFile,
        answered: str | None,
        blocked: Blocked,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """A new photo, or none; the same photo again, where Gradio tells a change twice."""
        path = upload["path"] if upload else None
        newly_answered = {self._answered: path}
        if path is None:
            return self._panel.empty(hint_status(text.HINT)) | newly_answered
        if path == answered:
            return newly_answered
        try:
            progress(0.1, desc="Finding faces")
            with notices_to(lambda words: gr.Warning(html.escape(public_words(words, path)))):
                reconstruction = self._service(Path(path))
            answer = _with_head(reconstruction, 0, progress)
            return self._panel.filled(answer, blocked) | newly_answered
        except Exception as error:
            return self._problem(problem_words(error, path)) | newly_answered

    def _choose(
        self,
        index: int,
        shown: Answer | None,
        blocked: Blocked,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """Another face of the same photo."""
        if shown is None or not 0 <= index < len(shown.reconstruction.faces):
            return self._problem(text.FORGOTTEN)
        try:
            answer = _with_head(shown.reconstruction, index, progress)
            return self._panel.filled(answer, blocked)
        except Exception as error:
            return self._problem(problem_words(error))

    def _point(
        self,
        shown: Answer | None,
        blocked: Blocked,
        event: gr.SelectData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """A click on the numbered photo."""
        index = face_at(shown.reconstruction.faces, *event.index) if shown else 0
        return self._choose(index, shown, blocked, progress)

    def reconstruct(self, upload: UploadedFile) -> tuple[list[dict[str, Any]], list[str]]:
        """The API's answer."""
        path = upload["path"] if upload else None
        if path is None:
            raise gr.Error("Give a photo, as a file.", print_exception=False)
        try:
            faces = self._service(Path(path)).faces
            folder = visitor_folder()
            files = [face.save(folder / f"face{n}.glb") for n, face in enumerate(faces, 1)]
        except Exception as error:
            raise gr.Error(problem_words(error, path), print_exception=False) from error
        return [face.record().document() for face in faces], [str(file) for file in files]

    def _problem(self, words: str) -> Updates:
        gr.Warning(html.escape(words))
        return self._panel.empty(problem_status(words))


def _with_head(reconstruction: Reconstruction, index: int, progress: gr.Progress) -> Answer:
    """Writes the head of one face."""
    start = time.perf_counter()
    progress(0.5, desc="Making the head")
    photo, face = reconstruction.photo, reconstruction.faces[index]
    glb = MAKERS["GLB"](photo, face, visitor_folder(), f"{reconstruction.name}_face{index + 1}")
    round_glb(glb)
    behind = photo_behind(photo, face, glb.with_suffix(".jpg"))
    seconds = reconstruction.seconds | {"texture and head": time.perf_counter() - start}
    return Answer(reconstruction, index, glb, seconds, behind)


def _draw_strip(
    shown: Answer | None,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
) -> list[tuple[Any, str]] | None:
    """The pictures of the chosen face, with their captions; none without a face."""
    if shown is None:
        return None
    try:
        named = progress.tqdm(STRIP.items(), desc="Drawing")
        photo = shown.reconstruction.photo
        return [(strip_picture(name, photo, shown.face), caption) for name, caption in named]
    except Exception as error:
        gr.Warning(html.escape(problem_words(error)))
        return None


def _make_file(name: str, shown: Answer | None) -> Path | None:
    """The file that a download button promises."""
    if shown is None:
        gr.Warning(text.FORGOTTEN)
        return None
    try:
        photo = shown.reconstruction.photo
        return MAKERS[name](photo, shown.face, visitor_folder(), shown.stem)
    except Exception as error:
        gr.Warning(html.escape(problem_words(error)))
        return None
