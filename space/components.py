"""Components that several tabs show: the line that says how it went, and a row of downloads."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

Updates = dict[Any, Any]
"""Component -> its new value."""

FILES_QUEUE = "files"
"""Making files has a queue of its own: nobody waits for a head because of a zip."""

Make = Callable[[str, Any], Path | None]
"""Name on a button, and what the page remembers, to the file."""

_CLICK_WHEN_READY = """
(ready, ...rest) => {{
  const link = document.createElement("a");
  if (ready?.orig_name?.endsWith(".usdz") && link.relList?.supports?.("ar")) {{
    Object.assign(link, {{ rel: "ar", href: ready.url }}); // into the visitor's room: Quick Look
    link.append(document.createElement("img"));
    link.click();
  }} else if (ready) {{
    setTimeout(() => document.querySelector("#{elem_id}-ready").click(), 60);
  }}
  return [ready, ...rest];
}}
"""


def hint_status(text: str) -> str:
    """The line before there is a result."""
    return _status("hint", text)


def done_status(text: str, detail: str) -> str:
    """The line above a result: what it is, and in small print how long it took."""
    return _status("done", text, detail)


def problem_status(text: str) -> str:
    """The line where there is no result, and why."""
    return _status("problem", text)


def _status(kind: str, text: str, detail: str = "") -> str:
    small = f"<small>{escape(detail)}</small>" if detail else ""
    return (
        f'<div class="status {kind}" role="status" aria-live="polite">'
        f"<span>{escape(text)}</span>{small}</div>"
    )


def code_box(label: str, lines: int = 24, **kept: Any) -> gr.Textbox:
    """Text to be copied as it is.

    Gradio's own editor of code would make every first visit wait for 130 kB more.

    Args:
        label: above it.
        lines: that are shown at most; more are scrolled.
        **kept: `visible` and `elem_id` of the component.
    """
    return gr.Textbox(
        label=label,
        interactive=False,
        max_lines=lines,
        buttons=["copy"],
        elem_classes="code-box",
        **kept,
    )


def board_hint(text: str) -> str:
    """What to do where a board has nothing to show yet."""
    return f'<p class="board-hint">{escape(text)}</p>'


class DownloadRow:
    """A row of buttons, each of which makes its file when it is clicked, then hands it over.

    Built inside the current Blocks; `connect` says what is made.
    """

    def __init__(self, names: Sequence[str], elem_id: str) -> None:
        """Lays out one button for each name; the row is hidden until somebody shows it.

        Args:
            names: of the files, on the buttons; the first is the main one.
            elem_id: of the row in the page.
        """
        self._elem_id = elem_id
        with gr.Row(visible=False, elem_id=elem_id, elem_classes="downloads") as self.row:
            gr.HTML('<span class="downloads-title">Download</span>', min_width=90, scale=0)
            self._buttons = [
                gr.Button(
                    name,
                    size="sm",
                    variant="primary" if name == names[0] else "secondary",
                    min_width=70,
                )
                for name in names
            ]
        self._ready = gr.DownloadButton(visible="hidden", elem_id=f"{elem_id}-ready")

    def connect(self, make: Make, memory: gr.State) -> None:
        """Connects the buttons.

        Args:
            make: from the name on the button and what `memory` holds to the file; None where
                there is nothing to give, after it told the visitor so.
            memory: what the page remembers of its last answer.
        """
        for button in self._buttons:
            made = button.click(
                partial(_made, make, button.value),
                inputs=[memory],
                outputs=[self._ready],
                concurrency_id=FILES_QUEUE,
                concurrency_limit=1,
                api_visibility="private",
            )
            made.then(
                None,
                inputs=[self._ready],
                outputs=[self._ready],
                js=_CLICK_WHEN_READY.format(elem_id=self._elem_id),
                api_visibility="private",
            )


def _made(make: Make, name: str, answer: Any) -> str | None:
    path = make(name, answer)
    return str(path) if path else None
