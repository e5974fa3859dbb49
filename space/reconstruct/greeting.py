"""What a visitor sees before a photo of her own: the head of an example."""

import gradio as gr

from space import text
from space.components import Updates, hint_status
from space.reconstruct.pictures import still_head
from space.reconstruct.result_panel import Answer, ResultPanel
from space.reconstruct.service import ExampleHead
from space.viewer import Blocked, shown_head


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
    panel: ResultPanel, example: ExampleHead | None, blocked: Blocked, shown: Answer | None
) -> Updates:
    """The same head where the viewer cannot work, or an answer's that came before that told.

    Args:
        panel: to fill.
        example: of the service.
        blocked: why the viewer cannot work, or "".
        shown: what the page shows already.
    """
    if shown is not None:
        return {panel.status: gr.skip(), **panel.stand_in(shown, blocked)}
    if example is None or not blocked:
        return {panel.status: gr.skip()}
    if blocked == "webgl":
        still = still_head(example.face)
        return {panel.status: hint_status(text.GREETING_STILL), panel.still: still}
    return {panel.status: hint_status(text.GREETING_PLAIN), panel.plain: str(example.glb)}
