"""The network's configuration and input format; without torch."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from dasl.arrays import Array, array_namespace
from dasl.errors import ConfigError, check_shape
from dasl.geometry.coefficients import POSE_COUNT
from dasl.geometry.crop import CROP_SIZE
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1

INPUT_CHANNELS = 4
"""Red, green, blue, landmark map."""
Backbone = Literal["efficientnet_lite0", "resnet50"]
BACKBONES: tuple[Backbone, ...] = get_args(Backbone)


@dataclass(frozen=True)
class NetworkConfig:
    """Defines the network's tensors and their shapes.

    Attributes:
        identity_count: K, identity coefficients of the head model.
        expression_count: E, expression coefficients of the head model.
        head_id: of that head model; head 1 by default (`dasl.head.versions`).
        backbone: one of `BACKBONES`.
        dropout: share of the features dropped in training; 0 by default, because dropout shifts
            the scale of the features, which a regression depends on.
        batch_norm_momentum: weight of the newest batch in the running statistics; TensorFlow's
            small 0.01, because two-pass steps mix the statistics of blank and drawn maps.

    Raises:
        ConfigError: a value is out of range or the backbone is unknown.
    """

    identity_count: int
    expression_count: int
    backbone: Backbone = "efficientnet_lite0"
    dropout: float = 0.0
    batch_norm_momentum: float = 0.01
    head_id: str = HEAD_1

    def __post_init__(self) -> None:
        """Check the values."""
        if self.backbone not in BACKBONES:
            raise ConfigError(f"backbone is {self.backbone!r}, wanted one of {BACKBONES}")
        for name in ("identity_count", "expression_count"):
            count = getattr(self, name)
            if type(count) is not int or count < 0:
                raise ConfigError(f"{name} is {count!r}, wanted a whole number >= 0")
        if not isinstance(self.head_id, str):
            raise ConfigError(f"head_id is {self.head_id!r}, wanted the id of a head model")
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout is {self.dropout!r}, wanted 0 <= dropout < 1")
        momentum = self.batch_norm_momentum
        if not 0.0 < momentum <= 1.0:
            raise ConfigError(f"batch_norm_momentum is {momentum!r}, wanted 0 < momentum <= 1")

    @property
    def output_count(self) -> int:
        """Length of the network's output, 9 + K + E."""
        return POSE_COUNT + self.identity_count + self.expression_count

    @classmethod
    def of_head(cls, model: MorphableModel, **settings: Any) -> "NetworkConfig":
        """The configuration of a network that predicts a head model's coefficients."""
        return cls(model.identity_count, model.expression_count, head_id=model.head_id, **settings)


def network_input(rgb: Array, maps: Array) -> Array:
    """Combine crops and landmark maps into the network's input.

    Args:
        rgb: (B, 3, 120, 120) uint8, or float on the same scale 0..255.
        maps: (B, 1, 120, 120) float in [-1, 1], from `dasl.network.landmark_map`.

    Returns:
        (B, 4, 120, 120) float32: RGB as (x - 127.5) / 128, then the map.

    Raises:
        ShapeError: either input has another shape.
    """
    check_shape("rgb", rgb, None, 3, CROP_SIZE, CROP_SIZE, hint="channels come second")
    check_shape("maps", maps, rgb.shape[0], 1, CROP_SIZE, CROP_SIZE)
    xp = array_namespace(maps)
    images = xp.concat([xp.astype(part, xp.float32, copy=False) for part in (rgb, maps)], axis=1)
    scaled = images[:, :3]  # a view
    scaled -= 127.5
    scaled *= 1.0 / 128.0
    return images
