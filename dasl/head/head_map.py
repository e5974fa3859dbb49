"""The map from one head's coefficients to another's, so that old files remain usable.

A new head has another shape space and another size. The map keeps expressions by their names, and
identity by the linear map that moves the face's vertices least. Pose is corrected for the change of
size and origin. `python -m tools.map_heads` writes the shipped file, with the measured residual.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from dasl.arrays import like
from dasl.errors import WeightsError
from dasl.geometry.coefficients import LOG_SCALE, POSE_COUNT, Coefficients, Pose
from dasl.geometry.frames import IMAGE_AXES
from dasl.head.versions import HEAD_1, UNKNOWN_HEAD

FORMAT = "dasl-head-map-1"
MAP_FILE = Path(__file__).parents[1] / "assets/from_head_1.safetensors"
"""The shipped map, from head 1 to the embedded head."""
NO_UNIT = -1
_NUMBERS = ("size", "residual_mean_mm", "residual_worst_mm")
_TENSORS = ("identity", "offset", "expression_source")


@dataclass(frozen=True, eq=False)
class HeadMap:
    """Coefficients of the source head to those of the target head; all tensors float64.

    A point v of the old head lies at `size` * v + `offset` on the new one. The old mean is mapped
    to the new mean, which is the better estimate of people's mean; a person's difference from the
    mean is kept.

    Attributes:
        source, target: ids of the two heads.
        identity: (K1, K0), new identity = identity @ old.
        expression_source: (E1,) int64, index of the old unit for each new one; `NO_UNIT` for a unit
            that the old head lacks, whose weight is 0.
        size: scale from old to new metres.
        offset: (3,) metres, model frame.
        residual_mean_mm, residual_worst_mm: distance of the mapped face's vertices from their
            targets, over random heads of the source: the mean, and the worst vertex of the worst
            head.
    """

    source: str
    target: str
    identity: Tensor
    expression_source: Tensor
    size: float
    offset: Tensor
    residual_mean_mm: float = 0.0
    residual_worst_mm: float = 0.0

    def coefficients(self, old: Coefficients) -> Coefficients:
        """The same B faces in the target's coefficients, pose in the same pixels."""
        scale = old.pose.scale / self.size
        moved = (old.pose.rotation @ self.offset.to(old.pose.rotation)) * scale[:, None]
        identity = old.identity.double() @ self.identity.T
        return Coefficients(
            Pose(
                rotation=old.pose.rotation,
                scale=scale,
                translation=old.pose.translation - (moved * like(IMAGE_AXES, moved))[:, :2],
            ),
            identity=identity.to(old.identity),
            expression=old.expression @ self.expression_matrix.to(old.expression).T,
        )

    def packed(self, scale: float) -> tuple[Tensor, Tensor]:
        """The same map of `dasl.geometry.coefficients.pack`ed vectors, which is affine.

        One approximation: the offset's effect on the translation is computed at a single scale.

        Args:
            scale: typical scale of the source's pose, pixels per metre.

        Returns:
            (9 + K1 + E1, 9 + K0 + E0) matrix and (9 + K1 + E1,) shift, float64.
        """
        pose = torch.eye(POSE_COUNT, dtype=torch.float64)
        # translation - scale * axes * (rows of the rotation @ offset)
        moved = self.offset * scale / self.size
        pose[LOG_SCALE + 1, 0:3] = -float(IMAGE_AXES[0]) * moved
        pose[LOG_SCALE + 2, 3:6] = -float(IMAGE_AXES[1]) * moved
        matrix = torch.block_diag(pose, self.identity, self.expression_matrix)
        shift = torch.zeros(len(matrix), dtype=torch.float64)
        shift[LOG_SCALE] = -math.log(self.size)
        return matrix, shift

    @property
    def counts(self) -> tuple[int, int]:
        """The target's numbers of identity and expression coefficients."""
        return len(self.identity), len(self.expression_source)

    @property
    def source_counts(self) -> tuple[int, int]:
        """The source's numbers of identity and expression coefficients."""
        return self.identity.shape[1], int(self.expression_source.max()) + 1

    @property
    def expression_matrix(self) -> Tensor:
        """(E1, E0): 1 for corresponding new and old units, else 0."""
        source = self.expression_source
        return (source[:, None] == torch.arange(self.source_counts[1])).double()

    def to_bytes(self) -> bytes:
        """The content of a file for `load_head_map`."""
        header = {"format": FORMAT, "source": self.source, "target": self.target}
        header |= {name: json.dumps(getattr(self, name)) for name in _NUMBERS}
        tensors = {name: getattr(self, name).contiguous() for name in _TENSORS}
        floats = ("identity", "offset")
        content: bytes = save(tensors | {n: tensors[n].float() for n in floats}, header)
        return content


def load_head_map(path: Path) -> HeadMap:
    """Read a map.

    Raises:
        WeightsError: the file is missing, damaged or of another format.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise ValueError(f"its format is {header.get('format')!r}, wanted {FORMAT!r}")
            tensors = {name: file.get_tensor(name) for name in _TENSORS}
            numbers = {name: float(json.loads(header[name])) for name in _NUMBERS}
            source, target = header["source"], header["target"]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(
            f"cannot read the map between heads {path}: {error}; "
            "rebuild it with: python -m tools.map_heads"
        ) from error
    doubles = {name: t.double() for name, t in tensors.items() if t.is_floating_point()}
    return HeadMap(source, target, **{**tensors, **doubles}, **numbers)  # type: ignore[arg-type]


def map_to(target: str, source: str, name: str, remedy: str) -> HeadMap:
    """The shipped map from a file's head to the target head.

    Args:
        target: id of the target head.
        source: id of the head that the file belongs to.
        name: of the file, for the start of the message.
        remedy: advice, for the end of the message.

    Raises:
        WeightsError: there is no such map.
    """
    if source == HEAD_1 and MAP_FILE.exists():
        head_map = load_head_map(MAP_FILE)
        if head_map.target == target:
            return head_map
    said = "does not say its head" if source == UNKNOWN_HEAD else f"belongs to head {source}"
    raise WeightsError(
        f"{name} {said}, wanted head {target}, and there is no map between them; {remedy}"
    )
