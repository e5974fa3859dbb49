"""`python -m eval render florence`: renders the input pictures of a benchmark."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from eval.atomic_files import replacing
from eval.benchmarks.florence.render import render_scan
from eval.benchmarks.florence.scan_landmarks import LandmarkFile, read_landmarks
from eval.benchmarks.florence.scans import SUBJECT_COUNT, find_scans, read_scan
from eval.benchmarks.florence.subjects import make_subject
from eval.benchmarks.florence.views import (
    IMAGE_SIDE,
    PIXELS_PER_MM,
    POSE_SETS,
    Pose,
    PoseSet,
    View,
    centred_view,
)
from eval.commands.data_option import add_data_option, refuse_no_data
from eval.errors import BenchmarkError
from eval.scoring.metrics import Floats

MANIFEST = "florence.json"
EXAMPLES = """examples:
  python -m eval render florence --scans /data/florence --output florence_photos
  python -m eval render florence --scans /data/florence --output photos20 --poses sadrnet

DIR is Florence (MICC) as published, plus landmarks.json or landmarks.csv with nose_tip,
right_eye_outer and left_eye_outer of each subject, picked on the frontal1 scans.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    rendering = commands.add_parser("render", help="render a benchmark's pictures from its scans")
    benchmarks = rendering.add_subparsers(dest="benchmark", required=True, metavar="BENCHMARK")
    parser = benchmarks.add_parser(
        "florence",
        help="Florence (MICC): textured scans at the protocol's yaws and pitches",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data_option(parser, "the scans' folder", flag="--scans")
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="FILE",
        help="named points of the scans, JSON or CSV (default: landmarks.json or .csv in DIR)",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="for the PNGs")
    parser.add_argument(
        "--poses", choices=sorted(POSE_SETS), default="vrn", help="pose set (default: vrn)"
    )


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Render every scan found, and report how many of the protocol's scans these are."""
    refuse_no_data(parser, options.scans, flag="--scans")
    scans = find_scans(options.scans)
    landmarks = read_landmarks(scans.folder, options.landmarks)
    poses = POSE_SETS[options.poses]
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        entries = _render_all(scans.paths, landmarks, poses, options.output)
        _write_manifest(options.output, poses, landmarks, entries)
    except OSError as error:
        reason = error.strerror or error
        raise BenchmarkError(
            f"cannot write into {options.output}: {reason}; choose another place"
        ) from error
    return (
        f"{len(entries):,} pictures of {len(scans.paths)} scans in {options.output} "
        f"(the protocol has {SUBJECT_COUNT} scans); {MANIFEST} has their poses and face boxes\n"
    )


def _render_all(
    scans: Mapping[str, Path], landmarks: LandmarkFile, poses: PoseSet, output: Path
) -> dict[str, dict[str, object]]:
    """Write the pictures; returns the manifest's entries by image id."""
    entries: dict[str, dict[str, object]] = {}
    with tqdm(total=len(scans) * len(poses.poses), desc="render", unit="picture") as bar:
        for name, path in scans.items():
            scan = read_scan(path, with_colour=True)
            subject = make_subject(name, scan, landmarks.of(name))
            for pose in poses.poses:
                view = centred_view(subject.face_points, pose)
                image_id = pose.image_id(name)
                _save_png(output / f"{image_id}.png", render_scan(scan, view))
                entries[image_id] = _entry(path, pose, view, subject.face_points)
                bar.update()
    return entries


def _save_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    with replacing(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="png")


def _entry(path: Path, pose: Pose, view: View, face_points: Floats) -> dict[str, object]:
    """The manifest's entry of a picture: data that a method may use, and how it was rendered."""
    xy = view.image_from_scan(face_points)[:, :2]
    box = [*xy.min(axis=0).tolist(), *xy.max(axis=0).tolist()]
    return {
        "scan": path.name,
        "pitch_deg": pose.pitch_deg,
        "yaw_deg": pose.yaw_deg,
        "face_box": [round(value, 3) for value in box],
    }


def _write_manifest(
    output: Path, poses: PoseSet, landmarks: LandmarkFile, entries: Mapping[str, object]
) -> None:
    document = {
        "poses": poses.name,
        "poses_source": poses.source,
        "image_side": IMAGE_SIDE,
        "pixels_per_mm": PIXELS_PER_MM,
        "frame": "0-based pixels, integer = pixel centre; face_box is x0 y0 x1 y1 of the crop",
        "landmarks": landmarks.path.name,
        "landmarks_sha256": landmarks.sha256,
        "images": entries,
    }
    with replacing(output / MANIFEST) as temporary:
        temporary.write_bytes((json.dumps(document, indent=1) + "\n").encode())
