"""The `config.json` of a weights folder: the network's configuration and the trainer's records."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dasl.errors import ConfigError, WeightsError
from dasl.head.versions import id_of_file
from dasl.network.config import NetworkConfig

CONFIG_FILE = "config.json"
TENSOR_FILE = "model.safetensors"
FORMAT = "dasl-weights-2"
FORMAT_WITHOUT_HEAD = "dasl-weights-1"
"""The format before head models had ids."""


def read_bytes(path: Path) -> bytes:
    """Read a file of a weights folder.

    Raises:
        WeightsError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot read it ({error.strerror}); a weights folder holds {CONFIG_FILE} "
            f"and {TENSOR_FILE}"
        ) from error


def read_config(path: Path) -> tuple[NetworkConfig, dict[str, Any]]:
    """The network's configuration and the trainer's records, strictly.

    Raises:
        WeightsError: the file is missing, damaged or of another format.
    """
    content = read_bytes(path)
    try:
        described = json.loads(content)
    except ValueError as error:
        raise WeightsError(f"{path}: not JSON ({error})") from error
    _check_keys(path, "", described, {"format", "network", "config"})
    if described["format"] not in (FORMAT, FORMAT_WITHOUT_HEAD):
        raise WeightsError(f"{path}: format is {described['format']!r}, wanted {FORMAT!r}")
    has_head = described["format"] == FORMAT
    wanted = {f.name for f in fields(NetworkConfig)} - (set() if has_head else {"head_id"})
    _check_keys(path, "network", described["network"], wanted)
    if not isinstance(described["config"], dict):
        raise WeightsError(f"{path}: config is not an object")
    try:
        network = NetworkConfig(**described["network"])
        if not has_head:
            counts = (network.identity_count, network.expression_count)
            network = replace(network, head_id=id_of_file(None, *counts))
        return network, described["config"]
    except (ConfigError, TypeError) as error:
        raise WeightsError(f"{path}: {error}") from error


def _check_keys(path: Path, name: str, section: Any, wanted: set[str]) -> None:
    label = f"{name} " if name else ""
    if not isinstance(section, dict):
        raise WeightsError(f"{path}: {label}is a {type(section).__name__}, wanted an object")
    unknown, missing = sorted(set(section) - wanted), sorted(wanted - set(section))
    if unknown or missing:
        raise WeightsError(
            f"{path}: {label}has unknown keys {unknown} and lacks {missing}; "
            f"valid keys are {sorted(wanted)}"
        )
