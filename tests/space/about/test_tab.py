import re

import gradio as gr

from space.about.tab import PICTURES, STEPS, lay_out_about, method_picture


def test_every_step_has_its_picture_with_words_for_those_who_do_not_see_it():
    html = method_picture()
    names = [name for step in STEPS for name, _ in step.pictures if name]
    assert html.count("<img ") == len(names) == len(list(PICTURES.glob("*.jpg")))
    for words in re.findall(r' (?:alt|aria-label)="([^"]*)"', html):
        assert len(words) > 10
    assert all(f"{n}. {step.title}" in html for n, step in enumerate(STEPS, 1))


def test_nothing_is_fetched_from_elsewhere():
    sources = re.findall(r'src="([^"]+)"', method_picture())
    assert sources and all(source.startswith(f"gradio_api/file={PICTURES}/") for source in sources)


def test_bars_show_the_numbers_beside_them():
    html = method_picture()
    bars = re.findall(
        r'class="(plus|minus|whole)" style="width:(\d+)%"></span></span><b>([^<]+)', html
    )
    assert bars
    for side, width, number in bars:
        value = float(number.replace("−", "-"))
        assert (side == "minus") == (value < 0)
        assert side != "whole" or abs(float(width) - 100 * value) <= 0.5


def test_the_tab_names_the_weights_that_run():
    with gr.Blocks() as demo, gr.Tab("About") as tab:
        lay_out_about(tab, None)
    (function,) = [block.fn for block in demo.fns.values()]
    assert function() == (
        "Heads are made here with the weights that this project carries (`dasl/assets/lite0`)."
    )
