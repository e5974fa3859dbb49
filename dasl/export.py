"""Files of a face, by suffix: .glb .obj .ply .json .npz.

Every file is first written whole under a temporary name beside its final one, then renamed.
"""

import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
import trimesh
from PIL import Image
from trimesh.exchange.ply import export_ply

from dasl.errors import ExportError
from dasl.gltf import glb_bytes
from dasl.mesh import split_expression_basis

if TYPE_CHECKING:
    from dasl.face import Face

JPEG_QUALITY = 90
FRAMES = {
    "model": "metres, right-handed: x to the image's right for a frontal face, y up, z forward",
    "image": "photo pixels, 0-based, integer = pixel centre, x right, y down, z to the viewer",
    "pose": "image = (tx + v.x, ty - v.y, v.z) with v = scale * rotation @ model",
    "angles": "degrees; yaw > 0: nose to the image's left, pitch > 0: nose up, "
    "roll > 0: head leans to the image's left",
}
SCHEMA_VERSION = 1

Contents = dict[str, bytes]
"""Suffix, such as ".obj", -> what the file of that suffix holds."""


def save_face(face: "Face", path: Path) -> Path:
    """Writes the kind of file that the suffix names; see `Face.save`.

    Raises:
        ExportError: unknown suffix, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise ExportError(
            f"cannot write '{path}': the suffix must be one of {', '.join(WRITERS)}, "
            f"got {path.suffix or 'none'!r}"
        )
    _check_folder(path)
    contents = WRITERS[suffix](face, path.stem)
    write_files(
        {path if end == suffix else path.with_suffix(end): contents[end] for end in contents}
    )
    return path


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes all files or none: under temporary names first, then renamed.

    Raises:
        ExportError: a file cannot be written; no temporary file stays behind.
    """
    waiting: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            waiting[path] = _write_temporary(path, content)
        for path in files:
            os.replace(waiting[path], path)
            del waiting[path]
    except OSError as error:
        raise ExportError(
            f"cannot write '{path}': {error.strerror or error}; choose a folder that can be "
            "written and has space"
        ) from error
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ExportError(
            f"cannot write '{path}': there is no folder '{path.parent}'; make it first"
        )
    if path.is_dir():
        raise ExportError(f"cannot write '{path}': it is a folder; name a file")


def _write_temporary(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o666 & ~_umask())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _glb(face: "Face", name: str) -> Contents:
    basis = split_expression_basis(face.model)
    content = glb_bytes(
        mesh=face.split_mesh(neutral=True),
        texture=_jpeg(face.texture()),
        morph_targets=dict(zip(face.model.expression_names, basis, strict=True)),
        weights=face.expression,
    )
    return {".glb": content}


def _obj(face: "Face", name: str) -> Contents:
    """Vertices stay unsplit: texture coordinates have an index of their own."""
    split, model = face.split_mesh(), face.model
    first_of_vertex = np.zeros(model.vertex_count, dtype=np.int64)
    first_of_vertex[model.uv_vertex.numpy()] = np.arange(len(split.uv))
    corner = model.triangles.numpy() + 1
    corner_uv = split.triangles + 1
    lines = [f"mtllib {name}.mtl", "o head", "usemtl skin"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in split.vertices[first_of_vertex]]
    lines += [f"vt {u:.6f} {v:.6f}" for u, v in split.uv]
    lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in split.normals[first_of_vertex]]
    lines += [
        "f " + " ".join(f"{v}/{t}/{v}" for v, t in zip(vertices, uvs, strict=True))
        for vertices, uvs in zip(corner.tolist(), corner_uv.tolist(), strict=True)
    ]
    material = f"newmtl skin\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {name}.png\n"
    return {
        ".obj": ("\n".join(lines) + "\n").encode(),
        ".mtl": material.encode(),
        ".png": _encoded(face.texture(), "PNG"),
    }


def _ply(face: "Face", name: str) -> Contents:
    vertices = face.vertices_model().numpy()
    mesh = trimesh.Trimesh(
        vertices=vertices,
        faces=face.model.triangles.numpy(),
        vertex_colors=_vertex_colours(face),
        process=False,
    )
    return {".ply": export_ply(mesh)}


def _json(face: "Face", name: str) -> Contents:
    record = {
        "schema_version": SCHEMA_VERSION,
        "frames": FRAMES,
        "confidence": round(face.confidence, 4),
        "box": _rounded(face.box, 2),
        "pose": {
            "yaw_deg": round(face.pose.yaw_deg, 3),
            "pitch_deg": round(face.pose.pitch_deg, 3),
            "roll_deg": round(face.pose.roll_deg, 3),
            "rotation": _rounded(face.pose.rotation, 6),
            "scale_px_per_m": round(face.pose.scale, 3),
            "translation_px": _rounded(face.pose.translation, 3),
        },
        "expression": {key: round(value, 4) for key, value in face.expression.items()},
        "identity_sd": _rounded(face.identity, 4),
        "landmarks68_image": _rounded(face.landmarks, 2),
    }
    return {".json": (json.dumps(record, indent=1) + "\n").encode()}


def _npz(face: "Face", name: str) -> Contents:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        landmarks=face.landmarks,
        vertices=face.vertices,
        triangles=face.triangles,
        yaw_pitch_roll_deg=np.array(
            [face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg], dtype=np.float32
        ),
        rotation=face.pose.rotation,
        scale=np.float32(face.pose.scale),
        translation=face.pose.translation,
        expression=np.array(list(face.expression.values()), dtype=np.float32),
        expression_names=np.array(list(face.expression)),
        identity=face.identity,
        confidence=np.float32(face.confidence),
        box=face.box,
        frames=np.array(json.dumps(FRAMES)),
    )
    return {".npz": buffer.getvalue()}


WRITERS: dict[str, Callable[["Face", str], Contents]] = {
    ".glb": _glb,
    ".obj": _obj,
    ".ply": _ply,
    ".json": _json,
    ".npz": _npz,
}


def _vertex_colours(face: "Face") -> npt.NDArray[np.uint8]:
    """(V, 3), the texture at each vertex."""
    texture = face.texture()
    position = face.model.uv.numpy() * len(texture)
    column = (position[:, 0] - 0.5).astype(np.float32)
    row = (len(texture) - position[:, 1] - 0.5).astype(np.float32)
    at_uv = cv2.remap(texture, column[None], row[None], cv2.INTER_LINEAR)[0]
    colours = np.zeros((face.model.vertex_count, 3), dtype=np.uint8)
    colours[face.model.uv_vertex.numpy()] = at_uv
    return colours


def _jpeg(texture: npt.NDArray[np.uint8]) -> bytes:
    return _encoded(texture, "JPEG", quality=JPEG_QUALITY, subsampling=0)


def _encoded(picture: npt.NDArray[np.uint8], kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


def _rounded(values: npt.NDArray[Any], digits: int) -> list[Any]:
    return np.round(np.asarray(values, dtype=np.float64), digits).tolist()
