"""Events that rebuild only the head: changed options, and the head of another face beside it."""

import html

import gradio as gr

from space import text
from space.components import Updates
from space.problems import problem_words
from space.reconstruct.answers import ONE_AT_A_TIME, made_again, put_beside
from space.reconstruct.cards import faces_status
from space.reconstruct.head_files import HeadChoices
from space.reconstruct.kept import KeptAnswers
from space.reconstruct.result_panel import Answer, ResultPanel


def connect_head_events(panel: ResultPanel, kept: KeptAnswers) -> gr.events.Dependency:
    """Connects the options and the choice of another face in the current Blocks.

    Args:
        panel: shows the result.
        kept: keeps the result with its new head.

    Returns:
        The event of a changed option, to be followed by a still picture where it is needed.
    """

    def choose_options(
        shown: Answer | None,
        hair: bool,
        as_photo: bool,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds it by its default
    ) -> Updates:
        if shown is None:
            gr.Warning(text.FORGOTTEN)
            return {panel.status: gr.skip()}
        try:
            choices = HeadChoices.from_boxes(hair, as_photo)
            answer = kept.keep(made_again(shown, choices, progress))
            return {panel.status: faces_status(answer.reconstruction, answer.seconds)} | (
                panel.head_alone(answer)
            )
        except Exception as error:
            gr.Warning(html.escape(problem_words(error)))
            return {panel.status: gr.skip()}

    made = gr.on(
        [box.input for box in panel.options.boxes],
        choose_options,
        inputs=[panel.memory, *panel.options.boxes],
        outputs=[panel.status, panel.head, panel.kept, panel.memory],
        show_progress_on=[panel.head],
        concurrency_id=ONE_AT_A_TIME,
        trigger_mode="always_last",
        api_visibility="private",
    )
    panel.beside.input(
        put_beside,
        inputs=[panel.beside, panel.memory],
        outputs=[panel.head],
        concurrency_id=ONE_AT_A_TIME,
        api_visibility="private",
    )
    return made
