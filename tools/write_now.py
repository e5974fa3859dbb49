"""Write predicted heads as the NoW challenge's evaluation code reads them.

    python -m tools.write_now --images NOW/final_release_version/iphone_pictures \
        --list imagepathsvalidation.txt --output predictions [--model ID|DIR]

For a line `SUBJECT/CHALLENGE/NAME.jpg` of the list the code (compute_error.py of
github.com/soubhiksanyal/now_evaluation) looks for `SUBJECT/CHALLENGE/NAME.obj`, the neutral head,
and `NAME.npy`, seven points of it (7, 3): outer and inner corner of the right eye, inner and outer
of the left, bottom of the nose, right and left corner of the mouth. Pass it
`--predicted_mesh_unit m`. A photo without a face gets no files; the code counts them as missing.
"""

import sys
from pathlib import Path

import numpy as np

from tools.heads_for_benchmarks import Head, head_of, parser_of, write_all


def main(arguments: list[str] | None = None) -> int:
    """Reconstruct and write; returns the exit status."""
    parser = parser_of("write_now", __doc__, "DIR")
    parser.add_argument("--list", type=Path, required=True, metavar="TXT", help="of the images")
    options = parser.parse_args(arguments)
    return write_all(
        "write_now",
        lambda: [options.images / place for place in listed_images(options.list)],
        lambda photo, face: write_prediction(
            options.output / photo.relative_to(options.images),
            head_of(face.model, face.identity, None),
        ),
        options.model,
    )


def listed_images(path: Path) -> list[Path]:
    """SUBJECT/CHALLENGE/NAME of each line, whatever folders stand before.

    Raises:
        ValueError: a line has fewer than three parts, or a part that leads elsewhere.
    """
    places = []
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        parts = line.split("/")[-3:]
        if len(parts) < 3 or not all(parts) or ".." in parts:
            raise ValueError(f"{path} must name SUBJECT/CHALLENGE/NAME.jpg a line, got {line!r}")
        places.append(Path(*parts))
    return places


def write_prediction(place: Path, head: Head) -> None:
    """The two files of one photo; `place` is SUBJECT/CHALLENGE/NAME.jpg below the output folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # As their code names files: the last four characters of the photo's name go.
    stem = place.with_name(place.name[:-4])
    stem.with_name(stem.name + ".obj").write_text(head.obj_text())
    np.save(stem.with_name(stem.name + ".npy"), head.points7)


if __name__ == "__main__":
    sys.exit(main())
