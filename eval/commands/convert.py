"""`python -m eval convert SOURCE --output SUBMISSION.npz`: converts other systems' output."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.aflw2000.data import PHOTO_SIDE, Aflw2000, load_benchmark
from eval.bfm.files import load_bfm
from eval.converters import ddfa_params, landmark_pose, mat_folder, prnet, table
from eval.converters.crops import crops_in_order, literature_crops_by_id, read_crops
from eval.converters.frames import (
    CROP_RULES,
    PhotoFrame,
    published_from_crop,
    published_from_photo,
)
from eval.converters.keypoints import read_keypoints
from eval.converters.kind import CSV, MAT, PRNET, guess_kind
from eval.converters.options import FRAME_OPTIONS, KINDS_OF, add_options
from eval.converters.predictions import Predictions, in_benchmark_order, read_id_list
from eval.errors import MissingImages, SubmissionError
from eval.results.record import MethodFacts
from eval.scoring.metrics import Float64s
from eval.submissions.submission import write_submission
from eval.untrusted.text import listed

EXAMPLES = """examples:
  python -m eval convert prnet_results --root /data/aflw2000_3d --output prnet.npz
  python -m eval convert params.npy --ids AFLW2000-3D_crop.list --root /data/aflw2000_3d \\
      --bfm /data/bfm --whitening whitening.npz --output 3ddfa.npz --meta method=3DDFA
  python -m eval convert meshes --root /data/aflw2000_3d --keypoints keypoints_sim.npy \\
      --vertices --fill-missing --output dense.npz
  python -m eval convert points.csv --index-base 0 --output mine.npz
  python -m eval convert prnet_results --root /data/aflw2000_3d --pose --bfm /data/bfm \\
      --output prnet.npz

The default pixel frame is that of each kind of source; options override it. Nothing is fitted or
corrected; the scorer warns about errors that look systematic.
"""


def add(commands: Any) -> None:
    """Declare the command."""
    raw = argparse.RawDescriptionHelpFormatter
    text = "convert other systems' output into a submission"
    add_options(commands.add_parser("convert", help=text, epilog=EXAMPLES, formatter_class=raw))


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Convert, and report what was read and how."""
    meta = _stated_meta(parser, options.meta)
    kind = options.kind or guess_kind(options.source)
    _refuse_foreign_options(parser, options, kind)
    benchmark = None if options.root is None else load_benchmark(options.root)
    names = None if options.ids is None else read_id_list(options.ids)
    predictions = _with_pose(options, _read(parser, options, kind, names, benchmark))
    wanted = names if benchmark is None else benchmark.ids
    if wanted is not None:
        try:
            predictions = in_benchmark_order(predictions, wanted, fill_missing=options.fill_missing)
        except MissingImages as error:
            raise MissingImages(f"{error}: --fill-missing writes them as NaN") from error
    write_submission(
        options.output,
        predictions.ids,
        predictions.landmarks,
        {**meta, "conversion": dict(predictions.facts)},
        vertices=predictions.vertices,
        pose_deg=predictions.pose_deg,
    )
    return _report(options.output, predictions)


def _refuse_foreign_options(
    parser: argparse.ArgumentParser, options: argparse.Namespace, kind: str
) -> None:
    """Refuse options that have no effect on this kind of source."""
    for name, kinds in KINDS_OF.items():
        if getattr(options, name) is not None and kind not in kinds:
            parser.error(f"--{name.replace('_', '-')} is for {' and '.join(kinds)}, not for {kind}")
    if kind == MAT and options.crop_rule:
        for name in FRAME_OPTIONS:
            if getattr(options, name) is not None:
                parser.error(f"--{name.replace('_', '-')} does not go with --crop-rule")
    if options.bfm is not None and kind in (PRNET, CSV) and not options.pose:
        parser.error(f"--bfm is for --pose with {kind}")
    if options.photo_height is not None and options.y_axis != "up":
        parser.error("--photo-height is for --y-axis up")
    if options.fill_missing and options.root is None and options.ids is None:
        parser.error("--fill-missing needs to know the images: pass --root DIR or --ids LIST")


def _read(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    kind: str,
    names: tuple[str, ...] | None,
    benchmark: Aflw2000 | None,
) -> Predictions:
    """The predictions of a source of any kind."""
    if kind == PRNET:
        suffix = prnet.SUFFIX if options.suffix is None else options.suffix
        frame = _photo_frame(options, prnet.INDEX_BASE)
        return prnet.read_prnet_folder(options.source, frame, suffix)
    if kind == CSV:
        return table.read_csv(options.source, _photo_frame(options, table.INDEX_BASE))
    if kind == MAT:
        return _read_mats(options, names, benchmark)
    rows = names if names is not None or benchmark is None else benchmark.ids
    if rows is None:
        parser.error("parameters have no names: pass --ids LIST, or --root DIR for its order")
    if options.whitening is None:
        parser.error(
            "pass --whitening NPZ with the statistics of the network that wrote the parameters, "
            "or --whitening none if they are not whitened"
        )
    return _read_parameters(options, rows, _crops(options, names, benchmark))


def _with_pose(options: argparse.Namespace, predictions: Predictions) -> Predictions:
    """Add angles from the landmarks, if requested and the source has none."""
    if not options.pose or predictions.pose_deg is not None:
        return predictions
    if predictions.landmarks is None:
        raise SubmissionError(
            f"{options.source} has vertices only; pass --keypoints FILE for the 68 points of --pose"
        )
    bfm = load_bfm(options.bfm)
    if bfm.keypoints is None:
        raise SubmissionError(f"{bfm.source} has no keypoints; take files that have them")
    mean68 = bfm.mean[bfm.keypoints]
    return replace(
        predictions,
        pose_deg=landmark_pose.pose_from_landmarks(predictions.ids, predictions.landmarks, mean68),
        facts={**predictions.facts, "pose": landmark_pose.POSE_FACT},
    )


def _read_mats(
    options: argparse.Namespace, names: tuple[str, ...] | None, benchmark: Aflw2000 | None
) -> Predictions:
    """A folder of mats, in photo pixels, or in crop pixels if a crop rule is given."""
    source = mat_folder.find_mats(options.source, options.suffix, options.field)
    keypoints = _keypoints(options) if source.field.is_dense else None
    if options.crop_rule:
        rule, crops = CROP_RULES[options.crop_rule], _crops(options, names, benchmark)
        described = f"crop pixels by {rule.name} ({rule.source})"
    else:
        frame = _photo_frame(options, source.field.index_base)
        described = frame.described()

    def to_published(name: str, points: Float64s) -> Float64s:
        if options.crop_rule:
            return published_from_crop(points[None], rule, crops_in_order(crops, [name]))[0]
        return published_from_photo(points, frame)

    return mat_folder.read_mat_folder(
        source, to_published, described, keypoints, with_vertices=bool(options.vertices)
    )


def _read_parameters(
    options: argparse.Namespace, ids: tuple[str, ...], crops: Mapping[str, Float64s]
) -> Predictions:
    """Whitened parameters, decoded with the user's face model."""
    parameters = ddfa_params.read_parameters(options.source)
    stated = options.whitening
    whitening = None if stated == "none" else ddfa_params.read_whitening(Path(stated))
    bfm = load_bfm(options.bfm)
    keypoints = read_keypoints(options.keypoints) if options.keypoints else bfm.keypoints
    if keypoints is None:
        raise SubmissionError(f"{bfm.source} has no keypoints; pass --keypoints FILE")
    return ddfa_params.decode_parameters(
        parameters,
        ids,
        crops_in_order(crops, ids),
        bfm,
        keypoints,
        whitening=whitening,
        rule=CROP_RULES[options.crop_rule or "3ddfa-v1"],
        with_vertices=bool(options.vertices),
        with_pose=bool(options.pose),
    )


def _photo_frame(options: argparse.Namespace, index_base: Literal[0, 1]) -> PhotoFrame:
    """The system's own frame, with the user's overrides."""
    return PhotoFrame(
        index_base if options.index_base is None else options.index_base,
        options.y_axis or "down",
        options.z_axis or "towards",
        PHOTO_SIDE if options.photo_height is None else options.photo_height,
    )


def _crops(
    options: argparse.Namespace, names: tuple[str, ...] | None, benchmark: Aflw2000 | None
) -> dict[str, Float64s]:
    """Crops by id: the user's, or the benchmark's published ones."""
    known = names if names is not None or benchmark is None else benchmark.ids
    if options.crops is not None and known is not None:
        return read_crops(options.crops, known)
    if options.crops is None and benchmark is not None:
        return literature_crops_by_id(benchmark)
    raise SubmissionError(
        "the network's input crops are not known; pass --root with AFLW2000-3D's folder, or "
        "--crops NPY with --ids LIST"
    )


def _keypoints(options: argparse.Namespace) -> NDArray[np.int64] | None:
    """The mesh's 68 vertices, if the user gave them."""
    if options.keypoints is not None:
        return read_keypoints(options.keypoints)
    return None if options.bfm is None else load_bfm(options.bfm).keypoints


def _stated_meta(parser: argparse.ArgumentParser, stated: list[str]) -> dict[str, str]:
    """KEY=TEXT options as facts of the method."""
    known = MethodFacts.__dataclass_fields__
    pairs = [text.partition("=") for text in stated]
    for key, equals, text in pairs:
        if key not in known or not equals or not text:
            parser.error(f"--meta must be KEY=TEXT with a KEY of {', '.join(known)}, got {key!r}")
    return {key: text for key, _, text in pairs}


def _report(output: Path, predictions: Predictions) -> str:
    """A report of what was written."""
    lines = [f"wrote {output}: {len(predictions.ids):,} images"]
    if predictions.landmarks is not None:
        failed = np.flatnonzero(np.isnan(predictions.landmarks).all(axis=(1, 2))).tolist()
        if failed:
            names = listed([predictions.ids[row] for row in failed])
            lines.append(f"  {len(failed):,} of them failed (NaN): {names}")
    if predictions.vertices is not None:
        lines.append(f"  with {predictions.vertices.points:,} vertices each")
    if predictions.pose_deg is not None:
        lines.append("  with yaw, pitch and roll")
    lines += [f"  {key.replace('_', ' ')}: {text}" for key, text in predictions.facts.items()]
    return "\n".join(lines) + "\n"
