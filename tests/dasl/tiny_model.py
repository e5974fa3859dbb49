"""A head of 12 vertices, 3 identity components, 2 expressions; its faces, and a small network."""

from collections.abc import Callable

import torch

from dasl.datasets.face_set import FaceSet
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.head_file import FLOAT_TENSORS, INTEGER_TENSORS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from dasl.network import efficientnet_lite, resnet
from dasl.network.efficientnet_lite import EfficientNetLite0, Stage
from dasl.network.resnet import ResNet50
from dasl.training import critic

V, K, E = 12, 3, 2
STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expansion=1, channels=8),
    Stage(repeats=2, kernel=3, stride=2, expansion=2, channels=8),
    Stage(repeats=1, kernel=5, stride=2, expansion=2, channels=16),
    Stage(repeats=1, kernel=3, stride=2, expansion=2, channels=24),
    Stage(repeats=1, kernel=5, stride=2, expansion=2, channels=32),
)


def use_tiny_networks(replace: Callable[[object, str, object], object] = setattr) -> None:
    """Both backbones and the critic with fewer layers and channels, for tests of what trains them.

    Args:
        replace: sets an attribute; `MonkeyPatch.setattr` in a test.
    """
    replace(efficientnet_lite, "STAGES", STAGES)
    replace(efficientnet_lite, "STEM_CHANNELS", 8)
    replace(efficientnet_lite, "HEAD_CHANNELS", 64)
    replace(EfficientNetLite0, "channels", 64)
    replace(resnet, "STAGE_WIDTHS", (8, 8, 16, 16))
    replace(resnet, "STAGE_REPEATS", (1, 1, 1, 1))
    replace(ResNet50, "channels", 64)
    replace(critic, "ENCODER_WIDTHS", (4, 8, 8, 8, 16, 16))
    replace(critic, "HIDDEN", (32, 64, 64))


def tiny_model() -> MorphableModel:
    """Symmetric: vertex 2i+1 mirrors 2i; landmark n lies at vertex n % 12 and its neighbours."""
    generator = torch.Generator().manual_seed(5)
    mean = _mirrored(torch.randn(6, 3, generator=generator) * 0.05)
    identity = torch.stack(
        [_mirrored(torch.randn(6, 3, generator=generator) * 0.01, sign) for sign in (1, -1, 1)]
    )
    left = torch.randn(V, 3, generator=generator) * 0.01
    right = (left * torch.tensor([-1.0, 1.0, 1.0]))[_partner(torch.arange(V))]
    tensors = {name: torch.zeros(1, 3, dtype=torch.int64) for name in INTEGER_TENSORS}
    tensors |= {name: torch.zeros(1, 2) for name in FLOAT_TENSORS}
    tensors |= {
        "mean_vertices": mean,
        "identity_basis": identity,
        "expression_basis": torch.stack((left, right)),
        "identity_mirror_sign": torch.tensor([1.0, -1.0, 1.0]),
        "mirror_vertex": _partner(torch.arange(V)),
    }
    from dasl.head.landmarks import MIRROR_21, MIRROR_68

    for name, mirror in (("landmarks68", MIRROR_68), ("landmarks21", MIRROR_21)):
        corners, weights = _symmetric_points(mirror, generator)
        tensors[f"{name}_vertices"], tensors[f"{name}_weights"] = corners, weights
    everything = torch.ones(V, dtype=torch.bool)
    names = ("browDownLeft", "browDownRight")
    return MorphableModel(tensors, torch.eye(V), {"face": everything}, names)


def _partner(vertices: torch.Tensor) -> torch.Tensor:
    return vertices ^ 1


def _mirrored(half: torch.Tensor, sign: int = 1) -> torch.Tensor:
    other = half * torch.tensor([-1.0, 1.0, 1.0]) * sign
    return torch.stack((half, other), dim=1).reshape(-1, 3)


def _symmetric_points(
    mirror: tuple[int, ...], generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Barycentric points of which n and mirror[n] are mirror images."""
    corners = torch.zeros(len(mirror), 3, dtype=torch.int64)
    weights = torch.zeros(len(mirror), 3)
    for point, partner in enumerate(mirror):
        if partner < point:
            corners[point], weights[point] = _partner(corners[partner]), weights[partner]
        elif partner == point:
            corner = int(torch.randint(0, V, (1,), generator=generator))
            corners[point] = torch.tensor([corner, corner ^ 1, corner])
            weights[point] = torch.tensor([0.25, 0.5, 0.25])
        else:
            corners[point] = torch.randint(0, V, (3,), generator=generator)
            weights[point] = torch.softmax(torch.randn(3, generator=generator), dim=0)
    return corners, weights


def random_coefficients(count: int, seed: int = 0) -> Coefficients:
    """Heads of which all landmarks lie well inside the crop."""
    generator = torch.Generator().manual_seed(seed)
    angles = torch.randn(count, 3, generator=generator) * 20
    pose = Pose(
        rotation=rotation_from_euler_deg(angles),
        scale=350 + 50 * torch.rand(count, generator=generator),
        translation=60 + 4 * torch.randn(count, 2, generator=generator),
    )
    identity = torch.randn(count, K, generator=generator)
    return Coefficients(pose, identity, torch.rand(count, E, generator=generator))


def invented_faces(
    count: int, seed: int = 0, model: MorphableModel | None = None, noise: float = 20.0
) -> FaceSet:
    """Faces whose pictures show the landmarks: a grey dot around each, over noise."""
    model = model or tiny_model()
    coefficients = random_coefficients(count, seed)
    points68 = landmarks68_image(model, coefficients)
    points21 = landmarks21_image(model, coefficients)[..., :2]
    generator = torch.Generator().manual_seed(seed + 1)
    pixels = torch.arange(120.0)
    x = torch.exp(-((pixels - points68[..., :1]) ** 2) / 8)
    y = torch.exp(-((pixels - points68[..., 1:2]) ** 2) / 8)
    colours = torch.rand(68, 3, generator=generator)
    dots = torch.einsum("bpx,bpyc->bcyx", x, y[..., None] * colours[:, None])
    ground = torch.randn(count, 3, 120, 120, generator=generator) * noise + 60
    return FaceSet(
        ids=tuple(f"face{i:04d}" for i in range(count)),
        head_id=model.head_id,
        images=(ground + 120 * dots).clamp(0, 255).to(torch.uint8),
        landmarks68_crop=points68,
        landmarks21_crop=points21,
        visible21=torch.rand(count, 21, generator=generator) < 0.8,
        coefficients=coefficients,
        coefficient_weight=torch.ones(count),
        yaw_deg=torch.linspace(-80, 80, count),
    )
