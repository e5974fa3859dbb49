"""Plots of results: CED curves, error by angle and by bin, and bars of regions.

Each plot is drawn from a pandas frame, which can also be exported. Errors are in percent or
degrees. The module opens no window and keeps no state: figures are made without pyplot.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from eval.atomic_files import writing
from eval.errors import PictureError
from eval.pictures.plot_data import ced_frame, chosen_scores, regions_frame, yaw_frame
from eval.results.record import ProtocolResult

# Okabe and Ito's colours, distinguishable with colour-blindness; the dashes help in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 150,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.fonttype": "none",  # keep text as text
    "svg.hashsalt": "dasl",  # identical files for identical data
}


@dataclass(frozen=True)
class LineStyle:
    """How one method is drawn."""

    colour: str
    dash: Literal["-", "--", "-.", ":"]


@dataclass(frozen=True)
class Plot:
    """One kind of plot.

    Attributes:
        frame: the data of some results under the score of a name (None: the headline).
        draw: puts the data on axes.
        title: of its panel.
    """

    frame: Callable[[Sequence[ProtocolResult], str | None], pd.DataFrame]
    draw: Callable[[Axes, pd.DataFrame], None]
    title: str


def draw_ced(axes: Axes, frame: pd.DataFrame) -> None:
    """Cumulative error distribution: the share of faces (%) within each error.

    Args:
        axes: to draw on.
        frame: of ``ced_frame``.
    """
    for style, (_, part) in zip(_styles(frame), _methods(frame), strict=True):
        axes.step(
            part["error"], part["share"], where="post", color=style.colour, linestyle=style.dash
        )
    axes.set(xlim=(0, frame["error"].max()), ylim=(0, 100))
    axes.set(xlabel=_error_label(frame), ylabel="faces within, %")
    _legend(axes, frame, "lower right")


def draw_yaw(axes: Axes, frame: pd.DataFrame) -> None:
    """Mean error by angle, or of each bin if the images' angles are not known.

    Args:
        axes: to draw on.
        frame: of ``yaw_frame``.
    """
    rolling = bool(frame["angle_deg"].notna().any())
    methods = list(_methods(frame))
    for number, (style, (_, part)) in enumerate(zip(_styles(frame), methods, strict=True)):
        if rolling:
            axes.plot(part["angle_deg"], part["mean"], color=style.colour, linestyle=style.dash)
            axes.fill_between(
                part["angle_deg"], part["low"], part["high"], color=style.colour, alpha=0.15, lw=0
            )
            axes.set_xticks(range(-90, 91, 30))
        else:
            step = min(0.15, 0.8 / len(methods))
            places = [n + step * (number - (len(methods) - 1) / 2) for n in range(len(part))]
            reach = [part["mean"] - part["low"], part["high"] - part["mean"]]
            axes.errorbar(
                places, part["mean"], reach, color=style.colour, fmt="o", capsize=3, lw=1.5
            )
            axes.set_xticks(range(len(part)), part["bin"])
    axes.set_ylim(bottom=0)
    axes.set(xlabel="yaw, degrees" if rolling else "bin", ylabel=f"mean {_error_label(frame)}")
    _legend(axes, frame, "lower right")


def draw_regions(axes: Axes, frame: pd.DataFrame) -> None:
    """Bars of each region's error, one colour per method.

    Args:
        axes: to draw on.
        frame: of ``regions_frame``.
    """
    methods = list(_methods(frame))
    width = 0.8 / len(methods)
    for number, (style, (_, part)) in enumerate(zip(_styles(frame), methods, strict=True)):
        places = [n + width * (number - (len(methods) - 1) / 2) for n in range(len(part))]
        bars = axes.bar(places, part["mean"], 0.95 * width, color=style.colour)
        if len(methods) <= 3:
            axes.bar_label(bars, fmt="%.2f", fontsize=7, padding=1)
        axes.set_xticks(range(len(part)), part["region"])
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.25)  # room for the legend
    axes.set(ylabel=f"mean {_error_label(frame)}")
    _legend(axes, frame, "upper right")


PLOTS = {
    "ced": Plot(ced_frame, draw_ced, "cumulative error"),
    "yaw": Plot(yaw_frame, draw_yaw, "error by angle"),
    "regions": Plot(regions_frame, draw_regions, "error by region"),
}
PICTURES = (".png", ".svg")


def plot_results(
    path: Path, kind: str, results: Sequence[ProtocolResult], score: str | None = None
) -> None:
    """Write one plot of some results as a picture (.png, .svg) or its data (.csv), by suffix.

    Args:
        path: destination; its folder must exist.
        kind: one of ``PLOTS``.
        results: at least one, all of one protocol and its options.
        score: short name of the score to plot; None takes the headline's.

    Raises:
        ComparisonError: the results do not compare.
        PictureError: nothing to plot, another suffix, or the place cannot be written.

    Example:
        >>> plot_results(Path("ced.png"), "ced", [ours, theirs])  # doctest: +SKIP
    """
    plot = PLOTS[kind]
    if path.suffix == ".csv":
        table = plot.frame(results, score).to_csv(index=False, lineterminator="\n").encode()
        _write(path, table)
        return
    _refuse_suffix(path, (*PICTURES, ".csv"))
    frame = plot.frame(results, score)
    with rc_context(STYLE):
        figure = Figure(figsize=(7.0, 4.6), layout="constrained")
        axes = figure.subplots()
        axes.set_title(_title(results, score), fontsize=10, parse_math=False)
        plot.draw(axes, frame)
        _save(path, figure)


def plot_result(path: Path, result: ProtocolResult, score: str | None = None) -> None:
    """Write one picture with every plot that one result has data for.

    Args:
        path: .png or .svg; its folder must exist.
        result: a result of ``eval.score``.
        score: short name of the score to plot; None takes the headline's.

    Raises:
        PictureError: another suffix, no such score, or the place cannot be written.
    """
    _refuse_suffix(path, PICTURES)
    frames = {"ced": ced_frame([result], score)}
    (chosen,) = chosen_scores([result], score).values()
    if chosen.bins:
        frames["yaw"] = yaw_frame([result], score)
    if chosen.regions:
        frames["regions"] = regions_frame([result], score)
    with rc_context(STYLE):
        figure = Figure(figsize=(5.0 * len(frames), 4.2), layout="constrained")
        panels = figure.subplots(1, len(frames), squeeze=False)[0]
        figure.suptitle(_title([result], score), fontsize=11, parse_math=False)
        for axes, (kind, frame) in zip(panels, frames.items(), strict=True):
            axes.set_title(PLOTS[kind].title, fontsize=10)
            PLOTS[kind].draw(axes, frame)
        _save(path, figure)


def _methods(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each method, in the order of the results."""
    return [(str(name), part) for name, part in frame.groupby("method", sort=False)]


def _styles(frame: pd.DataFrame) -> list[LineStyle]:
    count = frame["method"].nunique()
    return [
        LineStyle(COLOURS[n % len(COLOURS)], DASHES[n // len(COLOURS) % len(DASHES)])
        for n in range(count)
    ]


def _error_label(frame: pd.DataFrame) -> str:
    return "error, %" if frame["unit"].iat[0] == "%" else "error, degrees"


def _legend(axes: Axes, frame: pd.DataFrame, place: Literal["lower right", "upper right"]) -> None:
    """Add a legend with the methods' names verbatim, not parsed as TeX mathematics."""
    names = [name for name, _ in _methods(frame)]
    if len(names) == 1:
        return  # the title names the method
    handles = [
        Line2D([], [], linewidth=2.5, color=style.colour, linestyle=style.dash)
        for style in _styles(frame)
    ]
    legend = axes.legend(handles, [f"{n}" for n in range(len(names))], loc=place, fontsize=8)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)


def _title(results: Sequence[ProtocolResult], score: str | None) -> str:
    scores = chosen_scores(results, score)
    (name, first), *others = scores.items()
    title = f"{results[0].protocol}, {first.label}, {len(first.per_image):,} images"
    return title if others else f"{title}\n{name}"


def _refuse_suffix(path: Path, known: Sequence[str]) -> None:
    if path.suffix not in known:
        raise PictureError(
            f"{path.name} must end in {', '.join(known)}, got {path.suffix or 'no suffix'}; "
            "choose one of them"
        )


def _save(path: Path, figure: Figure) -> None:
    """Write a picture without the date, so that the same data gives the same file."""
    kind = path.suffix.removeprefix(".")
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, metadata=metadata)
    _write(path, stream.getvalue())


def _write(path: Path, content: bytes) -> None:
    with writing(path, PictureError) as temporary:
        temporary.write_bytes(content)
