"""Files for the tracker in the browser, made from the weights in a few seconds.

    tracker.bin.gz    network, detector, landmarks: all that tracking needs
    head.glb.gz       the neutral head, painted, with its 52 morph targets
    shape.bin.gz      identity basis of its vertices; read only for photos
    files.json        versions: head, weights, sizes; names the browser's cache

Both networks are stored as an ONNX graph without tensors, and separate tensors in float16 or int8.
The browser computes in float32.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dasl.atomic_files import write_files
from dasl.errors import WeightsError
from dasl.geometry import crop
from dasl.head.landmark_file import head_of_weights
from dasl.head.landmarks import MAP_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.network import landmark_map, passes
from dasl.network.confidence import HALF_CONFIDENCE_NME, Calibration, calibration_from_config
from dasl.network.onnx import weight_tensors
from dasl.network.tensors import StoredNetwork
from dasl.photo.detector import NETWORK as DETECTOR
from dasl.reconstruction.running_network import network_for
from dasl.video import track
from dasl.video.browser.container import Precision, packed
from dasl.video.browser.neutral_head import neutral_glb, shape_arrays
from dasl.video.browser.onnx_tensors import stored_tensors
from dasl.video.live import settings
from dasl.weights.folder import load_graph, load_stored, weights_folder

TRACKER, HEAD, SHAPE, INDEX = "tracker.bin.gz", "head.glb.gz", "shape.bin.gz", "files.json"
VERSION = 1
"""Format version, part of the caches' names; increase it when a file's format changes."""


def write_browser_files(
    folder: Path,
    network: StoredNetwork,
    graph: bytes,
    model: MorphableModel,
    calibration: Calibration,
    precision: Precision = "int8",
) -> dict[str, int]:
    """Write the four files.

    Args:
        folder: created if missing.
        network: its tensors are stored.
        graph: of the network, without tensors (`graph.onnx`).
        model: the head model.
        calibration: of the network's confidence.
        precision: of the stored tensors; int8 for large matrices, or float16 for all.

    Returns:
        Name -> size in bytes.

    Raises:
        WeightsError: the graph does not fit the network, or a file cannot be written.
    """
    shape_meta, shape = shape_arrays(model)
    contents = {
        TRACKER: _tracker(network, graph, model, calibration, precision),
        HEAD: gzip.compress(neutral_glb(model), compresslevel=9, mtime=0),
        SHAPE: packed(shape_meta, shape, "int8"),
    }
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()
    index = {
        "version": VERSION,
        "head_id": model.head_id,
        "precision": precision,
        "content": digest[:16],
        "licence": "research only (LICENSE-weights)",
        "bytes": {name: len(content) for name, content in contents.items()},
    }
    contents[INDEX] = (json.dumps(index, indent=2) + "\n").encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_files({folder / name: content for name, content in contents.items()})
    except OSError as error:
        raise WeightsError(f"{folder}: cannot write the browser's files ({error})") from error
    return {name: len(content) for name, content in contents.items()}


def _tracker(
    network: StoredNetwork,
    graph: bytes,
    model: MorphableModel,
    calibration: Calibration,
    precision: Precision,
) -> bytes:
    located, files, inside = _located(graph, weight_tensors(network))
    skeleton, cuts, detector = _cut(DETECTOR.read_bytes())
    meta = {
        "head_id": model.head_id,
        "identity_count": model.identity_count,
        "expression_names": list(model.expression_names),
        "mirror_expression": np.asarray(model.mirror_expression).tolist(),
        "network_files": files,
        "detector_cuts": cuts,
        "settings": _settings(calibration),
    }
    zero = np.asarray(model.landmarks68_of(model.mean_vertices))
    arrays: dict[str, npt.NDArray[Any]] = {
        "exact.network_graph": np.frombuffer(located, np.uint8),
        "exact.detector_graph": np.frombuffer(skeleton, np.uint8),
        "exact.whitening_mean": np.asarray(network.whitening.mean, np.float32),
        "exact.whitening_std": np.asarray(network.whitening.std, np.float32),
        "exact.identity_mirror_sign": np.asarray(model.identity_mirror_sign, np.float32),
        "exact.landmarks_mean": zero.astype(np.float32),
        "exact.landmarks_identity": _points(model, "identity_basis"),
        "exact.landmarks_expression": _points(model, "expression_basis"),
        **{f"network.{name}": array for name, array in inside.items()},
        **{f"detector.{name}": array for name, array in detector.items()},
    }
    return packed(meta, arrays, precision)


def _points(model: MorphableModel, basis: str) -> npt.NDArray[np.float32]:
    return np.asarray(model.landmarks68_of(getattr(model, basis)), np.float32)


def _located(
    graph: bytes, tensors: Mapping[str, npt.NDArray[np.float32]]
) -> tuple[bytes, dict[str, str], dict[str, npt.NDArray[np.float32]]]:
    """The graph with a distinct file name per tensor, a map of name -> file, and the tensors."""
    changed, files, used = bytearray(graph), {}, {}
    for number, tensor in enumerate(stored_tensors(graph)):
        if tensor.location is None:
            continue
        if tensor.name not in tensors:
            raise WeightsError(
                f"the graph wants a tensor {tensor.name!r} that the network lacks; remake it with "
                "export_graph"
            )
        start, end = tensor.location
        files[tensor.name] = f"{number:0{end - start}d}"
        changed[start:end] = files[tensor.name].encode()
        used[tensor.name] = tensors[tensor.name]
    return bytes(changed), files, used


def _cut(content: bytes) -> tuple[bytes, list[dict[str, Any]], dict[str, npt.NDArray[np.float32]]]:
    """Cut float32 tensors out of an ONNX file; return the rest, the positions and the tensors."""
    rest, cuts, tensors, at = bytearray(), [], {}, 0
    for number, tensor in enumerate(stored_tensors(content)):
        if tensor.raw is None or not tensor.is_float32:
            continue
        start, end = tensor.raw
        values = np.frombuffer(content[start:end], np.float32).reshape(tensor.shape)
        name = str(number)
        tensors[name] = values
        rest += content[at:start]
        cuts.append({"name": f"detector.{name}", "at": start})
        at = end
    return bytes(rest + content[at:]), cuts, tensors


def _settings(calibration: Calibration) -> dict[str, Any]:
    """Constants shared by the JavaScript and the Python tracker."""
    return {
        "crop_size": crop.CROP_SIZE,
        "landmark_margin": crop.LANDMARK_MARGIN,
        "box_to_crop_side": crop.BOX_TO_CROP_SIDE,
        "box_to_crop_down": crop.BOX_TO_CROP_DOWN,
        "map_points": [list(points) for points in MAP_POINTS],
        "dot_sigma_px": landmark_map.DOT_SIGMA_PX,
        "closer_margin": passes.CLOSER_MARGIN,
        "closer_scales": list(passes.CLOSER_SCALES),
        "tilt_deg": passes.TILT_DEG,
        "calibration": asdict(calibration),
        "half_confidence_nme": HALF_CONFIDENCE_NME,
        "keep_confidence": track.KEEP_CONFIDENCE,
        "min_inside": track.MIN_INSIDE,
        "min_side_px": track.MIN_SIDE_PX,
        "max_step": track.MAX_STEP,
        "max_growth": track.MAX_GROWTH,
        "check_every": settings.CHECK_EVERY,
        "search_every": settings.SEARCH_EVERY,
        "detector_side": settings.DETECTOR_SIDE,
        "filter": asdict(settings.LIVE_FILTER),
    }


def browser_files_of(
    source: str | Path | None, folder: Path, precision: Precision = "int8"
) -> dict[str, int]:
    """Write the four files for a weights folder, a hub id or, with None, the embedded weights.

    Args:
        source: of the weights.
        folder: where to write.
        precision: of the stored tensors.

    Returns:
        Name -> size in bytes.

    Raises:
        WeightsError: weights missing or damaged, without a graph that can be loaded or exported, or
            the folder cannot be written.
    """
    origin = weights_folder(source)
    model = head_of_weights(origin)
    stored, config = load_stored(origin)
    found = network_for(model.head_id, stored, str(source or "the embedded weights"))
    network = found if isinstance(found, StoredNetwork) else found.stored()
    graph = load_graph(source)
    if graph is None or network.config.output_count != stored.config.output_count:
        from dasl.network.onnx_export import export_graph  # needs torch

        graph = export_graph(network.config)
    calibration = calibration_from_config(config)
    return write_browser_files(folder, network, graph, model, calibration, precision)
