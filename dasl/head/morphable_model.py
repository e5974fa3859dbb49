"""The 3D morphable model (3DMM): coefficients to vertices and landmarks in the model frame."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from dasl.errors import WeightsError, check_shape
from dasl.head.versions import HEAD_ID_KEY, head_id_of

EMBEDDED_HEAD = Path(__file__).parents[1] / "assets/head.safetensors"
INTEGER_TENSORS = (
    "triangles",
    "dense_triangles",
    "uv_triangles",
    "uv_vertex",
    "mirror_vertex",
    "landmarks68_vertices",
    "landmarks21_vertices",
)
FLOAT_TENSORS = (
    "mean_vertices",
    "identity_basis",
    "expression_basis",
    "identity_mirror_sign",
    "uv",
    "landmarks68_weights",
    "landmarks21_weights",
)


class MorphableModel(nn.Module):
    """Linear head model: mean + identity + expression, with landmarks on its surface.

    v = mean + sum_k identity_k * I_k + sum_e expression_e * E_e   (Blanz and Vetter 1999)

    Convention: model frame, metres. Identity is in standard deviations of a population,
    expression in [0, 1]. Buffers are not persistent: no basis ever enters a checkpoint.

    Attributes:
        mean_vertices: (V, 3); pupils 62 to 63 mm apart, as in scanned adults.
        reference_vertices: (V, 3) the mean of the first head model, in its own smaller size.
            Regions defined on it (hairline, paint, face region) stay on the same vertices when the
            mean changes. Equal to `mean_vertices` if a head file has none.
        identity_basis: (K, V, 3); expression_basis: (E, V, 3).
        identity_mirror_sign: (K,) mirrored identity = sign * identity.
        triangles: (T, 3) int64, counter-clockwise seen from outside.
        dense_triangles: (S, 3) int64, into the subdivided surface.
        uv: (U, 2), v up; uv_vertex: (U,) vertex of each; uv_triangles: (T, 3) indices into `uv`, in
            the order of `triangles`.
        mirror_vertex: (V,) left/right partner of each vertex.
        mirror_expression: (E,) int64, mirrored expression = expression[mirror_expression].
        expression_names: E ARKit names.
        head_id: id of the head, a hash of its content; see `dasl.head.versions`.
    """

    mean_vertices: Tensor
    reference_vertices: Tensor
    identity_basis: Tensor
    expression_basis: Tensor
    identity_mirror_sign: Tensor
    triangles: Tensor
    dense_triangles: Tensor
    uv: Tensor
    uv_vertex: Tensor
    uv_triangles: Tensor
    mirror_vertex: Tensor
    mirror_expression: Tensor
    landmarks68_vertices: Tensor
    landmarks68_weights: Tensor
    landmarks21_vertices: Tensor
    landmarks21_weights: Tensor
    _subdivision: Tensor

    def __init__(
        self,
        tensors: dict[str, Tensor],
        subdivision: Tensor,
        regions: dict[str, Tensor],
        expression_names: tuple[str, ...],
        head_id: str | None = None,
    ) -> None:
        """Build the model from tensors; see the class's attributes.

        Args:
            tensors: by name.
            subdivision: (D, V) sparse CSR operator.
            regions: name -> (V,) bool.
            expression_names: E names.
            head_id: None computes it from the tensors.
        """
        super().__init__()
        for name in INTEGER_TENSORS:
            self.register_buffer(name, tensors[name].to(torch.int64), persistent=False)
        for name in FLOAT_TENSORS:
            self.register_buffer(name, tensors[name].clone(), persistent=False)
        reference = tensors.get("reference_vertices", tensors["mean_vertices"])
        self.register_buffer("reference_vertices", reference.clone(), persistent=False)
        self.register_buffer("_subdivision", subdivision, persistent=False)
        self._regions = regions
        self.expression_names = expression_names
        self.head_id = head_id or head_id_of(tensors, expression_names)
        partners = [expression_names.index(mirrored_name(name)) for name in expression_names]
        mirror_expression = torch.tensor(partners, dtype=torch.int64)
        self.register_buffer("mirror_expression", mirror_expression, persistent=False)
        for points in ("landmarks68", "landmarks21"):
            for basis in ("mean_vertices", "identity_basis", "expression_basis"):
                value = self._surface_points(getattr(self, basis), points)
                self.register_buffer(f"_{points}_{basis}", value, persistent=False)

    @classmethod
    def load(
        cls, path: str | Path | None = None, dtype: torch.dtype = torch.float32
    ) -> "MorphableModel":
        """Read a head file; without a path the embedded one.

        Raises:
            WeightsError: the file is missing or damaged, lacks a tensor, or its content does not
                match its id.
        """
        path = Path(path) if path is not None else EMBEDDED_HEAD
        try:
            with safe_open(path, framework="pt") as file:
                stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                metadata = file.metadata() or {}
        except (OSError, SafetensorError) as error:
            raise WeightsError(
                f"cannot read the head model {path}: {error}; "
                "rebuild it with: python -m tools.build_head_model"
            ) from error
        missing = _missing(stored, metadata)
        if missing:
            raise WeightsError(f"the head model {path} lacks {', '.join(missing)}; rebuild it")
        expression_names, region_names = (
            _names(path, metadata[f"{of}_names"], f"{of}_names", len(stored[rows]))
            for of, rows in (("expression", "expression_basis"), ("region", "regions"))
        )
        head_id = head_id_of(stored, expression_names)
        if metadata.get(HEAD_ID_KEY, head_id) != head_id:
            raise WeightsError(
                f"the head model {path} has the id {metadata[HEAD_ID_KEY]}, but its content is "
                f"that of {head_id}; rebuild it with: python -m tools.build_head_model"
            )
        tensors = {name: stored[name] for name in INTEGER_TENSORS}
        floats = (*FLOAT_TENSORS, "reference_vertices")
        tensors |= {name: stored[name].to(dtype) for name in floats if name in stored}
        return cls(
            tensors,
            subdivision=_sparse_operator(stored, dtype),
            regions={name: stored["regions"][row].bool() for row, name in enumerate(region_names)},
            expression_names=expression_names,
            head_id=head_id,
        )

    @property
    def identity_count(self) -> int:
        """K."""
        return len(self.identity_basis)

    @property
    def expression_count(self) -> int:
        """E."""
        return len(self.expression_basis)

    @property
    def vertex_count(self) -> int:
        """V."""
        return len(self.mean_vertices)

    def with_landmarks(
        self,
        vertices68: Tensor,
        weights68: Tensor,
        vertices21: Tensor,
        weights21: Tensor,
    ) -> "MorphableModel":
        """The same head with other landmark points: (68 or 21, 3) vertices and weights."""
        return self._with(
            {
                "landmarks68_vertices": vertices68,
                "landmarks68_weights": weights68,
                "landmarks21_vertices": vertices21,
                "landmarks21_weights": weights21,
            }
        )

    def _with(self, changed: dict[str, Tensor]) -> "MorphableModel":
        names = (*INTEGER_TENSORS, *FLOAT_TENSORS, "reference_vertices")
        tensors = {name: getattr(self, name) for name in names}
        return MorphableModel(
            tensors | changed, self._subdivision, self._regions, self.expression_names
        )

    def region(self, name: str) -> Tensor:
        """(V,) bool mask of a named region.

        Raises:
            ValueError: there is no such region; the message lists the names.
        """
        if name not in self._regions:
            raise ValueError(f"no region {name!r}; there are {', '.join(sorted(self._regions))}")
        return self._regions[name]

    def vertices(self, identity: Tensor, expression: Tensor) -> Tensor:
        """(B, K) and (B, E) to (B, V, 3) metres."""
        self._check(identity, expression)
        return self._blend("", identity, expression)

    def landmarks68(self, identity: Tensor, expression: Tensor) -> Tensor:
        """The 68 iBUG landmarks, jaw line as fixed surface points: (B, 68, 3) metres."""
        self._check(identity, expression)
        return self._blend("_landmarks68_", identity, expression)

    def landmarks21(self, identity: Tensor, expression: Tensor) -> Tensor:
        """AFLW's 21 points, as separate surface points: (B, 21, 3) metres."""
        self._check(identity, expression)
        return self._blend("_landmarks21_", identity, expression)

    def landmarks68_of(self, vertices: Tensor) -> Tensor:
        """The 68 landmarks of given vertices in any frame: (..., V, 3) to (..., 68, 3)."""
        return self._surface_points(vertices, "landmarks68")

    def landmarks21_of(self, vertices: Tensor) -> Tensor:
        """AFLW's 21 points of given vertices in any frame: (..., V, 3) to (..., 21, 3)."""
        return self._surface_points(vertices, "landmarks21")

    def subdivide(self, vertices: Tensor) -> Tensor:
        """One Catmull-Clark step: (..., V, 3) to (..., D, 3), any frame."""
        leading = vertices.shape[:-2]
        columns = vertices.movedim(-2, 0).reshape(self.vertex_count, -1)
        return (self._subdivision @ columns).reshape(-1, *leading, 3).movedim(0, -2)

    def _blend(self, points: str, identity: Tensor, expression: Tensor) -> Tensor:
        mean = getattr(self, f"{points}mean_vertices")
        of_identity = getattr(self, f"{points}identity_basis").flatten(1)
        of_expression = getattr(self, f"{points}expression_basis").flatten(1)
        offsets = identity @ of_identity + expression @ of_expression
        return mean + offsets.reshape(-1, *mean.shape)

    def _surface_points(self, vertices: Tensor, points: str) -> Tensor:
        corners = vertices[..., getattr(self, f"{points}_vertices"), :]
        weights = getattr(self, f"{points}_weights").to(vertices.dtype)
        return (corners * weights[..., None]).sum(dim=-2)

    def _check(self, identity: Tensor, expression: Tensor) -> None:
        hint = "add a batch axis" if identity.ndim == 1 else ""
        check_shape("identity", identity, "B", self.identity_count, hint=hint)
        check_shape("expression", expression, len(identity), self.expression_count, hint=hint)


def _missing(stored: dict[str, Tensor], metadata: dict[str, str]) -> list[str]:
    sparse = ("subdivision_data", "subdivision_columns", "subdivision_row_starts", "regions")
    missing = [name for name in (*INTEGER_TENSORS, *FLOAT_TENSORS, *sparse) if name not in stored]
    return missing + [n for n in ("region_names", "expression_names") if n not in metadata]


def _names(path: Path, text: str, key: str, count: int) -> tuple[str, ...]:
    """The names in a head file's metadata.

    Raises:
        WeightsError: they are not a JSON list of `count` texts.
    """
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or len(names) != count:
        raise WeightsError(
            f"the head model {path}: {key} is {text:.40}, wanted a JSON list of {count} names; "
            "rebuild it with: python -m tools.build_head_model"
        )
    return tuple(str(name) for name in names)


def _sparse_operator(stored: dict[str, Tensor], dtype: torch.dtype) -> Tensor:
    """The (D, V) subdivision operator from its CSR arrays."""
    row_starts = stored["subdivision_row_starts"].to(torch.int64)
    rows = torch.repeat_interleave(torch.arange(len(row_starts) - 1), row_starts.diff())
    columns = torch.from_numpy(stored["subdivision_columns"].numpy().astype(np.int64))
    return torch.sparse_coo_tensor(
        torch.stack([rows, columns]),
        stored["subdivision_data"].to(dtype),
        size=(len(row_starts) - 1, len(stored["mean_vertices"])),
        check_invariants=True,
    ).coalesce()


def mirrored_name(name: str) -> str:
    """The ARKit unit after mirroring: `mouthSmileLeft` for `mouthSmileRight`."""
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name
