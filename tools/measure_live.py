"""Measures the Live page in Chromium, with a film of known ground truth as the camera.

    python -m tools.measure_live FOLDER                  # accuracy, rates, first load
    python -m tools.measure_live FOLDER --minutes 10     # memory over time
    python -m tools.measure_live FOLDER --prepare        # only make film and page; takes minutes

FOLDER keeps the film and the page for the next run. Rates and times need an idle machine; accuracy
does not. Chromium renders in software (SwiftShader), without a graphics card.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from dasl.video.browser.files import browser_files_of
from space.deploy.live import stage_live
from space.settings import ROOT
from tools.live_accuracy import FILM, compared, prepare
from tools.live_agreement import agreement_text
from tools.live_browser import (
    HEAD_PX,
    first_load,
    frames_seen,
    live_page,
    memory_over,
    processor_s,
)
from tools.live_film import film_pictures
from tools.live_server import served
from tools.moving_head import RATE

LINE_BITS_PER_S, LINE_LATENCY_S = 10e6, 0.04


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="made if missing")
    parser.add_argument(
        "--prepare", action="store_true", help="make film and page, measure nothing"
    )
    parser.add_argument("--minutes", type=float, help="memory over so many minutes instead")
    options = parser.parse_args()
    prepare(options.folder)
    if options.prepare:
        return
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary)
        stage_live(ROOT, site)
        with served(site) as server:
            if options.minutes:
                _print_memory(server.url, options.folder / FILM, options.minutes)
            else:
                _print_figures(server, options.folder)
        if not options.minutes:
            for precision in ("float16", "int8"):
                browser_files_of(None, site / "model", precision)
                print(agreement_text(site, options.folder / FILM, precision), flush=True)


def _print_figures(server, folder: Path) -> None:
    load = first_load(server, LINE_BITS_PER_S, LINE_LATENCY_S)
    print(
        f"first load at {LINE_BITS_PER_S / 1e6:.0f} Mbit/s, {1000 * LINE_LATENCY_S:.0f} ms: ready "
        f"after {load.seconds:.1f} s, {load.sent_bytes / 1e6:.2f} MB compressed",
        flush=True,
    )
    film = folder / FILM
    count = sum(1 for _ in film_pictures(film))
    with live_page(server.url, film) as page:
        before = processor_s(page)
        seen, draws_ms = frames_seen(page, count / RATE + 1)
        spent = {kind: value - before.get(kind, 0.0) for kind, value in processor_s(page).items()}
    faces = [answer for answer in seen if answer["raw"]]
    print(f"tracker: {_rate([one['answered_ms'] for one in seen]):.1f} answers a second", end="; ")
    for name, title in (("took_ms", "in the worker"), ("late_ms", "from frame to answer")):
        half, most = np.percentile([one[name] for one in faces], [50, 95])
        print(f"{title} {half:.0f} ms (median), {most:.0f} ms (95 %)", end="; ")
    print(f"{len(seen) - len(faces)} of {len(seen)} frames without a face")
    print(f"head, {HEAD_PX} px wide, by SwiftShader: {_rate(draws_ms):.1f} pictures a second")
    print(
        f"processor time: page, tracker {1000 * spent['renderer'] / len(seen):.0f} ms an answer, "
        f"drawing {1000 * spent['GPU'] / len(draws_ms):.0f} ms a picture"
    )
    result = compared(folder, seen)
    print(result.summary())
    print(result.unit_table(), flush=True)


def _rate(times_ms: list[float]) -> float:
    return 1000 * (len(times_ms) - 1) / (times_ms[-1] - times_ms[0])


def _print_memory(url: str, film: Path, minutes: float) -> None:
    taken = []
    with live_page(url, film) as page:
        for memory in memory_over(page, minutes):
            taken.append(memory)
            print(
                f"{memory.minutes:5.1f} min  scripts' heap {memory.heap_mb:6.1f} MB  "
                f"all of Chromium's processes {memory.processes_mb:7.1f} MB",
                flush=True,
            )
    settled = [memory for memory in taken if memory.minutes >= min(1.0, minutes / 2)]
    passed = [memory.minutes for memory in settled]
    for title, values in (
        ("scripts' heap", [memory.heap_mb for memory in settled]),
        ("processes", [memory.processes_mb for memory in settled]),
    ):
        slope = float(np.polyfit(passed, values, 1)[0])
        print(f"{title}: {slope:+.2f} MB a minute after the first one")


if __name__ == "__main__":
    main()
