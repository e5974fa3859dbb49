"""An invented textured head, as Florence's scans come: millimetres, looking down by 20 degrees."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eval.benchmarks.florence.scan_landmarks import ScanLandmarks
from eval.benchmarks.florence.scans import Scan, Texture
from eval.benchmarks.florence.subjects import Florence, Subject, make_subject, vertex_normals
from eval.benchmarks.florence.views import View
from eval.submissions.landmarks68 import NAMED_POINTS

Floats = NDArray[np.float64]
LOOKS_DOWN_DEG = 20.0
# Longitude (to the image's right) and latitude of the named points, degrees.
PLACES = {
    "right_eye_outer": (-34.0, 14.0),
    "left_eye_outer": (34.0, 14.0),
    "nose_tip": (0.0, -2.0),
    "right_eye_inner": (-12.0, 13.0),
    "left_eye_inner": (12.0, 13.0),
    "right_mouth_corner": (-17.0, -26.0),
    "left_mouth_corner": (17.0, -26.0),
}


@dataclass(frozen=True, eq=False)
class Head:
    """A scan, its named points, and the outward normals of its vertices."""

    scan: Scan
    landmarks: ScanLandmarks
    normals: Floats


def invented_head(seed: int = 0, rows: int = 90) -> Head:
    """An ellipsoid with a nose, eye sockets and a chin; the seed decides its proportions."""
    latitude, longitude = np.meshgrid(
        np.linspace(-89, 89, rows), np.linspace(-180, 180, 2 * rows), indexing="ij"
    )
    sizes = np.array([76.0, 112.0, 96.0]) + np.random.default_rng(seed).uniform(-5, 5, 3)
    vertices = _turned(_surface(longitude.ravel(), latitude.ravel(), sizes))
    triangles = _triangles(*latitude.shape)
    uv = np.stack([longitude.ravel() / 360 + 0.5, latitude.ravel() / 180 + 0.5], axis=1)
    places = np.array(list(PLACES.values()))
    points = _turned(_surface(places[:, 0], places[:, 1], sizes))
    scan = Scan(vertices, triangles, Texture(uv, painted_skin()))
    landmarks = ScanLandmarks(tuple(PLACES), points)
    return Head(scan, landmarks, vertex_normals(vertices, triangles))


def painted_skin(height: int = 512) -> NDArray[np.uint8]:
    """Skin with eyes, brows, a mouth, hair, and a green dot on the tip of the nose."""
    v, u = np.mgrid[0:height, 0 : 2 * height]
    latitude, longitude = 90 - (v + 0.5) * 180 / height, (u + 0.5) * 180 / height - 180
    image = np.empty((height, 2 * height, 3), dtype=np.uint8)
    image[:] = (220, 170, 140)
    image[(latitude > 48) | (np.abs(longitude) > 95)] = (70, 45, 30)
    for side, iris in ((-1, (40, 80, 200)), (1, (60, 130, 60))):  # his right eye is blue
        x = longitude - side * 23
        image[(x / 11) ** 2 + ((latitude - 13.5) / 5) ** 2 < 1] = (250, 250, 250)
        image[x**2 + (latitude - 13.5) ** 2 < 16] = iris
        image[(np.abs(x) < 12) & (np.abs(latitude - 24 + 0.01 * x**2) < 1.5)] = (60, 40, 30)
    image[(longitude / 17) ** 2 + ((latitude + 26) / 4) ** 2 < 1] = (180, 40, 50)
    image[longitude**2 + (latitude + 2) ** 2 < 9] = (0, 255, 0)
    return image


def write_scans(folder: Path, heads: dict[str, Head], *, flat: bool = True) -> Path:
    """Heads as OBJ, MTL and PNG with landmarks.json, in either layout; returns the folder."""
    folder.mkdir(exist_ok=True)
    for name, head in heads.items():
        place = folder if flat else folder / name / "Model" / "frontal1" / "obj"
        place.mkdir(parents=True, exist_ok=True)
        write_obj(place / f"{name if flat else '110920150452'}.obj", head.scan)
    points = {
        name: dict(zip(head.landmarks.names, head.landmarks.points.tolist(), strict=True))
        for name, head in heads.items()
    }
    (folder / "landmarks.json").write_text(json.dumps(points))
    return folder


def write_obj(path: Path, scan: Scan) -> None:
    """A textured OBJ with its MTL and PNG beside it."""
    assert isinstance(scan.colour, Texture)
    lines = [f"mtllib {path.stem}.mtl", "usemtl skin"]
    lines += [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in scan.vertices.tolist()]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in scan.colour.uv.tolist()]
    lines += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in (scan.triangles + 1).tolist()]
    path.write_text("\n".join(lines) + "\n")
    path.with_suffix(".mtl").write_text(f"newmtl skin\nKd 1 1 1\nmap_Kd {path.stem}.png\n")
    Image.fromarray(scan.colour.image).save(path.with_suffix(".png"))


def as_subject(head: Head, name: str = "subject_01") -> Subject:
    """The head's truth."""
    return make_subject(name, head.scan, head.landmarks)


def as_benchmark(heads: dict[str, Head]) -> Florence:
    """The heads' truth."""
    return Florence(tuple(as_subject(head, name) for name, head in heads.items()), "invented")


def landmarks68(head: Head, view: View, depth: float = 0.0) -> Floats:
    """(68, 3) pixels: the named points where iBUG has them, the others at the nose tip."""
    points = view.image_from_scan(head.landmarks.points)
    places = np.repeat(points[2:3], 68, axis=0)
    places[[NAMED_POINTS[name] for name in head.landmarks.names]] = points
    return places + np.array([0.0, 0.0, depth])


def _surface(longitude: Floats, latitude: Floats, sizes: Floats) -> Floats:
    """(N, 3) millimetres, looking straight ahead."""
    x, y = np.radians(longitude), np.radians(latitude)
    unit = np.stack([np.cos(y) * np.sin(x), np.sin(y), np.cos(y) * np.cos(x)], axis=1)

    def bump(at: tuple[float, float], wide: float, high: float) -> Floats:
        away = ((longitude - at[0]) / wide) ** 2 + ((latitude - at[1]) / high) ** 2
        return np.exp(-away)

    out = 26 * bump((0, -2), 7, 8) + 9 * bump((0, 8), 6, 12) + 7 * bump((0, -45), 16, 8)
    out -= 7 * (bump((-23, 14), 12, 7) + bump((23, 14), 12, 7))
    out += 4 * bump((0, -26), 18, 6)
    return unit * sizes + unit * out[:, None]


def _turned(points: Floats) -> Floats:
    down = np.radians(LOOKS_DOWN_DEG)
    y, z = points[:, 1], points[:, 2]
    turned_y, turned_z = y * np.cos(down) - z * np.sin(down), y * np.sin(down) + z * np.cos(down)
    return np.stack([points[:, 0], turned_y, turned_z], axis=1)


def _triangles(rows: int, columns: int) -> NDArray[np.int64]:
    """Two to a square, counter-clockwise from outside."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    lower = np.stack([first, first + 1, first + columns], axis=1)
    upper = np.stack([first + 1, first + columns + 1, first + columns], axis=1)
    return np.concatenate([lower, upper])
