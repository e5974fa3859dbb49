"""Components shared by several tabs: the status line and the row of download buttons."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

Updates = dict[Any, Any]
"""Component -> its new value."""

FILES_QUEUE = "files"
"""Queue for making files; separate, so that a zip does not delay a head."""

Make = Callable[..., Path | None]
"""From a button's name and the remembered values to the file."""

_CLICK_WHEN_READY = """
(ready, ...rest) => {{
  const event = new CustomEvent("made-file", {{ detail: ready, cancelable: true }});
  if (document.dispatchEvent(event) && ready) {{ // else `corner.js` opens it
    setTimeout(() => document.querySelector("#{elem_id}-ready").click(), 60);
  }}
  return [ready, ...rest];
}}
"""


def hint_status(text: str) -> str:
    """The status line before there is a result."""
    return _status("hint", text)


def done_status(text: str, detail: str) -> str:
    """The status line above a result, with the time that it took in small print."""
    return _status("done", text, detail)


def problem_status(text: str) -> str:
    """The status line if there is no result, with the reason."""
    return _status("problem", text)


def _status(kind: str, text: str, detail: str = "") -> str:
    small = f"<small>{escape(detail)}</small>" if detail else ""
    return (
        f'<div class="status {kind}" role="status" aria-live="polite">'
        f"<span>{escape(text)}</span>{small}</div>"
    )


def code_box(label: str, lines: int = 24, **kept: Any) -> gr.Textbox:
    """A read-only text to copy.

    Gradio's code editor would add 130 kB to the first page load.

    Args:
        label: shown above the text.
        lines: number of visible lines; longer texts scroll.
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
    """What to do if a board is still empty."""
    return f'<p class="board-hint">{escape(text)}</p>'


class DownloadRow:
    """A row of download buttons; a click makes the file, then downloads it.

    Built inside the current Blocks; `connect` sets how files are made.
    """

    def __init__(self, names: Sequence[str], elem_id: str) -> None:
        """Lays out one button for each name; the row is hidden at first.

        Args:
            names: names of the files, shown on the buttons; the first is the primary button.
            elem_id: HTML id of the row.
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
                    elem_classes=f"makes-{name.split()[0].lower()}",
                )
                for name in names
            ]
        self._ready = gr.DownloadButton(visible="hidden", elem_id=f"{elem_id}-ready")

    def connect(
        self, make: Make, memory: gr.State, edited: gr.Textbox | None = None, js: str | None = None
    ) -> None:
        """Connects the buttons.

        Args:
            make: takes the button's name, the value of `memory` and that of `edited` if there is
                one, and returns the file. If there is no file, it tells the visitor and returns
                None.
            memory: component that holds the last result.
            edited: component that holds what the visitor changed in the browser.
            js: fills `edited` on a click: takes and returns the inputs.
        """
        for button in self._buttons:
            made = button.click(
                partial(_made, make, button.value),
                inputs=[memory] if edited is None else [memory, edited],
                outputs=[self._ready],
                js=js,
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


def _made(make: Make, name: str, *values: Any) -> str | None:
    path = make(name, *values)
    return str(path) if path else None
