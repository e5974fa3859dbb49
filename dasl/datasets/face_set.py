"""A packed set of labelled faces: tensors of N crops and their labels.

A set is one file without pickle, small enough to send to a GPU machine. The whole set is held on
one device, where each training step selects rows and augments them.
"""

import io
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from dasl.atomic_files import replacing
from dasl.errors import ConfigError, ExportError, check_shape
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.head.landmarks import AFLW_POINTS, IBUG_POINTS
from dasl.head.versions import HEAD_ID_KEY, id_of_file

FORMAT = "dasl-face-set-2"

COMPACT_FORMAT = "dasl-face-set-2-webp"
"""The same with WebP pictures and half-precision values: rounding steps of 0.06 pixels or less."""

# Formats that can be read; older ones do not state the head.
_PLAIN, _COMPACT = ("dasl-face-set-1", FORMAT), ("dasl-face-set-1-webp", COMPACT_FORMAT)

# The tensors on disk, and their shapes after the first axis.
_SHAPES: dict[str, tuple[int | str, ...]] = {
    "images": (3, CROP_SIZE, CROP_SIZE),
    "landmarks68_crop": (IBUG_POINTS, 3),
    "landmarks21_crop": (AFLW_POINTS, 2),
    "visible21": (AFLW_POINTS,),
    "rotation": (3, 3),
    "scale": (),
    "translation": (2,),
    "identity": ("K",),
    "expression": ("E",),
    "coefficient_weight": (),
    "yaw_deg": (),
}


@dataclass(frozen=True)
class FaceSet:
    """N labelled faces, all tensors on one device.

    Inside a training step `images` is float32 in 0..255; packed and on disk it is uint8.

    Attributes:
        ids: N names, unique within a set on disk.
        head_id: of the head model that the coefficients belong to (`dasl.head.versions`).
        images: (N, 3, 120, 120) uint8, RGB crops.
        landmarks68_crop: (N, 68, 3) float32, crop frame, pixels; z towards the viewer, any offset.
        landmarks21_crop: (N, 21, 2) float32, hand-placed points of AFLW, crop frame, pixels.
        visible21: (N, 21) bool; False for missing points, whose values are meaningless.
        coefficients: of N faces, float32; pose in crop pixels.
        coefficient_weight: (N,) float32, weight of the coefficients as 3D truth: 1 for rendered
            heads, small for fitted ones, 0 if there are none.
        yaw_deg: (N,) float32, for bins only.
    """

    ids: tuple[str, ...]
    head_id: str
    images: Tensor
    landmarks68_crop: Tensor
    landmarks21_crop: Tensor
    visible21: Tensor
    coefficients: Coefficients
    coefficient_weight: Tensor
    yaw_deg: Tensor

    def __post_init__(self) -> None:
        """Check shapes and types.

        Raises:
            ShapeError: a tensor disagrees with the attributes above.
            ConfigError: a tensor is of another type.
        """
        tensors = self._tensors()
        for name, shape in _SHAPES.items():
            tensor = tensors[name]
            check_shape(name, tensor, len(self.ids), *shape, hint="one row for each of ids")
            floats = name not in ("images", "visible21")
            if floats and not tensor.is_floating_point():
                raise ConfigError(f"{name} must be a float tensor, got {tensor.dtype}")
        if self.visible21.dtype != torch.bool:
            raise ConfigError(f"visible21 must be a bool tensor, got {self.visible21.dtype}")

    def __len__(self) -> int:
        """Count the faces."""
        return len(self.ids)

    @property
    def device(self) -> torch.device:
        """The device of all tensors."""
        return self.images.device

    @property
    def coefficient_counts(self) -> tuple[int, int]:
        """K and E, the numbers of identity and expression coefficients."""
        return self.coefficients.identity.shape[1], self.coefficients.expression.shape[1]

    def to(self, device: torch.device | str) -> "FaceSet":
        """The same faces on another device."""
        moved = {k: v.to(device) for k, v in self._tensors().items()}
        return _from_tensors(self.ids, self.head_id, moved)

    def select(self, index: Tensor) -> "FaceSet":
        """The faces at `index` (M,) int64, in that order."""
        rows = index.to(self.device)
        ids = tuple(self.ids[i] for i in index.tolist())
        return _from_tensors(ids, self.head_id, {k: v[rows] for k, v in self._tensors().items()})

    def _tensors(self) -> dict[str, Tensor]:
        """Every tensor under its name in a file."""
        coefficients = self.coefficients
        return {
            "images": self.images,
            "landmarks68_crop": self.landmarks68_crop,
            "landmarks21_crop": self.landmarks21_crop,
            "visible21": self.visible21,
            "rotation": coefficients.pose.rotation,
            "scale": coefficients.pose.scale,
            "translation": coefficients.pose.translation,
            "identity": coefficients.identity,
            "expression": coefficients.expression,
            "coefficient_weight": self.coefficient_weight,
            "yaw_deg": self.yaw_deg,
        }

    def save(self, path: str | Path, webp_quality: int | None = None) -> None:
        """Write one safetensors file atomically.

        Args:
            path: destination.
            webp_quality: write the compact format, for transfer; None is lossless.

        Raises:
            ExportError: it cannot be written: no space, no permission.
        """
        path = Path(path)
        tensors = {name: tensor.contiguous().cpu() for name, tensor in self._tensors().items()}
        header = {"format": FORMAT, HEAD_ID_KEY: self.head_id, "ids": json.dumps(self.ids)}
        if webp_quality is not None:
            header["format"] = COMPACT_FORMAT
            pictures, ends = pack_pictures(tensors.pop("images"), webp_quality)
            tensors = {
                name: tensor.half() if tensor.is_floating_point() else tensor
                for name, tensor in tensors.items()
            }
            tensors |= {"pictures": pictures, "picture_ends": ends}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                save_file(tensors, temporary, metadata=header)
        except (OSError, SafetensorError) as error:
            raise ExportError(f"cannot write the face set {path}: {error}") from error


def load_face_set(path: str | Path) -> FaceSet:
    """Read a file of `FaceSet.save`, with coefficients of the head that it belongs to.

    `dasl.datasets.mapped_faces` converts it to another head.

    Raises:
        ConfigError: the file is missing, damaged or of another format.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") not in (*_PLAIN, *_COMPACT):
                raise ConfigError(f"{path} is not a packed face set ({FORMAT}); pack it again")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"cannot read the face set {path}: {error}") from error
    if header["format"] in _COMPACT:
        tensors = _from_compact(tensors)
    if set(tensors) != set(_SHAPES):
        raise ConfigError(f"{path} holds {sorted(tensors)}, wanted {sorted(_SHAPES)}")
    counts = tensors["identity"].shape[-1], tensors["expression"].shape[-1]
    head_id = id_of_file(header.get(HEAD_ID_KEY), *counts)
    return _from_tensors(_ids(path, header.get("ids", "")), head_id, tensors)


def _ids(path: str | Path, text: str) -> tuple[str, ...]:
    try:
        ids = json.loads(text)
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise ConfigError(f"{path}: ids are {text[:40]!r}, wanted a JSON list; pack it again")
    return tuple(ids)


def _from_compact(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    for name in ("pictures", "picture_ends"):
        if name not in tensors:
            raise ConfigError(f"the compact face set has no {name}; pack it again")
    images = unpack_pictures(tensors.pop("pictures"), tensors.pop("picture_ends"))
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    } | {"images": images}


def concatenate(sets: Sequence[FaceSet]) -> FaceSet:
    """One set of all the faces, in the order given.

    Raises:
        ConfigError: there is no set, or the sets belong to different head models.
    """
    if not sets:
        raise ConfigError("there is no face set to concatenate; name at least one")
    heads = {(faces.head_id, *faces.coefficient_counts) for faces in sets}
    if len(heads) > 1:
        raise ConfigError(
            f"the sets belong to different heads (id, identity and expression counts): "
            f"{sorted(heads)}; label the faces with one head"
        )
    ids = tuple(name for faces in sets for name in faces.ids)
    parts = [faces._tensors() for faces in sets]
    together = {name: torch.cat([part[name] for part in parts]) for name in _SHAPES}
    return _from_tensors(ids, sets[0].head_id, together)


def _from_tensors(ids: tuple[str, ...], head_id: str, tensors: Mapping[str, Tensor]) -> FaceSet:
    """The inverse of `FaceSet._tensors`."""
    return FaceSet(
        ids=ids,
        head_id=head_id,
        images=tensors["images"],
        landmarks68_crop=tensors["landmarks68_crop"],
        landmarks21_crop=tensors["landmarks21_crop"],
        visible21=tensors["visible21"],
        coefficients=Coefficients(
            Pose(tensors["rotation"], tensors["scale"], tensors["translation"]),
            tensors["identity"],
            tensors["expression"],
        ),
        coefficient_weight=tensors["coefficient_weight"],
        yaw_deg=tensors["yaw_deg"],
    )


def pack_pictures(images: Tensor, quality: int) -> tuple[Tensor, Tensor]:
    """Compress crops.

    Args:
        images: (N, 3, 120, 120) uint8, RGB.
        quality: of WebP, 0 to 100.

    Returns:
        (M,) uint8, all files concatenated, and (N,) int64, the end of each.
    """
    with ThreadPoolExecutor() as pool:
        files = list(pool.map(lambda image: _webp(image, quality), images.cpu().numpy()))
    ends = torch.tensor([len(file) for file in files], dtype=torch.int64).cumsum(0)
    return torch.from_numpy(np.frombuffer(b"".join(files), dtype=np.uint8).copy()), ends


def unpack_pictures(data: Tensor, ends: Tensor) -> Tensor:
    """The crops of `pack_pictures`: (N, 3, 120, 120) uint8.

    Raises:
        ConfigError: the bytes are damaged.
    """
    everything, stops = data.numpy().tobytes(), ends.tolist()
    parts = zip([0, *stops[:-1]], stops, strict=True)
    try:
        with ThreadPoolExecutor() as pool:
            crops = list(pool.map(lambda part: _crop(everything[slice(*part)]), parts))
    except (OSError, ValueError, TypeError, Image.DecompressionBombError) as error:
        raise ConfigError(f"a picture of the packed face set is damaged: {error}") from error
    return torch.from_numpy(np.stack(crops))


def _webp(image: np.ndarray, quality: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(
        packed, "WEBP", quality=quality, method=6
    )
    return packed.getvalue()


def _crop(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
        if picture.size != (CROP_SIZE, CROP_SIZE):
            raise ValueError(f"wanted {CROP_SIZE} x {CROP_SIZE} pixels, got {picture.size}")
        return np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
