"""The 3D morphable model (3DMM): coefficients to vertices and landmarks in the model frame."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.arrays import (
    Array,
    FloatArray,
    IntArray,
    array_namespace,
    device,
    is_torch_array,
    like,
)
from dasl.errors import check_shape
from dasl.head.head_file import FLOAT_TENSORS, INTEGER_TENSORS, read_head_file
from dasl.head.versions import head_id_of

EMBEDDED_HEAD = Path(__file__).parents[1] / "assets/head.safetensors"
Mask = npt.NDArray[np.bool_]


class MorphableModel:
    """Linear head model: mean + identity + expression, with landmarks on its surface.

    v = mean + sum_k identity_k * I_k + sum_e expression_e * E_e   (Blanz and Vetter 1999)

    Convention: model frame, metres. Identity is in standard deviations of a population,
    expression in [0, 1]. The attributes are NumPy arrays. The methods answer in the kind of array
    that they are given: NumPy, or torch on any device, where a copy of the bases is kept.

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
        landmarks_of: for a head whose landmarks were replaced, the id of the head before; else
            None.
    """

    mean_vertices: FloatArray
    reference_vertices: FloatArray
    identity_basis: FloatArray
    expression_basis: FloatArray
    identity_mirror_sign: FloatArray
    triangles: IntArray
    dense_triangles: IntArray
    uv: FloatArray
    uv_vertex: IntArray
    uv_triangles: IntArray
    mirror_vertex: IntArray
    mirror_expression: IntArray
    landmarks68_vertices: IntArray
    landmarks68_weights: FloatArray
    landmarks21_vertices: IntArray
    landmarks21_weights: FloatArray
    landmarks_of: str | None = None

    def __init__(
        self,
        tensors: Mapping[str, Array],
        subdivision: Array,
        regions: Mapping[str, Array],
        expression_names: tuple[str, ...],
        head_id: str | None = None,
    ) -> None:
        """Build the model from tensors; see the class's attributes.

        Args:
            tensors: by name.
            subdivision: (D, V) operator, sparse or not.
            regions: name -> (V,) bool.
            expression_names: E names.
            head_id: None computes it from the tensors.
        """
        arrays = {name: np.asarray(tensors[name]) for name in tensors}
        for name in INTEGER_TENSORS:
            setattr(self, name, arrays[name].astype(np.int64))
        for name in FLOAT_TENSORS:
            setattr(self, name, arrays[name].copy())
        self.reference_vertices = arrays.get("reference_vertices", self.mean_vertices)
        self._subdivision = scipy.sparse.csr_array(subdivision)
        self._regions = {name: np.asarray(mask) for name, mask in regions.items()}
        self.expression_names = expression_names
        self.head_id = head_id or head_id_of(arrays, expression_names)
        partners = [expression_names.index(mirrored_name(name)) for name in expression_names]
        self.mirror_expression = np.array(partners, dtype=np.int64)
        self._copies: dict[Any, Any] = {}

    @classmethod
    def load(
        cls, path: str | Path | None = None, dtype: npt.DTypeLike = np.float32
    ) -> "MorphableModel":
        """Read a head file; without a path the embedded one.

        Raises:
            WeightsError: the file is missing or damaged, lacks a tensor, or its content does not
                match its id.
        """
        path = Path(path) if path is not None else EMBEDDED_HEAD
        stored = read_head_file(path)
        tensors = {name: stored.tensors[name] for name in INTEGER_TENSORS}
        floats = (*FLOAT_TENSORS, "reference_vertices")
        tensors |= {n: stored.tensors[n].astype(dtype) for n in floats if n in stored.tensors}
        return cls(
            tensors,
            subdivision=stored.subdivision.astype(dtype),
            regions=stored.regions,
            expression_names=stored.expression_names,
            head_id=stored.head_id,
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
        vertices68: Array,
        weights68: Array,
        vertices21: Array,
        weights21: Array,
    ) -> "MorphableModel":
        """The same head with other landmark points: (68 or 21, 3) vertices and weights.

        Its id follows from this head's id and the points.
        """
        points: dict[str, Array] = {
            "landmarks68_vertices": np.asarray(vertices68, dtype=np.int64),
            "landmarks68_weights": np.asarray(weights68, dtype=np.float32),
            "landmarks21_vertices": np.asarray(vertices21, dtype=np.int64),
            "landmarks21_weights": np.asarray(weights21, dtype=np.float32),
        }
        names = (*INTEGER_TENSORS, *FLOAT_TENSORS, "reference_vertices")
        tensors = {name: getattr(self, name) for name in names}
        placed = MorphableModel(
            tensors | points,
            self._subdivision,
            self._regions,
            self.expression_names,
            head_id_of(points, (self.head_id, *self.expression_names)),
        )
        placed.landmarks_of = self.head_id
        return placed

    def region(self, name: str) -> Mask:
        """(V,) bool mask of a named region.

        Raises:
            ValueError: there is no such region; the message lists the names.
        """
        if name not in self._regions:
            raise ValueError(f"no region {name!r}; there are {', '.join(sorted(self._regions))}")
        return self._regions[name]

    def vertices(self, identity: Array, expression: Array) -> Array:
        """(B, K) and (B, E) to (B, V, 3) metres."""
        self._check(identity, expression)
        return self._blend("", identity, expression)

    def landmarks68(self, identity: Array, expression: Array) -> Array:
        """The 68 iBUG landmarks, jaw line as fixed surface points: (B, 68, 3) metres."""
        self._check(identity, expression)
        return self._blend("landmarks68", identity, expression)

    def landmarks21(self, identity: Array, expression: Array) -> Array:
        """AFLW's 21 points, as separate surface points: (B, 21, 3) metres."""
        self._check(identity, expression)
        return self._blend("landmarks21", identity, expression)

    def landmarks68_of(self, vertices: Array) -> Array:
        """The 68 landmarks of given vertices in any frame: (..., V, 3) to (..., 68, 3)."""
        return self._surface_points(vertices, "landmarks68")

    def landmarks21_of(self, vertices: Array) -> Array:
        """AFLW's 21 points of given vertices in any frame: (..., V, 3) to (..., 21, 3)."""
        return self._surface_points(vertices, "landmarks21")

    def subdivide(self, vertices: Array) -> Array:
        """One Catmull-Clark step: (..., V, 3) to (..., D, 3), both near the origin.

        The stored weights of a point sum to one within 1e-4 only.
        """
        xp = array_namespace(vertices)
        leading = vertices.shape[:-2]
        columns = xp.reshape(xp.moveaxis(vertices, -2, 0), (self.vertex_count, -1))
        operator = self._subdivision_like(vertices)
        return xp.moveaxis(xp.reshape(operator @ columns, (-1, *leading, 3)), 0, -2)

    def _blend(self, points: str, identity: Array, expression: Array) -> Array:
        """Mean + identity + expression of all vertices (""), or of landmarks by their name."""
        mean, of_identity, of_expression = self._bases_like(points, identity)
        offsets = identity @ of_identity + expression @ of_expression
        return mean + array_namespace(identity).reshape(offsets, (-1, *mean.shape))

    def _surface_points(self, vertices: Array, points: str) -> Array:
        corners = vertices[..., getattr(self, f"{points}_vertices"), :]
        weights = like(getattr(self, f"{points}_weights"), vertices)
        return array_namespace(vertices).sum(corners * weights[..., None], axis=-2)

    def _bases_like(self, points: str, example: Array) -> tuple[Array, Array, Array]:
        """Mean (N, 3), identity (K, 3 N) and expression (E, 3 N) of some points."""

        def make() -> tuple[Array, Array, Array]:
            bases = (self.mean_vertices, self.identity_basis, self.expression_basis)
            if points:
                bases = tuple(self._surface_points(basis, points) for basis in bases)
            mean, identity, expression = (like(basis, example) for basis in bases)
            xp = array_namespace(example)
            return mean, *(xp.reshape(b, (len(b), -1)) for b in (identity, expression))

        return self._copy_like(points, example, make)

    def _subdivision_like(self, example: Array) -> Array:
        """The (D, V) operator as a sparse matrix of SciPy's or torch's."""

        def make() -> Array:
            return (
                _torch_sparse(self._subdivision, example)
                if is_torch_array(example)
                else (self._subdivision.astype(example.dtype))
            )

        return self._copy_like("subdivision", example, make)

    def _copy_like(self, name: str, example: Array, make: Callable[[], Any]) -> Any:
        """What `make` gives; kept for each kind, type and device of array."""
        key = (name, type(example), example.dtype, str(device(example)))
        if key not in self._copies:
            self._copies[key] = make()
        return self._copies[key]

    def _check(self, identity: Array, expression: Array) -> None:
        hint = "add a batch axis" if identity.ndim == 1 else ""
        check_shape("identity", identity, "B", self.identity_count, hint=hint)
        check_shape("expression", expression, len(identity), self.expression_count, hint=hint)


def _torch_sparse(operator: scipy.sparse.csr_array, example: Array) -> Array:
    """The same operator as a sparse tensor."""
    import torch

    entries = operator.tocoo()
    return (
        torch.sparse_coo_tensor(
            torch.from_numpy(np.stack([entries.row, entries.col]).astype(np.int64)),
            torch.from_numpy(entries.data),
            size=operator.shape,
            check_invariants=True,
        )
        .coalesce()
        .to(device=example.device, dtype=example.dtype)
    )


def mirrored_name(name: str) -> str:
    """The ARKit unit after mirroring: `mouthSmileLeft` for `mouthSmileRight`."""
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name
