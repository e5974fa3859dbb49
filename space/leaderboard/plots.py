"""CED curves and error by yaw as SVG inside the page, in its colours, light and dark.

The curves are those of `eval.pictures`, with other colours. Matplotlib draws with placeholder
colours, which are replaced by CSS variables. The legend is HTML below the plot, so that the SVG
contains no text from submitters.
"""

import io
import re
from collections.abc import Sequence
from html import escape

import pandas as pd

from eval.errors import EvalError
from eval.results.record import ProtocolResult
from space.components import board_hint
from space.leaderboard.detail import score_of
from space.text import sentence

MOST_METHODS = 6
KINDS = {"ced": "Share of faces within each error", "yaw": "Mean error by yaw, with 95 % intervals"}

INK, GRID = "#010203", "#040506"
SIZE_INCHES = (5.4, 3.5)


def plots_html(results: Sequence[ProtocolResult], score_label: str) -> str:
    """Both plots of some results with a common legend, or the reason why there are none.

    Args:
        results: the results to draw, at most `MOST_METHODS` of them.
        score_label: label of the score to plot.
    """
    drawn = list(results)[:MOST_METHODS]
    if not drawn:
        return board_hint("Choose measured methods to see their curves.")
    name = score_of(drawn[0], score_label).name
    figures = [_figure(kind, title, drawn, name) for kind, title in KINDS.items()]
    return f'<div class="plots">{"".join(figures)}</div>{_legend(drawn)}'


def _figure(kind: str, title: str, results: Sequence[ProtocolResult], score: str) -> str:
    from eval.pictures.plots import PLOTS

    try:
        frame = PLOTS[kind].frame(results, score)
    except EvalError as error:
        return board_hint(sentence(str(error)))
    label = f"{title}: {_in_words(kind, frame)}"
    return (
        f'<figure><figcaption>{title}</figcaption><div role="img" aria-label="{escape(label)}">'
        f"{_svg(kind, frame)}</div></figure>"
    )


def _svg(kind: str, frame: pd.DataFrame) -> str:
    """The plot as SVG; for `frame`, see `eval.pictures.plots`."""
    # Imported here: matplotlib takes half a second to import and is not needed at start.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from eval.pictures.plots import PLOTS, STYLE

    ink = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), INK)
    ours = ink | {"axes.edgecolor": GRID, "grid.color": GRID, "grid.alpha": 1.0, "font.size": 10.5}
    with rc_context(STYLE | ours):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        figure.patch.set_visible(False)
        axes = figure.subplots()
        axes.patch.set_visible(False)
        plain = frame.assign(method=frame["method"].map(_numbers(frame)))
        PLOTS[kind].draw(axes, plain)
        legend = axes.get_legend()
        if legend is not None:
            legend.remove()
        for line in axes.get_lines():
            line.set_linewidth(2.0)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return _in_page_colours(stream.getvalue(), kind)


def _in_page_colours(svg: str, kind: str) -> str:
    """Inline SVG with the page's colours and font; its rules and ids are scoped to the plot.

    The n-th method's colour becomes a CSS variable with a value for light and one for dark mode.
    """
    from eval.pictures.plots import COLOURS

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(
        r'<svg [^>]*viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg
    )
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\1{kind}-", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", svg)
    svg = re.sub(r"font: (\S+) [^;\"]*", r"font: \1 var(--font)", svg)
    variables = {INK: "--plot-ink", GRID: "--plot-grid"}
    variables |= {colour: f"--plot-line-{n}" for n, colour in enumerate(COLOURS[:MOST_METHODS], 1)}
    for colour, variable in variables.items():
        svg = re.sub(re.escape(colour), f"var({variable})", svg, flags=re.I)
    return svg


def _numbers(frame: pd.DataFrame) -> dict[str, str]:
    """Placeholders for the methods' names."""
    return {name: str(n) for n, name in enumerate(frame["method"].drop_duplicates(), 1)}


def _legend(results: Sequence[ProtocolResult]) -> str:
    items = "".join(
        f'<li><span class="swatch" style="background: var(--plot-line-{n})"></span>'
        f"{escape(result.facts.method)}</li>"
        for n, result in enumerate(results, 1)
    )
    return f'<ul class="plot-legend" aria-label="Methods by colour">{items}</ul>'


def _in_words(kind: str, frame: pd.DataFrame) -> str:
    """The plot's alternative text."""
    parts = []
    for name, part in frame.groupby("method", sort=False):
        if kind == "ced":
            half = part.loc[part["share"] >= 50, "error"].min()
            parts.append(f"{name}, half of the faces within {half:.2f} {part['unit'].iat[0]}")
        else:
            low, high = part["mean"].min(), part["mean"].max()
            parts.append(f"{name}, from {low:.2f} to {high:.2f} {part['unit'].iat[0]}")
    return "; ".join(parts)
