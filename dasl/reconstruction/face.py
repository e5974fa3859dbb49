"""`Face`, the result for one face: arrays on the photo, a head in the model frame, files.

Creating a `Face` is cheap. Dense vertices, texture and mesh are computed on demand.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.arrays import FloatArray, RgbImage
from dasl.errors import check_shape
from dasl.export.face_record import FaceRecord
from dasl.export.hair.surroundings import Surroundings, surroundings
from dasl.export.options import Align, HeadOptions, check_ipd
from dasl.export.save import RECORD_WRITERS, check_path, save_head, save_record
from dasl.export.textured_head import PhotoPatch, PhotoView, TexturedHead, patch_of_pose
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import image_from_model
from dasl.head.landmark_sets import LandmarkScheme, check_scheme, landmarks_in
from dasl.head.measures import ASSUMED_INTERPUPILLARY_MM, FaceMeasures, measure_head
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image, vertices_image
from dasl.head.surface import Part
from dasl.network.confidence import nme_from_confidence
from dasl.network.hair_parser import HairParser
from dasl.reconstruction.face_pose import FacePose, face_pose
from dasl.texture import DEFAULT_SIZE, Light
from dasl.texture.roughness import roughness_map

if TYPE_CHECKING:
    import trimesh


@dataclass(frozen=True, eq=False)
class Face:
    """One reconstructed face; made by `faces_from_coefficients`.

    Attributes:
        landmarks: (68, 3) float32, image frame.
        pose: weak-perspective pose on the photo.
        expression: ARKit name -> weight in [0, 1].
        identity: (K,) float32, standard deviations.
        confidence: in [0, 1].
        box: (4,) float32 x0, y0, x1, y1 of the detection, photo pixels at pixel edges.
        model: the head model.
        patch, around: copied parts of the photo: one for the texture, a wider one for the hair.
        more_views: the same head on further photos that also contribute to the texture.
        covered: which of "eyes" and "mouth" are probably covered; their landmarks are unreliable.
    """

    landmarks: FloatArray
    pose: FacePose
    expression: dict[str, float]
    identity: FloatArray
    confidence: float
    box: FloatArray
    model: MorphableModel = field(repr=False)
    patch: PhotoPatch = field(repr=False)
    around: Surroundings = field(repr=False)
    more_views: tuple[PhotoView, ...] = field(default=(), repr=False)
    covered: tuple[str, ...] = ()

    @property
    def coefficients(self) -> Coefficients:
        """A batch of one; the pose maps the model to the photo."""
        expression = np.array([list(self.expression.values())], dtype=np.float32)
        return Coefficients(self.pose.as_batch(), self.identity[None], expression)

    @cached_property
    def vertices(self) -> FloatArray:
        """(D, 3) float32, image frame: the dense (subdivided) surface."""
        found, model = self.coefficients, self.model
        dense = model.subdivide(model.vertices(found.identity, found.expression))
        vertices: FloatArray = image_from_model(dense, found.pose)
        return vertices[0]

    @property
    def triangles(self) -> npt.NDArray[np.int32]:
        """(S, 3) int32 into `vertices`, outward in the model frame."""
        return self.model.dense_triangles.astype(np.int32)

    @cached_property
    def head(self) -> TexturedHead:
        """The textured head for mesh files and images, built from the other fields."""
        return TexturedHead(self.model, self.coefficients, self.patch, self.more_views, self.around)

    @cached_property
    def measures(self) -> FaceMeasures:
        """Lengths on the neutral head, assuming an interpupillary distance of 63 mm."""
        return self.measured(ASSUMED_INTERPUPILLARY_MM)

    def measured(self, ipd_mm: float) -> FaceMeasures:
        """Lengths on the neutral head, scaled to an interpupillary distance of `ipd_mm`.

        Raises:
            ConfigError: `ipd_mm` is invalid.
        """
        check_ipd(ipd_mm)
        return measure_head(self.model, self.head.vertices_model(neutral=True), ipd_mm)

    @property
    def expected_nme(self) -> float:
        """Expected landmark error as a fraction of face size; equivalent to `confidence`."""
        return nme_from_confidence(self.confidence)

    def landmarks_in(self, scheme: LandmarkScheme) -> FloatArray:
        """Landmarks of another scheme, (N, 3) float32, image frame.

        Args:
            scheme: "106" (JD-landmark order) or "478" (MediaPipe's face mesh with irises).

        Raises:
            ConfigError: an unknown scheme, or a head model other than the embedded one.
        """
        vertices = vertices_image(self.model, self.coefficients)[0]
        return landmarks_in(scheme, self.model, vertices)

    def mesh(
        self,
        texture_size: int = DEFAULT_SIZE,
        *,
        part: Part = "head",
        subdivisions: int = 0,
        neutral: bool = False,
        align: Align = "head",
        ipd_mm: float | None = None,
        light: Light = "evened",
        expression: Mapping[str, float] | None = None,
    ) -> "trimesh.Trimesh":
        """Textured head: metres, y up, z forward.

        The arguments are attributes of `HeadOptions`, which describes them.

        Raises:
            ConfigError: an unknown option.
        """
        import trimesh  # imported here: it takes a fifth of a short program's start-up time

        options = HeadOptions(
            part, subdivisions, neutral, align, texture_size, ipd_mm, light, expression=expression
        )
        split = self.head.shaped_mesh(options)
        material = trimesh.visual.material.PBRMaterial(
            name="skin",
            baseColorTexture=Image.fromarray(self.head.texture(texture_size, light)),
            metallicFactor=0.0,
            roughnessFactor=1.0,
            metallicRoughnessTexture=Image.fromarray(roughness_map(self.model)),
            doubleSided=True,
        )
        return trimesh.Trimesh(
            vertices=split.vertices,
            faces=split.triangles,
            vertex_normals=split.normals,
            visual=trimesh.visual.TextureVisuals(uv=split.uv, material=material),
            process=False,
        )

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        part: Part = "head",
        subdivisions: int = 0,
        neutral: bool = False,
        align: Align = "head",
        texture_size: int = DEFAULT_SIZE,
        ipd_mm: float | None = None,
        light: Light = "evened",
        hair: bool = False,
        landmarks: Sequence[LandmarkScheme] = (),
        expression: Mapping[str, float] | None = None,
    ) -> Path:
        """Write the face to a file (three for .obj); the suffix selects the format.

        .glb: textured, neutral, with one morph target per expression, set to the fitted weights.
        .vrm: VRM 1.0, the whole head on a standing skeleton, with expressions and gaze.
        .obj (with .mtl and .texture.png beside it), .ply (vertex colours), .usdz (textured; needs
        the package usd-core): with the expression, metres. .stl: shape alone, millimetres.
        .json: pose, expression, identity, landmarks, measures. .npz: these and the dense surface.
        The keywords are those of `mesh`. Of these, only ipd_mm affects .json and .npz: it scales
        the measures; their expression is always the fitted one. `hair` adds hair or a hat to a
        whole head, as a separate mesh and material. `landmarks` names further schemes of
        `landmarks_in` for .json and .npz.

        Returns:
            The path written.

        Raises:
            ExportError: unsupported suffix, or the file cannot be written; no partial file remains.
            ConfigError: an unknown option.
        """
        options = HeadOptions(
            part, subdivisions, neutral, align, texture_size, ipd_mm, light, hair, expression
        )
        path = Path(path)
        check_path(path)
        for scheme in landmarks:
            check_scheme(scheme)
        if path.suffix.lower() in RECORD_WRITERS:
            save_record(path, self.record(ipd_mm, landmarks))
        else:
            save_head(path, self.head, options)
        return path

    def record(
        self, ipd_mm: float | None = None, landmarks: Sequence[LandmarkScheme] = ()
    ) -> FaceRecord:
        """The numeric results, as in .json and .npz files and the page's `/reconstruct`.

        Args:
            ipd_mm: interpupillary distance for the measures, millimetres; None assumes 63.
            landmarks: further schemes of `landmarks_in`.
        """
        pose = self.pose
        return FaceRecord(
            head_id=self.model.head_id,
            confidence=self.confidence,
            covered=self.covered,
            box=self.box,
            angles_deg=(pose.yaw_deg, pose.pitch_deg, pose.roll_deg),
            rotation=pose.rotation,
            scale=pose.scale,
            translation=pose.translation,
            expression=self.expression,
            identity=self.identity,
            landmarks=self.landmarks,
            vertices=self.vertices,
            triangles=self.triangles,
            measures=self.measures if ipd_mm is None else self.measured(ipd_mm),
            more_landmarks={scheme: self.landmarks_in(scheme) for scheme in landmarks},
        )


def faces_from_coefficients(
    model: MorphableModel,
    photo: RgbImage,
    coefficients: Coefficients,
    boxes: npt.NDArray[np.floating],
    confidences: Sequence[float] | npt.NDArray[np.floating],
    parser: HairParser | None = None,
) -> list[Face]:
    """Make one `Face` per row.

    Args:
        model: head model.
        photo: (H, W, 3) uint8 RGB; the region around each head is copied.
        coefficients: of B faces; pose maps the model to the image frame of `photo`.
        boxes: (B, 4) detections, photo pixels.
        confidences: (B,) in [0, 1].
        parser: for the hair; None if the weights have no hair network.

    Raises:
        ShapeError: the inputs' shapes disagree.
    """
    pose, identity, weights = coefficients.pose, coefficients.identity, coefficients.expression
    count = len(identity)
    check_shape("photo", photo, "H", "W", 3)
    check_shape("boxes", boxes, count, 4)
    check_shape("confidences", np.asarray(confidences), count)
    landmarks = landmarks68_image(model, coefficients)
    return [
        Face(
            landmarks=landmarks[row],
            pose=face_pose(pose, row),
            expression=dict(zip(model.expression_names, weights[row].tolist(), strict=True)),
            identity=identity[row],
            confidence=float(confidences[row]),
            box=np.asarray(boxes[row], dtype=np.float32),
            model=model,
            patch=patch_of_pose(photo, model, pose, row),
            around=surroundings(photo, pose, row, parser),
        )
        for row in range(count)
    ]
