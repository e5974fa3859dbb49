"""The About tab: the method in pictures, training, limits, licences."""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from space.about import text
from space.text import with_minus
from space.viewer import serve_folder, served_at
from space.weights_choice import EMBEDDED, WeightsChoice

PICTURES = Path(__file__).resolve().parent
NUMBERS = PICTURES / "method.json"


@dataclass(frozen=True)
class Step:
    """One step of the method.

    Attributes:
        title: short title of the step.
        words: description of the step.
        pictures: name in `space/about` and alternative text of each picture.
    """

    title: str
    words: str
    pictures: tuple[tuple[str, str], ...] = ()


STEPS = (
    Step(
        "Find",
        "RetinaFace finds the face (white); the network's crop (green) follows from it.",
        (("photo", "A photo of an astronaut; a white box around the face, a larger green crop"),),
    ),
    Step(
        "First pass",
        "120 × 120 pixels and an empty landmark map go through EfficientNet-Lite0.",
        (
            ("crop", "The crop of the face in the network's 120 by 120 pixels"),
            ("", "An empty landmark map"),
        ),
    ),
    Step(
        "Coefficients",
        "Output: pose, shape and expression as numbers, giving an untextured head.",
        (("shape", "A grey head with the shape of the first pass, turned to the side"),),
    ),
    Step(
        "Draw its own landmarks",
        "Eighteen of the predicted landmarks are drawn into the map.",
        (("map", "Eighteen glowing dots for brows, eyes, nose and mouth on a dark square"),),
    ),
    Step(
        "Second pass",
        "The crop is cut closer, and the map is filled: one estimate tilted and mirrored, one "
        "tilted the other way. How they agree, and how the crop looks, gives the confidence.",
        (("mesh", "The result's face surface, drawn in blue over the photo"),),
    ),
    Step(
        "Dress",
        "The photo is sampled onto the head. Hidden parts are mirrored or filled in.",
        (("head", "The head with the photo's texture, seen from the other side"),),
    ),
)


def lay_out_about(tab: gr.Tab, weights: WeightsChoice | None) -> None:
    """Add the tab's components to the current Blocks.

    Args:
        tab: the tab to fill.
        weights: the weights in use; known once they are loaded.
    """
    serve_folder(PICTURES)
    gr.Markdown(text.INTRODUCTION)
    gr.HTML(method_picture(), elem_id="method-picture", padding=False)
    gr.Markdown(text.DETAILS, elem_id="about")
    running = gr.Markdown(elem_id="weights-in-use")
    tab.select(
        lambda: text.weights_in_use(EMBEDDED if weights is None else weights.words),
        outputs=[running],
        show_progress="hidden",
        api_visibility="private",
    )


def method_picture() -> str:
    """The steps with their pictures and the numbers between them, as one HTML figure."""
    steps = "".join(_step(number, step) for number, step in enumerate(STEPS, 1))
    return (
        f'<figure class="method"><ol class="steps">{steps}</ol>{_numbers()}'
        "<figcaption>Steps of one example photo, drawn by <code>python -m tools.draw_method</code> "
        "from the embedded weights.</figcaption></figure>"
    )


def _step(number: int, step: Step) -> str:
    pictures = "".join(_picture(name, words) for name, words in step.pictures)
    return (
        f'<li><div class="step-pictures">{pictures}</div><h4>{number}. {escape(step.title)}</h4>'
        f"<p>{escape(step.words)}</p></li>"
    )


def _picture(name: str, words: str) -> str:
    if not name:
        return f'<span class="blank" role="img" aria-label="{escape(words)}"></span>'
    source = served_at(PICTURES / f"{name}.jpg")
    return f'<img src="{source}" alt="{escape(words)}" width="240" height="240" loading="lazy">'


def _numbers() -> str:
    """Some of the photo's coefficients as bars."""
    groups = json.loads(NUMBERS.read_text(encoding="utf-8"))
    return '<div class="coefficients">' + "".join(map(_group, groups, groups.values())) + "</div>"


def _group(name: str, values: dict[str, float]) -> str:
    largest = max(map(abs, values.values()))
    is_signed = min(values.values()) < 0
    bars = "".join(_bar(label, value, largest, is_signed) for label, value in values.items())
    return f"<section><h4>{escape(name)}</h4><ul>{bars}</ul></section>"


def _bar(label: str, value: float, largest: float, is_signed: bool) -> str:
    """A bar: from the middle and relative to `largest` if signed, else from the left, of 1."""
    share = 50 * abs(value) / largest if is_signed else 100 * value
    side = "plus" if is_signed and value >= 0 else "minus" if is_signed else "whole"
    bar = f'<span class="{side}" style="width:{share:.0f}%"></span>'
    return (
        f'<li><span>{escape(label)}</span><span class="signed">{bar}</span>'
        f"<b>{_signed(value)}</b></li>"
    )


def _signed(value: float) -> str:
    return with_minus(f"{value:g}")
