"""Weights folders, on disk or on the hub: tensors and JSON; nothing is unpickled.

    config.json             the network's configuration, and the trainer's records
    model.safetensors       its tensors: kernels and matrices float16, vectors float32
    identity.safetensors    optional: statistics of its identities (`dasl.network.identity_fit`)
    confidence.safetensors  optional: error head and cover network (`dasl.network.judge`)
    landmarks.safetensors   optional: landmarks of their own (`dasl.head.landmark_file`)
    graph.onnx              optional: the computation without its tensors (see `dasl.network.onnx`)
    int8.safetensors        optional: the network in int8 (`python -m tools.quantise_network`)
    hair.onnx               optional: tells hair from skin and clothes (`dasl.network.hair_parser`)
    README.md               optional: the model card
    manifest.json           optional: every input of the training, with its licence
    LICENSE-weights         optional: the terms

Vectors stay float32, since batch-norm variances and whitening statistics exceed the range of
float16. They take little space.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes
from safetensors.numpy import save as bytes_from_tensors

from dasl import atomic_files
from dasl.arrays import FloatArray
from dasl.errors import WeightsError
from dasl.head.landmark_file import LANDMARKS_FILE
from dasl.network.hair_parser import HAIR_FILE
from dasl.network.identity_statistics import IdentityStatistics, statistics_from_bytes
from dasl.network.judge import Judge, judge_from_bytes
from dasl.network.onnx import Precision
from dasl.network.tensors import COUNTER, StoredNetwork, check_tensors, weights_hash
from dasl.weights.config_file import CONFIG_FILE, FORMAT, TENSOR_FILE, read_bytes, read_config
from dasl.weights.hub import fetch

if TYPE_CHECKING:
    from dasl.network.coefficient_network import CoefficientNetwork

GRAPH_FILE = "graph.onnx"
INT8_FILE = "int8.safetensors"
STATISTICS_FILE = "identity.safetensors"
ERROR_HEAD_FILE = "confidence.safetensors"
CARD_FILE = "README.md"
LICENCE_FILE = "LICENSE-weights"
MANIFEST_FILE = "manifest.json"
NEEDED_FILES = (CONFIG_FILE, TENSOR_FILE)
FITTED_FILES = (STATISTICS_FILE, ERROR_HEAD_FILE, LANDMARKS_FILE, GRAPH_FILE, INT8_FILE, HAIR_FILE)
WEIGHTS_FILES = (*NEEDED_FILES, *FITTED_FILES, CARD_FILE, LICENCE_FILE, MANIFEST_FILE)
"""All files that are read from a weights folder or exchanged with the hub."""

EMBEDDED_FOLDER = Path(__file__).parents[1] / "assets" / "lite0"
"""The weights embedded in this package, selected by None; for research only."""
OPEN = "open"
"""Name of the embedded weights that anybody may use for any purpose."""
OPEN_FOLDER = EMBEDDED_FOLDER.with_name(OPEN)

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def save_weights(
    folder: Path,
    network: "CoefficientNetwork",
    config: dict[str, Any],
    card: str | None = None,
    graph: bytes | None = None,
    landmarks: bytes | None = None,
) -> None:
    """Write a weights folder; on failure the files of an earlier save stay unchanged.

    Args:
        folder: created if missing; other files in it are kept.
        network: on any device.
        config: records to store beside the network's configuration (training settings, data,
            revision, validation figures); JSON values only.
        card: the model card; None keeps an existing one.
        graph: from `dasl.network.onnx_export.export_graph`; None keeps an existing one.
        landmarks: from `dasl.head.landmark_file.landmark_bytes`; None keeps an existing file.

    Raises:
        WeightsError: the folder cannot be written, a tensor is not finite in float16, or config
            is not made of JSON values.
    """
    described = {"format": FORMAT, "network": asdict(network.config), "config": config}
    try:
        config_json = json.dumps(described, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise WeightsError(f"config has a value that JSON cannot hold: {error}") from error
    stored = {name: _stored(name, tensor) for name, tensor in network.stored().tensors.items()}
    contents = {TENSOR_FILE: bytes_from_tensors(stored), CONFIG_FILE: config_json.encode()}
    if graph is not None:
        contents[GRAPH_FILE] = graph
    if landmarks is not None:
        contents[LANDMARKS_FILE] = landmarks
    if card is not None:
        contents[CARD_FILE] = card.encode()
    write_files(folder, contents)


def load_weights(
    source: str | Path | None = None, revision: str | None = None, head_id: str | None = None
) -> tuple["CoefficientNetwork", dict[str, Any]]:
    """Build a network in torch from a weights folder, strictly.

    Args:
        source: a folder, a hub id "user/repo" (a folder of that name wins), None for the embedded
            weights, or "open" for the embedded ones without a limit to research (for a folder of
            that name write "./open").
        revision: branch, tag or commit on the hub; used for a hub id only.
        head_id: of the wanted head model. Weights for another head are mapped to it
            (`dasl.weights.mapped`). None keeps them as stored.

    Returns:
        The network in float32 on the CPU, in eval mode, and the `config` of `save_weights`.

    Raises:
        WeightsError: a file is missing, damaged or cannot be fetched; a tensor is missing,
            unexpected, of the wrong shape or type, or not finite; or no map to `head_id` exists.

    Example:
        >>> network, config = load_weights("runs/lite0/weights")  # doctest: +SKIP
    """
    # Imported here so that inference with ONNX Runtime needs no torch.
    from dasl.network.coefficient_network import network_from_stored
    from dasl.weights.mapped import network_on_head

    folder = weights_folder(source, revision)
    stored, config = load_stored(folder)
    network = network_from_stored(stored, str(folder / TENSOR_FILE))
    if head_id is not None:
        network = network_on_head(network, head_id, str(source or folder))
    return network, config


def load_stored(folder: Path) -> tuple[StoredNetwork, dict[str, Any]]:
    """Read the tensors of a weights folder, without torch.

    Returns:
        The tensors, and the `config` of `save_weights`.

    Raises:
        WeightsError: a file is missing or damaged, or a tensor is not floating-point or not finite.
            Missing tensors are detected only when they are used.
    """
    network_config, config = read_config(folder / CONFIG_FILE)
    return StoredNetwork(network_config, _read_tensors(folder / TENSOR_FILE)), config


def load_int8(folder: Path, network: StoredNetwork) -> bytes | None:
    """Read the int8 file; None if there is none that was made of these weights.

    Another training leaves the int8 file of the weights before in its folder.

    Raises:
        WeightsError: the file cannot be read.
    """
    path = folder / INT8_FILE
    content = read_bytes(path) if path.exists() else b""
    return content if weights_hash(network).encode() in content else None


def load_graph(source: str | Path | None = None, precision: Precision = "float32") -> bytes | None:
    """Read the graph beside the weights; None if there is none in float32.

    Raises:
        WeightsError: as `weights_folder`, the file cannot be read, or there is none in int8.
    """
    folder = weights_folder(source)
    if precision == "float32":
        path = folder / GRAPH_FILE
        return read_bytes(path) if path.exists() else None
    if not (folder / INT8_FILE).exists():
        raise WeightsError(
            f"{folder}: there is no {INT8_FILE}; make it in a clone with `python -m "
            "tools.quantise_network FOLDER --root DATA`, or use float32"
        )
    return read_bytes(folder / INT8_FILE)


def load_statistics(folder: Path) -> IdentityStatistics | None:
    """Read the statistics of the network's identities; None if the folder has none.

    Raises:
        WeightsError: the file is damaged.
    """
    path = folder / STATISTICS_FILE
    return statistics_from_bytes(read_bytes(path), str(path)) if path.exists() else None


def load_judge(folder: Path) -> Judge | None:
    """Read what estimates the network's error; None if the folder has none.

    Raises:
        WeightsError: the file is damaged.
    """
    path = folder / ERROR_HEAD_FILE
    return judge_from_bytes(read_bytes(path), str(path)) if path.exists() else None


def weights_folder(source: str | Path | None = None, revision: str | None = None) -> Path:
    """Find a weights folder; a hub id is fetched.

    Args:
        source: as in `load_weights`.
        revision: as in `load_weights`.

    Returns: a local folder; its files may be incomplete.

    Raises:
        WeightsError: neither a folder nor a hub id, or the download fails.
    """
    if source is None:
        return EMBEDDED_FOLDER
    if source == OPEN:
        return OPEN_FOLDER
    folder = Path(source)
    if folder.is_dir():
        return folder
    if isinstance(source, str) and _HUB_ID.fullmatch(source):
        return fetch(source, revision, WEIGHTS_FILES, NEEDED_FILES)
    raise WeightsError(
        f"{source}: no such folder; wanted a weights folder, a hub id like user/repo, or {OPEN}"
    )


def _stored(name: str, tensor: FloatArray) -> npt.NDArray[np.floating[Any]]:
    dtype = np.dtype(np.float16 if tensor.ndim >= 2 else np.float32)
    # safetensors stores contiguous arrays only, and would refuse channels-last kernels.
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(tensor, dtype=dtype)
    if not np.isfinite(stored).all():
        raise WeightsError(
            f"tensor {name} is not finite as {dtype} (largest value {np.abs(tensor).max():g}); "
            "the training diverged"
        )
    return stored


def _read_tensors(path: Path) -> dict[str, FloatArray]:
    try:
        tensors = tensors_from_bytes(read_bytes(path))
    except SafetensorError as error:
        raise WeightsError(f"{path}: not a whole safetensors file ({error})") from error
    check_tensors(str(path), tensors, tensors)
    counters = {name for name in tensors if name.endswith(COUNTER)}
    return {name: tensors[name].astype(np.float32) for name in tensors.keys() - counters}


def write_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Write files of a weights folder, all or none.

    Args:
        folder: created if missing.
        contents: bytes of each file, by name.

    Raises:
        WeightsError: the folder cannot be written; existing files stay unchanged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic_files.write_files({folder / name: content for name, content in contents.items()})
    except OSError as error:
        raise WeightsError(f"{folder}: cannot write {' and '.join(contents)} ({error})") from error
