"""The interactive head of the page.

The viewer is written in JavaScript, `space/web/viewer.js`, and uses `space/vendor/three`; this
module serves both. Changes of orientation and colours affect the display only, not saved files.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

WEB_FOLDER = Path(__file__).resolve().parent / "web"
VENDOR_FOLDER = Path(__file__).resolve().parent / "vendor"

HEIGHT_PX = 520
STYLE_ID = "viewer-style"
"""Of a <style> in the page with `viewer.css`: the viewer then does not load the file."""

_MOUNT = """
const greets = element.querySelector("head-viewer").dataset.greets !== undefined;
const early = () => greets && document.querySelector("#first-screen head-viewer");
const viewer = () => early() || element.querySelector("head-viewer");
const root = (window.gradio_config?.root ?? location.origin).replace(/\\/+$/, "");
const url = (head) => head && new URL(head.glb.url, document.baseURI).href;
import(`${root}/gradio_api/file=${props.module}`)
  .then(() => {
    if (!viewer().stage) throw new Error(viewer().dataset.broken);
    const show = (head) => {
      const { shown } = viewer();
      const isTheSame = head && url(head) === url(shown);
      if (isTheSame && !head.beside && !shown.beside) return; // it greets already
      viewer().show(head || null);
    };
    show(props.value || (greets && window.daslGreeting));
    watch("value", () => show(props.value));
  })
  .catch((error) => {
    console.warn("head-viewer:", error.message);
    viewer().hidden = true;
    trigger("unavailable");
  });
"""


def head_viewer(empty: str, elem_id: str, film: str = "", *, greets: bool = False) -> gr.HTML:
    """The component with an interactive head; its value comes from `shown_head`, or is None.

    The event `unavailable` reports that it cannot run in this browser. (It is not a subclass:
    Gradio writes a stub file beside the source of every subclass of its components.)

    Args:
        empty: text shown until there is a head.
        elem_id: HTML id of the component.
        film: CSS selector of the component whose video plays in sync with an animated head.
        greets: whether it shows the page's example head until it has a value.
    """
    return gr.HTML(
        html_template=head_element(empty, film, greets=greets),
        js_on_load=_MOUNT,
        module=str(WEB_FOLDER / "viewer.js"),
        apply_default_css=False,
        elem_id=elem_id,
    )


def head_element(empty: str, film: str = "", *, greets: bool = False, inside: str = "") -> str:
    """The viewer's HTML element; see `head_viewer`.

    Args:
        empty: see `head_viewer`.
        film: see `head_viewer`.
        greets: see `head_viewer`.
        inside: HTML shown until the viewer's script runs.
    """
    named = (f' data-film="{escape(film)}"' if film else "") + (" data-greets" if greets else "")
    return f'<head-viewer data-empty="{escape(empty)}"{named}>{inside}</head-viewer>'


def shown_head(glb: Path, title: str, behind: dict[str, Any] | None = None) -> dict[str, Any]:
    """The value for the viewer's script; Gradio adds the file's address.

    Args:
        glb: file of the head, with morph targets, with or without an animation.
        title: alternative text.
        behind: `photo` and `view` of the photo behind the head.
    """
    file = FileData(path=str(glb), orig_name=glb.name).model_dump()
    return {"glb": file, "title": title, **(behind or {})}


def shown_by_url(glb: Path, title: str, behind: dict[str, Any]) -> dict[str, Any]:
    """The value of `shown_head` as the page receives it, for files served as static files.

    Args:
        glb: see `shown_head`.
        title: see `shown_head`.
        behind: see `shown_head`.
    """
    photo = {"url": served_at(Path(behind["photo"]["path"]))}
    return {
        "glb": {"url": served_at(glb), "orig_name": glb.name},
        "title": title,
        "photo": photo,
        "view": behind["view"],
    }


def served_at(path: Path) -> str:
    """Address of a file that Gradio serves as a static file, relative to the page."""
    return f"gradio_api/file={path}"


_AFTER_ANSWER = """
() => {{
  for (const [id, words] of Object.entries({words})) {{
    document.querySelectorAll(`#${{id}} img`).forEach((picture) => {{ picture.alt = words; }});
  }}
  const status = document.querySelector("#{status}");
  if (innerWidth < 700 && status?.querySelector(".done")) status.scrollIntoView();
}}
"""


def after_answer(status: str, words: dict[str, str]) -> str:
    """JavaScript that runs when a result is shown.

    It adds alternative texts to Gradio's pictures. On phones, it scrolls to the result.

    Args:
        status: id of the status line.
        words: id of each picture's component -> alternative text.
    """
    return _AFTER_ANSWER.format(status=status, words=json.dumps(words))


def names_for_buttons(elem_id: str, names: Sequence[str]) -> str:
    """JavaScript that labels a gallery's pictures, which Gradio calls "Thumbnail 1 of 6".

    Args:
        elem_id: HTML id of the gallery.
        names: labels of its pictures, in order.
    """
    return f"""
() => document.querySelectorAll("#{elem_id} button.thumbnail-item").forEach((button, at) => {{
  button.ariaLabel = {json.dumps(list(names))}[at];
}})
"""


def edited_expression(elem_id: str) -> str:
    """JavaScript before a download: takes a state and a text, and puts the viewer's weights there.

    Args:
        elem_id: HTML id of the viewer's component.
    """
    return f"""
(state) => {{
  const weights = document.querySelector("#{elem_id} head-viewer")?.edited?.();
  return [state, weights ? JSON.stringify(weights) : ""];
}}
"""


def serve_viewer_files() -> None:
    """Lets Gradio serve the viewer's scripts as static files."""
    gr.set_static_paths([WEB_FOLDER, VENDOR_FOLDER])


def serve_folder(folder: Path) -> None:
    """Lets Gradio serve a folder of ours as static files, see `served_at`."""
    gr.set_static_paths([folder])
