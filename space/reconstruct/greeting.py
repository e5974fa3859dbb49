"""What a visitor sees before a photo of her own: the head of an example."""

import gradio as gr

from space import text
from space.components import Updates, hint_status
from space.reconstruct.result_panel import Answer, ResultPanel
from space.reconstruct.service import ExampleHead
from space.viewer import shown_head


def greeting(panel: ResultPanel, example: ExampleHead | None) -> Updates:
    """The example's head, if it is there already.

    Args:
        panel: to fill.
        example: of the service.
    """
    if example is None:
        return {panel.status: gr.skip()}
    return {
        panel.status: hint_status(text.GREETING),
        panel.head: shown_head(example.glb, text.GREETING_TITLE, example.behind),
    }


def still_greeting(
    panel: ResultPanel, example: ExampleHead | None, blocked: bool, shown: Answer | None
) -> Updates:
    """A still picture of the answer's head, or of the greeting's, if the viewer is blocked.

    Args:
        panel: to fill.
        example: of the service.
        blocked: whether the viewer cannot work in this browser.
        shown: what the page shows already.
    """
    if blocked and shown is not None:
        return panel.stand_in(shown.face)
    if blocked and example is not None:
        return {panel.status: hint_status(text.GREETING_STILL), **panel.stand_in(example.face)}
    return {panel.status: gr.skip()}
