"""The Video tab: takes a short clip, returns it with landmarks, and an animated head."""

import html
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from dasl.errors import notices_to
from dasl.reconstruction.reconstructor import FaceReconstructor
from space import text
from space.components import DownloadRow, Updates, done_status, hint_status, problem_status
from space.examples import CLIP
from space.problems import problem_words, public_words
from space.settings import KEEP_FILES_S, MAX_CLIP_S
from space.video.service import ClipAnswer, Report, answer_clip
from space.viewer import (
    after_answer,
    head_viewer,
    shown_head,
)
from space.visitor_files import UploadedFile, visitor_folder

CLIPS_QUEUE = "clips"
"""Separate queue for clips, which take long, so that they do not delay photos."""


class VideoTab:
    """Builds the tab inside the current Blocks and handles its events."""

    def __init__(self, reconstructor: Callable[[], FaceReconstructor]) -> None:
        """Lays out the components and connects them.

        Args:
            reconstructor: returns the reconstructor shared by all visitors.
        """
        self._reconstructor = reconstructor
        with gr.Row(equal_height=False):
            with gr.Column(scale=4, min_width=300):
                self._clip = gr.Video(
                    label="Clip",
                    sources=["upload", "webcam"],
                    include_audio=False,
                    height=320,
                    elem_id="clip",
                )
                example = gr.Button("Try the example clip", size="sm", elem_id="clip-example")
                self._film = gr.Video(
                    label="The clip with 68 landmarks",
                    visible=False,
                    autoplay=False,
                    loop=True,
                    height=320,
                    elem_id="film",
                )
                gr.Markdown(text.CLIP_PRIVACY, elem_id="clip-privacy")
            with gr.Column(scale=8, min_width=320):
                self._status = gr.HTML(hint_status(text.CLIP_HINT), elem_id="clip-status")
                self._chooser = gr.Radio(label="Show", visible=False, elem_id="clip-chooser")
                self._head = head_viewer(text.EMPTY_CLIP_VIEWER, elem_id="clip-head", film="#film")
                self._downloads = DownloadRow(["GLB", "Film", "CSV", "JSON"], "clip-downloads")
        example.click(lambda: str(CLIP), outputs=[self._clip], api_visibility="private")
        self._memory = gr.State(time_to_live=KEEP_FILES_S)
        self._connect()

    def _connect(self) -> None:
        outputs = [self._status, self._chooser, self._head, self._film]
        outputs += [self._downloads.row, self._memory]
        answered = self._clip.change(
            self._answer,
            inputs=[self._clip],
            outputs=outputs,
            preprocess=False,
            show_progress_on=[self._head],
            concurrency_id=CLIPS_QUEUE,
            concurrency_limit=1,
            trigger_mode="always_last",
            api_visibility="private",
        )
        answered.then(None, js=after_answer("clip-status", {}), api_visibility="private")
        self._chooser.input(
            self._choose,
            inputs=[self._chooser, self._memory],
            outputs=[self._head, self._memory],
            api_visibility="private",
        )
        self._downloads.connect(_made_file, self._memory)
        self._offer_endpoint()

    def _offer_endpoint(self) -> None:
        """`/video` for programs: a clip in, what was measured and all files out."""
        people = gr.JSON(label="people", visible=False)
        files = gr.Files(label="files", visible=False)
        gr.Button(visible=False).click(
            self.video,
            inputs=[self._clip],
            outputs=[people, files],
            preprocess=False,
            concurrency_id=CLIPS_QUEUE,
            api_name="video",
            api_description=(
                f"Clip to animated 3D heads, of its first {MAX_CLIP_S:.0f} seconds. Returns pose "
                "and ARKit weights of each person on each frame, as in the JSON file; and the "
                "files: film with landmarks, CSV, JSON, one GLB for each of the first people."
            ),
        )

    def video(self, upload: UploadedFile) -> tuple[dict[str, Any], list[str]]:
        """The API's answer."""
        path = _path_of(upload)
        if path is None:
            raise gr.Error("Give a clip, as a file.", print_exception=False)
        try:
            answer = answer_clip(
                path, visitor_folder(), self._reconstructor(), lambda share, what: None
            )
        except Exception as error:
            raise gr.Error(problem_words(error, path), print_exception=False) from error
        files = (answer.film, answer.csv, answer.json, *answer.heads)
        return json.loads(answer.json.read_text()), [str(file) for file in files]

    def _answer(
        self,
        upload: UploadedFile,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        """Process a new clip, or clear the result if there is none."""
        path = _path_of(upload)
        if path is None:
            return self._empty(hint_status(text.CLIP_HINT))
        start, notices = time.perf_counter(), dict[str, None]()
        try:
            progress(0.0, desc="Reading the clip")
            reconstructor = self._reconstructor()
            with notices_to(notices.setdefault):
                answer = answer_clip(path, visitor_folder(), reconstructor, _reporting(progress))
        except Exception as error:
            words = problem_words(error, path)
            gr.Warning(html.escape(words))
            return self._empty(problem_status(words))
        told = [public_words(notice, path) for notice in notices]
        return self._filled(answer, time.perf_counter() - start, told)

    def _choose(
        self, index: int, answer: ClipAnswer | None
    ) -> tuple[dict[str, Any] | None, ClipAnswer | None]:
        """Show another person of the same clip."""
        if answer is None or not 0 <= index < len(answer.heads):
            gr.Warning(text.FORGOTTEN)
            return None, None
        answer = replace(answer, chosen=index)
        return _shown(answer), answer

    def _empty(self, status: str) -> Updates:
        return {
            self._status: status,
            self._chooser: gr.Radio(visible=False),
            self._head: None,
            self._film: gr.Video(value=None, visible=False),
            self._downloads.row: gr.Row(visible=False),
            self._memory: None,
        }

    def _filled(self, answer: ClipAnswer, seconds: float, notices: Sequence[str]) -> Updates:
        people = answer.people[: len(answer.heads)]
        choices = [(words.partition(":")[0], index) for index, words in enumerate(people)]
        return {
            self._status: _status(answer.people, seconds, answer.damage is not None, notices),
            self._chooser: gr.Radio(choices=choices, value=0, visible=len(choices) > 1),
            self._head: _shown(answer),
            self._film: gr.Video(value=str(answer.film), visible=True),
            self._downloads.row: gr.Row(visible=True),
            self._memory: answer,
        }


def _status(people: Sequence[str], seconds: float, is_damaged: bool, notices: Sequence[str]) -> str:
    """The status line above the result: people seen, warnings, time taken."""
    words = ". ".join(["; ".join(people), *notices]) + "."
    if is_damaged:
        words += " The clip is damaged; what comes before the damage was used."
    return done_status(words, f"total {seconds:.1f} s")


def _reporting(progress: gr.Progress) -> Report:
    return lambda share, what: progress(share, desc=what)


def _path_of(upload: UploadedFile) -> Path | None:
    """The path of the file that Gradio passes for a video."""
    if not upload:
        return None
    named = upload.get("video", upload)
    return Path(named["path"])


def _shown(answer: ClipAnswer) -> dict[str, Any]:
    return shown_head(answer.head, f"Animated 3D head of person {answer.chosen + 1}")


def _made_file(name: str, answer: ClipAnswer | None) -> Path | None:
    """The file of a download button."""
    if answer is None:
        gr.Warning(text.FORGOTTEN)
        return None
    files = {"Film": answer.film, "CSV": answer.csv, "JSON": answer.json, "GLB": answer.head}
    return files[name]
