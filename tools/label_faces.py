"""Labels the training or validation faces of a source in advance, as `python -m dasl train` would.

    python -m tools.label_faces --root DIR --output runs/labels.safetensors
    python -m tools.label_faces --root DIR --teacher runs/lite0 --output runs/labels.safetensors
    python -m tools.label_faces ... --teacher old/lite0 --teacher-head old/head.safetensors

The result is a packed face set for `data.train` or `data.validation`, also on a machine without the
source. Keep it out of git unless the photos are free.
"""

import sys
import time
from pathlib import Path

from dasl.errors import ConfigError, DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.training.config import DataConfig
from dasl.training.training_sets import HeadSource, load_entry
from tools.data_root import parse, parser_with_root


def main(arguments: list[str] | None = None) -> int:
    """Label and save; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--faces", default="faces_2d", help="as an entry of data.train")
    parser.add_argument(
        "--teacher",
        dest="teachers",
        metavar="WEIGHTS",
        action="append",
        default=[],
        help="weights folder whose landmarks improve faces_2d's labels; of two, trained with "
        "data.half 0 and 1, each labels the other's half",
    )
    parser.add_argument(
        "--teacher-head",
        type=Path,
        metavar="HEAD",
        help="head file that the teachers were trained with, if it is not the embedded one; their "
        "landmarks are computed with it, and the embedded head is fitted to them",
    )
    parser.add_argument("--split", choices=("train", "validation"), default="train")
    parser.add_argument("--output", type=Path, required=True, help="face set to write")
    options = parse(parser, arguments)
    start = time.perf_counter()
    try:
        if options.teacher_head and not options.teachers:
            raise ConfigError("--teacher-head is the head of --teacher; name a --teacher, too")
        data = DataConfig(teachers=tuple(options.teachers))
        of_teacher = MorphableModel.load(options.teacher_head) if options.teacher_head else None
        head = HeadSource(MorphableModel.load(), teacher_model=of_teacher)
        faces = load_entry(options.faces, options.split, data, options.root, head)
        faces.save(options.output)
    except DaslError as error:
        print(f"label_faces: {error}", file=sys.stderr)
        return 1
    print(f"{options.output}: {len(faces)} faces in {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
