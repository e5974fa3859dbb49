"""Photo in, head out: the tab that most visitors come for."""

import html
import logging
import time
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.errors import DaslError, WeightsError
from dasl.face import Face
from space import text
from space.cards import hint_status, problem_status
from space.head_files import visitor_folder, write_head_files
from space.pictures import face_at, face_pictures
from space.result_panel import Shown, Updates, result_panel
from space.service import Reconstruction, ReconstructionService
from space.settings import EXAMPLES_FOLDER

ONE_AT_A_TIME = "reconstruct"
"""Events of this group run one after the other: two cores serve one face best."""

UploadedFile = dict[str, Any] | None
"""What Gradio hands over of an upload without looking into it; a file that is no photo must reach
`load_photo`, which says so in words."""

log = logging.getLogger(__name__)


class ReconstructTab:
    """Builds the tab inside the current Blocks and answers its events."""

    def __init__(self, service: ReconstructionService) -> None:
        """Lays out the components and connects them.

        Args:
            service: shared by all visitors.
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
        self._offer_endpoint()

    def _lay_out_input(self) -> None:
        self._photo.render()
        examples = [[str(path)] for path in sorted(EXAMPLES_FOLDER.glob("*.jpg"))]
        gr.Examples(examples, inputs=[self._photo], elem_id="examples")
        gr.Markdown(text.PRIVACY, elem_id="privacy")

    def _connect(self) -> None:
        """Events of the page; programs have an endpoint of their own."""
        panel = self._panel
        self._photo.change(
            self._answer,
            inputs=[self._photo, self._answered],
            outputs=[*panel.outputs(), self._answered],
            preprocess=False,
            show_progress_on=[panel.head],
            concurrency_id=ONE_AT_A_TIME,
            concurrency_limit=1,
            trigger_mode="always_last",
            api_visibility="private",
        )
        panel.chooser.input(
            self._choose,
            inputs=[panel.chooser, panel.memory],
            outputs=panel.outputs(),
            show_progress_on=[panel.head],
            concurrency_id=ONE_AT_A_TIME,
            api_visibility="private",
        )
        panel.numbered.select(
            self._point,
            inputs=[panel.memory],
            outputs=panel.outputs(),
            show_progress_on=[panel.head],
            concurrency_id=ONE_AT_A_TIME,
            api_visibility="private",
        )

    def _offer_endpoint(self) -> None:
        """`/reconstruct` for programs: a photo in, facts and GLB files of every face out."""
        facts, heads = gr.JSON(visible=False), gr.Files(visible=False)
        gr.Button(visible=False).click(
            self._endpoint,
            inputs=[self._photo],
            outputs=[facts, heads],
            preprocess=False,
            concurrency_id=ONE_AT_A_TIME,
            api_name="reconstruct",
            api_description=(
                "Photo to 3D heads. Returns a list with box, pose (degrees), expression "
                "(51 ARKit weights), confidence and 68 landmarks of each face, largest first; and "
                "one GLB file for each."
            ),
        )

    def _answer(
        self,
        upload: UploadedFile,
        answered: str | None,
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
            found = self._service(Path(path))
            return self._panel.filled(_shown(found, 0, progress)) | newly_answered
        except Exception as error:
            return self._problem(_words(error, path)) | newly_answered

    def _choose(
        self,
        index: int,
        found: Reconstruction | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """Another face of the same photo."""
        if found is None or not 0 <= index < len(found.faces):
            return self._problem(text.FORGOTTEN)
        try:
            return self._panel.filled(_shown(found, index, progress))
        except Exception as error:
            return self._problem(_words(error, None))

    def _point(
        self,
        found: Reconstruction | None,
        event: gr.SelectData,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """A click on the numbered photo."""
        index = face_at(found.faces, *event.index) if found else 0
        return self._choose(index, found, progress)

    def _endpoint(self, upload: UploadedFile) -> tuple[list[dict[str, Any]], list[str]]:
        """The API's answer."""
        path = upload["path"] if upload else None
        if path is None:
            raise gr.Error("Give a photo, as a file.", print_exception=False)
        try:
            faces = self._service(Path(path)).faces
            folder = visitor_folder()
            files = [face.save(folder / f"face{n}.glb") for n, face in enumerate(faces, 1)]
        except Exception as error:
            raise gr.Error(_words(error, path), print_exception=False) from error
        return [_facts(face) for face in faces], [str(file) for file in files]

    def _problem(self, words: str) -> Updates:
        gr.Warning(html.escape(words))
        return self._panel.empty(problem_status(words))


def _shown(found: Reconstruction, index: int, progress: gr.Progress) -> Shown:
    """Draws and writes everything about one face."""
    start = time.perf_counter()
    progress(0.4, desc="Drawing")
    pictures = face_pictures(found.photo, found.faces, index)
    drawn = time.perf_counter()
    progress(0.6, desc="Making the head")
    files = write_head_files(found.faces[index], visitor_folder(), f"face{index + 1}")
    seconds = {"drawing": drawn - start, "texture and files": time.perf_counter() - drawn}
    return Shown(found, index, pictures, files, found.seconds | seconds)


def _words(error: Exception, path: str | None) -> str:
    """An error as a sentence for the visitor; what is no message of ours goes to the log."""
    if isinstance(error, WeightsError):
        log.error("the model is not ready: %s", error)
        return text.NOT_READY
    if not isinstance(error, DaslError):
        log.error("reconstruction failed", exc_info=error)
        return text.TROUBLE
    words = str(error)
    if path:
        words = words.replace(f"'{path}'", "this file").replace(path, Path(path).name)
    return words[:1].upper() + words[1:]


def _facts(face: Face) -> dict[str, Any]:
    """What a program wants to know about a face; frames as in the JSON download."""
    pose = face.pose
    return {
        "box": [round(float(value), 2) for value in face.box],
        "confidence": round(face.confidence, 4),
        "pose": {
            "yaw_deg": round(pose.yaw_deg, 2),
            "pitch_deg": round(pose.pitch_deg, 2),
            "roll_deg": round(pose.roll_deg, 2),
        },
        "expression": {name: round(weight, 4) for name, weight in face.expression.items()},
        "landmarks": [[round(float(value), 2) for value in point] for point in face.landmarks],
    }
