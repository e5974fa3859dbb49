"""The interactive head of the page.

The viewer itself is JavaScript, `space/web/viewer.js`, on top of `space/vendor/three`; both are
served from here. Orientation and colours are those of the display; nothing here is saved.
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
_MOUNT = """
const viewer = element.querySelector("head-viewer");
const root = (window.gradio_config?.root ?? location.origin).replace(/\\/+$/, "");
const url = (head) => head && new URL(head.glb.url, document.baseURI).href;
import(`${root}/gradio_api/file=${props.module}`)
  .then(() => {
    if (!viewer.stage) throw new Error(viewer.dataset.broken);
    const greeting = viewer.dataset.greets === undefined ? null : window.daslGreeting;
    viewer.show(props.value || greeting || null);
    watch("value", () => {
      const isTheSame = props.value && url(props.value) === url(viewer.shown);
      if (isTheSame && !props.value.beside && !viewer.shown.beside) return; // it greets already
      viewer.show(props.value || null);
    });
  })
  .catch((error) => {
    console.warn("head-viewer:", error.message);
    viewer.hidden = true;
    trigger("unavailable");
  });
"""


def head_viewer(empty: str, elem_id: str, film: str = "", *, greets: bool = False) -> gr.HTML:
    """A head to turn, light and animate; its value comes from `shown_head`, or is None.

    Its event `unavailable` tells that it cannot work in this browser. (No class of its
    own: Gradio writes a stub file beside the source of every subclass of its components.)

    Args:
        empty: what it says until there is a head.
        elem_id: of the component in the page.
        film: CSS selector of the component whose film plays in step with an animated head.
        greets: whether it shows the example that came with the page until it has a value.
    """
    named = (f' data-film="{escape(film)}"' if film else "") + (" data-greets" if greets else "")
    return gr.HTML(
        html_template=f'<head-viewer data-empty="{escape(empty)}"{named}></head-viewer>',
        js_on_load=_MOUNT,
        module=str(WEB_FOLDER / "viewer.js"),
        apply_default_css=False,
        elem_id=elem_id,
    )


def shown_head(glb: Path, title: str, behind: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the viewer's script is handed; Gradio adds the file's address.

    Args:
        glb: file of the head, with morph targets, with or without an animation.
        title: what it is, for those who do not see it.
        behind: `photo` and `view` of the photo that it came from.
    """
    file = FileData(path=str(glb), orig_name=glb.name).model_dump()
    return {"glb": file, "title": title, **(behind or {})}


def shown_by_url(glb: Path, title: str, behind: dict[str, Any]) -> dict[str, Any]:
    """What `shown_head` becomes in the page, for files that are served as they lie there.

    Args:
        glb: see `shown_head`, as the others are.
        title: of the head.
        behind: its photo.
    """
    photo = {"url": served_at(Path(behind["photo"]["path"]))}
    return {
        "glb": {"url": served_at(glb), "orig_name": glb.name},
        "title": title,
        "photo": photo,
        "view": behind["view"],
    }


def served_at(path: Path) -> str:
    """Address of a file that Gradio serves as it lies there, relative to the page's."""
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
    """JavaScript for what Gradio leaves out once an answer is shown.

    Its pictures have no words for those who do not see them; and on a phone the answer would appear
    below what is seen.

    Args:
        status: id of the line that tells of the answer.
        words: id of each picture's component -> what it shows.
    """
    return _AFTER_ANSWER.format(status=status, words=json.dumps(words))


def names_for_buttons(elem_id: str, names: Sequence[str]) -> str:
    """JavaScript that names a gallery's pictures, which Gradio calls "Thumbnail 1 of 6".

    Args:
        elem_id: of the gallery.
        names: of its pictures, in order.
    """
    return f"""
() => document.querySelectorAll("#{elem_id} button.thumbnail-item").forEach((button, at) => {{
  button.ariaLabel = {json.dumps(list(names))}[at];
}})
"""


def serve_viewer_files() -> None:
    """Lets Gradio serve the viewer's scripts as they lie here."""
    gr.set_static_paths([WEB_FOLDER, VENDOR_FOLDER])


def serve_folder(folder: Path) -> None:
    """Lets Gradio serve our own files of a folder as they lie there, see `served_at`."""
    gr.set_static_paths([folder])
