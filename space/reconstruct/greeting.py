"""The head of an example photo, shown until the visitor provides a photo."""

import gradio as gr

from space import text
from space.components import Updates, hint_status
from space.reconstruct.result_panel import Answer, ResultPanel
from space.reconstruct.service import ExampleHead
from space.viewer import shown_head


def greeting(panel: ResultPanel, example: ExampleHead | None) -> Updates:
    """The example's head, if it is ready.

    Args:
        panel: the panel to fill.
        example: the service's example.
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
    """A still picture of the result's head, or of the example's, if the viewer is blocked.

    Args:
        panel: the panel to fill.
        example: the service's example.
        blocked: whether the viewer cannot run in this browser.
        shown: the result that the page shows now.
    """
    if blocked and shown is not None:
        return panel.stand_in(shown.face)
    if blocked and example is not None:
        return {panel.status: hint_status(text.GREETING_STILL), **panel.stand_in(example.face)}
    return {panel.status: gr.skip()}
