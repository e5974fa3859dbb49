"""Measure how a detector's box relates to the crop, for the constants of `dasl.geometry.crop`.

The training crops of faces_2d follow the benchmark's convention, without a margin. Each is
enlarged, given a grey margin and passed to the detector; the crop's side and centre are then
compared with the detected box. The benchmark is not read.

    python -m tools.calibrate_crop --root DATA_ROOT [--limit 3000] [--border grey|edge]

`--border edge` repeats the border instead. The detector then takes the streaks above the forehead
as a part of the face, and boxes grow by about 5 %. This bounds the accuracy of the method.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet
from PIL import Image
from tqdm import tqdm

from dasl.geometry.crop import CROP_SIZE
from dasl.photo.detector import Detection, RetinaFaceDetector
from eval.scoring.metrics import YAW_BINS, yaw_bins
from tools.data_root import parse, parser_with_root

ENLARGEMENT = 2
MARGIN = CROP_SIZE  # enlarged pixels on each side: half a crop
GREY = 128
PHOTO_SIDE = 450  # of the published photos; a box at their border was clipped

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainingCrop:
    """One face: the crop (120, 120, 3) uint8 RGB and AFLW's |yaw| in degrees."""

    image: npt.NDArray[np.uint8]
    yaw_deg: float


def main() -> int:
    """Run the measurement; returns the exit status."""
    options = _options()
    files = sorted((options.root / "faces_2d").glob("train-*.parquet"))
    if not files:
        print(f"no faces_2d/train-*.parquet under {options.root}", file=sys.stderr)
        return 1
    crops = training_crops(files, options.limit)
    crops = tqdm(crops, total=options.limit, desc="faces", disable=None)
    boxes, yaws_deg, missed = _detected(crops, options.border)
    print(f"border {options.border}: {len(boxes)} detected, {missed} missed")
    _report(boxes, yaws_deg)
    return 0


def _options() -> argparse.Namespace:
    parser = parser_with_root(__doc__)
    parser.add_argument("--limit", type=int, default=3000, help="faces to use")
    parser.add_argument("--border", choices=("grey", "edge"), default="grey")
    return parse(parser)


def training_crops(files: list[Path], limit: int) -> Iterator[TrainingCrop]:
    """A fixed random choice of training crops that the photo's border did not clip."""
    table = parquet.ParquetDataset(files).read(columns=["image", "yaw", "roi_box"])
    boxes = np.array(table["roi_box"].to_pylist(), dtype=np.float64)
    whole = np.flatnonzero((boxes[:, :2].min(1) > 1) & (boxes[:, 2:].max(1) < PHOTO_SIDE))
    for row in np.random.default_rng(0).permutation(whole)[:limit]:
        encoded = table["image"][int(row)].as_py()
        image = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
        yield TrainingCrop(image, abs(float(table["yaw"][int(row)].as_py())))


def _detected(crops: Iterator[TrainingCrop], border: str) -> tuple[FloatArray, FloatArray, int]:
    """Boxes (N, 4) in crop pixels, |yaw| (N,) of the detected faces, and how many were not."""
    detector = RetinaFaceDetector(threads=1)
    boxes, yaws_deg, missed = [], [], 0
    for crop in crops:
        faces = detector(_with_margin(crop.image, border))
        if not faces:
            missed += 1
            continue
        boxes.append(min((_box_crop(face) for face in faces), key=_distance_from_centre))
        yaws_deg.append(crop.yaw_deg)
    return np.array(boxes).reshape(-1, 4), np.array(yaws_deg), missed


def _with_margin(image: npt.NDArray[np.uint8], border: str) -> npt.NDArray[np.uint8]:
    side = CROP_SIZE * ENLARGEMENT
    large = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR))
    width = ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0))
    if border == "edge":
        return np.pad(large, width, mode="edge")
    return np.pad(large, width, constant_values=GREY)


def _box_crop(face: Detection) -> FloatArray:
    return (np.array(face.box) - MARGIN) / ENLARGEMENT


def _distance_from_centre(box_crop: FloatArray) -> float:
    return float(np.abs(box_crop[:2] + box_crop[2:] - CROP_SIZE).sum())


def _report(boxes_crop: FloatArray, yaws_deg: FloatArray) -> None:
    size = boxes_crop[:, 2:] - boxes_crop[:, :2]
    longest = size.max(axis=1)
    shift = (CROP_SIZE - boxes_crop[:, :2] - boxes_crop[:, 2:]) / 2 / longest[:, None]
    rows = {
        "crop side / max(w, h)": CROP_SIZE / longest,
        "crop side / sqrt(w h)": CROP_SIZE / np.sqrt(size.prod(axis=1)),
        "crop side / h": CROP_SIZE / size[:, 1],
        "shift right / max(w, h)": shift[:, 0],
        "shift down / max(w, h)": shift[:, 1],
    }
    print(f"{'':24} median    5 %   95 %  spread  by yaw {tuple(YAW_BINS)}")
    bins = yaw_bins(yaws_deg)
    for name, values in rows.items():
        low, middle, high = np.percentile(values, [5, 50, 95])
        spread = np.median(np.abs(values - middle))
        medians = [f"{np.median(values[bins == number]):.3f}" for number in range(len(YAW_BINS))]
        print(f"{name:24} {middle:6.3f} {low:6.3f} {high:6.3f} {spread:7.3f}  {'  '.join(medians)}")


if __name__ == "__main__":
    sys.exit(main())
