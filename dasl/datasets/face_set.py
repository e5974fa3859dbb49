"""A packed set of labelled faces: tensors of N crops and what is known of each.

A set is one file without pickle, small enough to send to a GPU machine, and lies on one device
as a whole: a step selects rows and augments them there.
"""

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from dasl.errors import ConfigError, ExportError, ShapeError, check_shape
from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE
from dasl.training.compact_pictures import pack_pictures, unpack_pictures

FORMAT = "dasl-face-set-1"

COMPACT_FORMAT = "dasl-face-set-1-webp"
"""The same with WebP pictures and half-precision numbers: steps of 0.06 pixels or less."""

_SHAPES: dict[str, tuple[int | str, ...]] = {
    "images": (3, CROP_SIZE, CROP_SIZE),
    "landmarks68_crop": (68, 3),
    "landmarks21_crop": (21, 2),
    "visible21": (21,),
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
        images: (N, 3, 120, 120) uint8, RGB crops.
        landmarks68_crop: (N, 68, 3) float32, crop frame, pixels; z towards the viewer, any offset.
        landmarks21_crop: (N, 21, 2) float32, hand-placed points of AFLW, crop frame, pixels.
        visible21: (N, 21) bool; False where a point is missing, whatever its numbers.
        rotation: (N, 3, 3) float32, view from model.
        scale: (N,) float32, crop pixels per metre.
        translation: (N, 2) float32, crop pixels.
        identity: (N, K) float32, standard deviations.
        expression: (N, E) float32, in [0, 1].
        coefficient_weight: (N,) float32, how far pose, identity and expression are 3D truth:
            1 for rendered heads, little for fitted ones, 0 for none.
        yaw_deg: (N,) float32, for bins only.
    """

    ids: tuple[str, ...]
    images: Tensor
    landmarks68_crop: Tensor
    landmarks21_crop: Tensor
    visible21: Tensor
    rotation: Tensor
    scale: Tensor
    translation: Tensor
    identity: Tensor
    expression: Tensor
    coefficient_weight: Tensor
    yaw_deg: Tensor

    def __post_init__(self) -> None:
        """Check shapes and types.

        Raises:
            ShapeError: a tensor disagrees with the attributes above.
            ConfigError: a tensor is of another type.
        """
        for name, shape in _SHAPES.items():
            tensor = getattr(self, name)
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
        """Where all the tensors lie."""
        return self.images.device

    @property
    def pose(self) -> Pose:
        """The labels' pose, model to crop."""
        return Pose(self.rotation, self.scale, self.translation)

    def to(self, device: torch.device | str) -> Self:
        """The same faces on another device."""
        return self._with({name: getattr(self, name).to(device) for name in _SHAPES})

    def select(self, index: Tensor) -> Self:
        """The faces at `index` (M,) int64, in that order."""
        rows = index.to(self.device)
        ids = tuple(self.ids[i] for i in index.tolist())
        return self._with({name: getattr(self, name)[rows] for name in _SHAPES}, ids)

    def _with(self, tensors: dict[str, Tensor], ids: tuple[str, ...] | None = None) -> Self:
        return dataclasses.replace(self, ids=self.ids if ids is None else ids, **tensors)

    def save(self, path: str | Path, webp_quality: int | None = None) -> None:
        """Write one safetensors file, whole or not at all.

        Args:
            path: where to.
            webp_quality: write the compact format, for travel; None keeps every bit.

        Raises:
            ExportError: it cannot be written: no space, no permission.
        """
        path = Path(path)
        temporary = path.with_name(path.name + ".part")
        tensors = {name: getattr(self, name).contiguous().cpu() for name in _SHAPES}
        header = {"format": FORMAT, "ids": json.dumps(self.ids)}
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
            try:
                save_file(tensors, temporary, metadata=header)
                os.replace(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
        except (OSError, SafetensorError) as error:
            raise ExportError(f"cannot write the face set {path}: {error}") from error


def load_face_set(path: str | Path) -> FaceSet:
    """Read what `FaceSet.save` wrote.

    Raises:
        ConfigError: the file is missing, damaged or something else.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") not in (FORMAT, COMPACT_FORMAT):
                raise ConfigError(f"{path} is not a packed face set ({FORMAT}); pack it anew")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"cannot read the face set {path}: {error}") from error
    if header["format"] == COMPACT_FORMAT:
        tensors = _from_compact(tensors)
    if set(tensors) != set(_SHAPES):
        raise ConfigError(f"{path} holds {sorted(tensors)}, wanted {sorted(_SHAPES)}")
    return FaceSet(ids=tuple(json.loads(header["ids"])), **tensors)


def _from_compact(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    for name in ("pictures", "picture_ends"):
        if name not in tensors:
            raise ConfigError(f"the compact face set has no {name}; pack it anew")
    images = unpack_pictures(tensors.pop("pictures"), tensors.pop("picture_ends"))
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    } | {"images": images}


def concatenate(sets: Sequence[FaceSet]) -> FaceSet:
    """One set of all the faces, in the order given.

    Raises:
        ConfigError: there is no set.
        ShapeError: the sets were made with head models of different sizes.
    """
    if not sets:
        raise ConfigError("there is no face set to concatenate; name at least one")
    sizes = {(s.identity.shape[1], s.expression.shape[1]) for s in sets}
    if len(sizes) > 1:
        raise ShapeError(f"the sets have different (identity, expression) counts: {sorted(sizes)}")
    ids = tuple(name for faces in sets for name in faces.ids)
    tensors = {name: torch.cat([getattr(s, name) for s in sets]) for name in _SHAPES}
    return FaceSet(ids=ids, **tensors)
