"""Writes the results table of README.md and docs/results.md from the records.

    python -m tools.results_table

Run it after scoring new weights (`tools/release.sh` does). A test compares both files with the
records.
"""

import argparse
import re
from pathlib import Path

from eval.leaderboard.files import load_record

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "eval" / "records"
ROWS = {
    "aflw2000-3d_2dasl_released": "2DASL, coefficients its authors released (1,998 of 2,000 faces)",
    "aflw2000-3d_3ddfa_v2_mb05": "3DDFA-V2, MobileNet x0.5, released weights",
    "aflw2000-3d_dasl-lite0_benchmark": "dasl lite0 (embedded)",
    "aflw2000-3d_dasl-lite0_detector": "dasl lite0, faces found by its own detector",
    "aflw2000-3d_dasl-open_benchmark": "dasl open (for any use)",
}
DOCUMENTS = ("README.md", "docs/results.md")
START = "<!-- results: made by python -m tools.results_table -->\n"
END = "<!-- end of results -->"
HEADER = (
    "| method | 0-30° | 30-60° | 60-90° | mean of bins | 95 % interval | mean of images |\n"
    "|---|---|---|---|---|---|---|\n"
)


def table() -> str:
    """The table in Markdown, percent with two decimals."""
    return HEADER + "".join(f"{_row(name, label)}\n" for name, label in ROWS.items())


def _row(name: str, label: str) -> str:
    score = load_record(RECORDS / f"{name}.json").headline
    means = [part.mean for part in score.bins]
    interval = f"{100 * score.interval.low:.2f}-{100 * score.interval.high:.2f}"
    cells = [*map(_percent, means), _percent(score.mean_of_bins), interval]
    return f"| {' | '.join([label, *cells, _percent(score.mean_of_images)])} |"


def _percent(value: float) -> str:
    return f"{100 * value:.2f}"


def with_table(text: str) -> str:
    """A document with the table between its two marks.

    Raises:
        ValueError: it does not contain the two marks exactly once.
    """
    pattern = re.compile(f"({re.escape(START)}).*?({re.escape(END)})", re.DOTALL)
    made, count = pattern.subn(lambda found: f"{found[1]}{table()}{found[2]}", text)
    if count != 1:
        raise ValueError(f"the document must hold one place for the results, got {count}")
    return made


def main() -> None:
    """Write both documents."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
