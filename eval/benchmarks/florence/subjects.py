"""The truth: the cropped points and the named points of each scan."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from tqdm import tqdm

from eval.benchmarks.florence.crop import CROP_RADIUS_MM, crop_around
from eval.benchmarks.florence.scan_landmarks import ScanLandmarks, read_landmarks
from eval.benchmarks.florence.scans import SUBJECT_COUNT, Scan, find_scans, read_scan, require_all
from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s, Ints
from eval.untrusted.text import listed

# A landmark farther from the scan than this is refused: it was not picked on this scan.
FARTHEST_LANDMARK_MM = 10.0
FEWEST_POINTS = 100


@dataclass(frozen=True, eq=False)
class Subject:
    """The truth of one subject.

    Attributes:
        name: such as subject_01.
        face_points: (N, 3) millimetres, scan frame: the scan's vertices in the crop.
        face_normals: (N, 3) of length 1, outward; 0 if the adjacent triangles have no area.
        face_triangles: (T, 3) indices into `face_points`: the scan's surface in the crop.
        landmarks: on the scan.
    """

    name: str
    face_points: Float64s
    face_normals: Float64s
    face_triangles: Ints
    landmarks: ScanLandmarks

    @property
    def nose_row(self) -> int:
        """Row of the nose tip, the crop's centre, among the named points."""
        return self.landmarks.names.index("nose_tip")


def make_subject(name: str, scan: Scan, landmarks: ScanLandmarks) -> Subject:
    """Crop a scan.

    Vertices that no triangle uses are left out.

    Raises:
        BenchmarkError: a landmark does not lie on the scan, or the crop has too few points.
    """
    used = np.zeros(len(scan.vertices), dtype=np.bool_)
    used[scan.triangles] = True
    surface = scan.vertices[used]
    distances, _ = cKDTree(surface).query(landmarks.points)
    worst = int(np.argmax(distances))
    if distances[worst] > FARTHEST_LANDMARK_MM:
        raise BenchmarkError(
            f"{landmarks.names[worst]} of {name} lies {distances[worst]:.1f} mm from the scan, "
            f"wanted at most {FARTHEST_LANDMARK_MM:g}; pick it on this scan, in its own frame"
        )
    inside = crop_around(surface, landmarks.nose_tip)
    points, normals = surface[inside], vertex_normals(scan.vertices, scan.triangles)[used][inside]
    if len(points) < FEWEST_POINTS:
        raise BenchmarkError(
            f"the scan of {name} has {len(points)} points within {CROP_RADIUS_MM:g} mm of the nose "
            f"tip, wanted at least {FEWEST_POINTS}; is its unit millimetres?"
        )
    row_of = np.full(len(scan.vertices), -1)
    row_of[np.flatnonzero(used)[inside]] = np.arange(len(points))
    triangles = row_of[scan.triangles]
    return Subject(name, points, normals, triangles[(triangles >= 0).all(axis=1)], landmarks)


def vertex_normals(vertices: Float64s, triangles: Ints) -> Float64s:
    """Mean normal of the triangles around each vertex, weighted by their area.

    Args:
        vertices: (V, 3).
        triangles: (T, 3), counter-clockwise from outside.

    Returns:
        (V, 3) of length 1; 0 for a vertex whose triangles have no area.
    """
    corners = vertices[triangles]
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], areas)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(np.divide(normals, length, out=np.zeros_like(normals), where=length > 0))


@dataclass(frozen=True, eq=False)
class Florence:
    """The benchmark.

    Attributes:
        subjects: in the order of their names, with the same named points.
        truth_source: the files that the truth came from.
    """

    subjects: tuple[Subject, ...]
    truth_source: str

    @property
    def point_names(self) -> tuple[str, ...]:
        """Names of the named points, the same for all subjects."""
        return self.subjects[0].landmarks.names


def load_benchmark(
    root: str | Path | None = None,
    landmarks: Path | None = None,
    *,
    subject_count: int = SUBJECT_COUNT,
) -> Florence:
    """Read and crop all scans, with a progress bar.

    Args:
        root: see `find_scans`.
        landmarks: file of named points; None takes the one in the scans' folder.
        subject_count: required number of scans.

    Raises:
        BenchmarkError: scans or landmarks are missing or malformed.
    """
    scans = find_scans(root)
    require_all(scans.paths, subject_count)
    points = read_landmarks(scans.folder, landmarks)
    subjects = []
    for name, path in tqdm(scans.paths.items(), desc="read scans", unit="scan"):
        scan = read_scan(path, with_colour=False)
        subjects.append(make_subject(name, scan, points.of(name)))
    other = [s.name for s in subjects if s.landmarks.names != subjects[0].landmarks.names]
    if other:
        raise BenchmarkError(
            f"{points.path} names other points for {listed(other)} than for {subjects[0].name}, "
            "wanted the same for all; add or remove some"
        )
    source = f"frontal1 scans, points of {points.path.name} (sha256 {points.sha256[:12]})"
    return Florence(tuple(subjects), source)
