"""Settings of a training run: frozen dataclasses read from YAML, with dotted overrides.

A key that does not exist and a value of another type are errors that say what is allowed. The
resolved settings are written into every checkpoint, so a run can be repeated from it alone.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dasl.errors import ConfigError
from dasl.training.settings import build, plain, read_document


@dataclass(frozen=True)
class DataConfig:
    """Which faces; the paths are relative to the data root (--root or DASL_DATA_ROOT)."""

    train: tuple[str, ...] = ("faces_2d",)
    """Each is a source of 2D faces (coefficients are fitted, about two minutes for `faces_2d`):
    `faces_2d`, `hub:USER/NAME[@REVISION]`, or a folder of parquet files or photos, see
    `dasl.datasets.sources`; one of these with `:detected` behind it (nothing but its landmarks in x
    and y); `300w_lp`; `painted:COUNT:SEED` (made here); or a packed face set (.safetensors)."""
    validation: str = "faces_2d"
    train_limit: int | None = None
    """Only the first so many training faces of each entry; None takes all."""
    half: int | None = None
    """0 or 1: only that half of the 2D faces, by the hash of their names, so that the network can
    teach the other half."""
    teachers: tuple[str, ...] = ()
    """A round of self-training: weights folders whose landmarks are averaged with the detected ones
    before labels are fitted. One labels every face; of two, trained with `half` 0 and 1, each
    labels the other's half. Weights of another head are mapped to the head model first; to use that
    head itself, label beforehand with `tools.label_faces --teacher-head`."""
    fitted_coefficient_weight: float = 0.05
    """How far fitted coefficients are trusted as 3D truth; rendered heads have 1."""
    head: Literal["embedded", "bfm"] = "embedded"
    """The head model; bfm is the Basel Face Model of the user's own files in bfm/, in units of the
    300W_LP/ beside it."""
    broken_share: float = 0.0
    """Share of a source's rows that may be left out, with a count, because they are broken (a torn
    JPEG, landmarks outside the crop, NaN); 0 stops at the first."""
    annotated_share: float | None = None
    """Share of every batch that is drawn from faces with 3D annotation (a coefficient weight above
    0), repeated as often as it takes; None mixes all faces as they come."""


@dataclass(frozen=True)
class StartConfig:
    """Which network to train, and from what."""

    backbone: Literal["efficientnet_lite0", "resnet50"] = "efficientnet_lite0"
    imagenet: bool = True
    """Start the backbone from ImageNet weights."""
    imagenet_file: str | None = None
    """Local file of those weights; None takes the installed package (EfficientNet-Lite0 only)."""
    weights: str | None = None
    """A weights folder to start from instead (fine-tuning); its whitening is kept."""
    map_gain: float = 1.0
    """Multiplies what `weights` has learned of the map's channel, before going on: that channel of
    the first convolution starts at zero and grows slowly."""
    dropout: float = 0.0
    frozen_batch_norm: bool = False
    """Keep the statistics of batch normalisation as they are: for batches below about 16."""


@dataclass(frozen=True)
class LandmarkMapConfig:
    """How the landmark map is drawn in training; all decided anew for each sample."""

    own_share: float = 0.0
    """Share of samples whose map shows the averaged network's own first-pass landmarks: the second
    pass as it is at test time. The rest is drawn as below."""
    given: float = 0.5
    """Share of the rest with a map; the others get the blank map."""
    hand_placed: float = 0.3
    """Of those given: share drawn from hand-placed points, where the face has them."""
    jitter_px: tuple[float, float] = (0.3, 4.0)
    """Range of the standard deviation of the Gaussian noise, drawn log-uniformly per sample."""
    hand_placed_jitter_px: tuple[float, float] = (0.0, 1.0)
    shared_error: float = 0.5
    """Share of samples whose points are all shifted and scaled together as well."""
    shared_shift_px: float = 3.0
    shared_scale: float = 0.06
    """Standard deviations of that common shift (pixels) and of the log of that common scale."""
    drop: float = 0.1
    """Largest share of points left out; the share itself is drawn uniformly per sample."""


@dataclass(frozen=True)
class AugmentConfig:
    """Random changes of the crop; `*_share` is the share of a batch that is changed."""

    flip: float = 0.5
    rotation_sigma_deg: float = 15.0
    rotation_max_deg: float = 45.0
    rotation_uniform_share: float = 0.1
    """These samples are turned uniformly up to the maximum, the rest normally: the tail."""
    scale: tuple[float, float] = (0.8, 1.4)
    """The second pass enlarges a usual crop by 1.2, and must find what training has shown it."""
    shift_px: float = 8.0
    black_border_share: float = 0.3
    """Black outside the crop, as outside a photo; the rest replicates the border."""
    brightness: float = 0.15
    contrast: float = 0.25
    saturation: float = 0.3
    channel_gain: float = 0.08
    tone: float = 0.3
    grey_share: float = 0.08
    blur_share: float = 0.15
    blur_sigma_px: tuple[float, float] = (0.5, 2.5)
    low_resolution_share: float = 0.15
    low_resolution_px: tuple[int, int] = (28, 80)
    """Side in pixels to which the crop is reduced before it is enlarged again."""
    noise_share: float = 0.15
    noise_sigma: tuple[float, float] = (2.0, 14.0)
    occluder_share: float = 0.35
    occluder_count: int = 2
    occluder_size_px: tuple[float, float] = (14.0, 62.0)


@dataclass(frozen=True)
class LossConfig:
    """Weight of each term of dasl.training.losses."""

    landmark: float = 1.0
    landmark_faces: Literal["all", "annotated"] = "all"
    """Whose 68 landmarks count; the depth counts for annotated faces only."""
    landmark_depth: float = 0.3
    """Weight of depth within the landmark term, where x and y have 1."""
    jaw_line: float = 1.0
    """Weight of the 17 points of the jaw line within the landmark term."""
    hand_placed: float = 0.5
    coefficient: float = 0.1
    prior: float = 0.002
    bounds: float = 0.02
    vertex: float = 0.5
    """The vertex distance cost, in the first stage; see `SecondStageConfig`."""
    identity: float = 0.0
    """The same distance of the faces at rest: what is wrong with identity, expression must not
    make up for."""
    agreement: float = 0.0
    """Pictures of one person must have one identity; above 0 they come in the same batch."""
    wpdc: float = 0.0
    """The paper's weighted parameter distance; `coefficient` is the same with fixed weights."""
    consistency_2d: float = 0.0
    """2D landmark self-prediction consistency, against the 18 map points of the face's landmarks,
    before `landmark_map` makes them worse."""
    central_mask: bool = True
    """Under the paper's weight mask on central points; otherwise every point counts the same."""
    consistency_3d: float = 0.0
    """3D landmark self-prediction consistency; above 0 there is a second pass, as for `cycle`."""
    cycle: float = 0.0
    self_critic: float = 0.0
    """Above 0 a critic is trained along, see `CriticConfig`."""
    direct_landmark: float = 0.0
    """An auxiliary head that regresses the 68 points themselves; it is not exported."""


@dataclass(frozen=True)
class CriticConfig:
    """The critic of `loss.self_critic`: Adam at a fixed rate."""

    learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.5, 0.999)
    dropout: float = 0.4
    fake_photos: Literal["annotated", "unannotated"] = "annotated"
    """On which photos the predictions that the critic must find out are made. Right is what has
    the same kind of photos as the annotated ones, or the critic judges where a photo is from: the
    log's image_only_accuracy says, which must stay near 0.5."""


@dataclass(frozen=True)
class OptimiserConfig:
    """A linear warm-up, then a decay down to a fraction of the peak."""

    kind: Literal["adamw", "sgd"] = "adamw"
    """SGD has Nesterov's momentum."""
    momentum: float = 0.9
    """Of SGD."""
    decay: Literal["cosine", "exponential"] = "cosine"
    learning_rate: float = 1e-3
    final_fraction: float = 0.01
    weight_decay: float = 0.02
    warm_up_steps: int = 300
    clip_norm: float = 1.0
    average_decay: float = 0.998
    """Decay of the moving average of the weights; ramped up from 0.1 over the first steps."""


@dataclass(frozen=True)
class SecondStageConfig:
    """A second stage that fine-tunes with the vertex distance cost; 0 epochs: none."""

    epochs: int = 0
    learning_rate: float = 1e-4
    """Peak of the stage's own schedule, without warm-up."""
    vertex: float = 4.0
    """Takes the place of loss.vertex."""


@dataclass(frozen=True)
class RunConfig:
    """How long, how fast, where to."""

    epochs: int = 12
    batch_size: int = 64
    """Over all processes together."""
    epoch_steps: int | None = None
    """Steps after which there is validation and a new order; None: once through all faces."""
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    """CPU threads of torch; None leaves torch's own choice."""
    bfloat16: bool = False
    """Run the network (never the geometry) in bfloat16 autocast."""
    channels_last: bool = True
    checkpoint_minutes: float = 5.0
    tracker: Literal["none", "tensorboard", "trackio"] = "none"
    """Where to draw curves as well; log.jsonl is always written."""
    output: str = "runs/lite0"


@dataclass(frozen=True)
class TrainConfig:
    """A whole training run."""

    data: DataConfig = field(default_factory=DataConfig)
    network: StartConfig = field(default_factory=StartConfig)
    landmark_map: LandmarkMapConfig = field(default_factory=LandmarkMapConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    critic: CriticConfig = field(default_factory=CriticConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    second_stage: SecondStageConfig = field(default_factory=SecondStageConfig)
    run: RunConfig = field(default_factory=RunConfig)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a YAML file and apply "section.key=value" overrides, later ones winning.

    Raises:
        ConfigError: no such file, not YAML, an unknown key or a value of another type.
    """
    return config_from_dict(read_document(path, overrides))


def config_from_dict(document: Mapping[str, Any]) -> TrainConfig:
    """Check a nested mapping against the dataclasses and build the settings from it.

    Example:
        >>> config_from_dict({"run": {"epochs": 3}}).run.epochs
        3
    """
    config = build(TrainConfig, document)
    _check_values(config)
    return config


def config_to_dict(config: TrainConfig) -> dict[str, Any]:
    """All settings, defaults included, as plain lists, numbers and strings (for JSON)."""
    return plain(dataclasses.asdict(config))


def _check_values(config: TrainConfig) -> None:
    """Raise for a share outside [0, 1], a range the wrong way round, or nothing to do."""
    for section in dataclasses.fields(config):
        values = getattr(config, section.name)
        for entry in dataclasses.fields(values):
            value, where = getattr(values, entry.name), f"{section.name}.{entry.name}"
            if entry.name.endswith("_share") and value is not None and not 0.0 <= value <= 1.0:
                raise ConfigError(f"{where} must lie in [0, 1], got {value}")
            numbers = isinstance(value, tuple) and not isinstance(value[0] if value else "", str)
            if numbers and value[0] > value[1]:
                raise ConfigError(f"{where} must be [low, high], got {list(value)}")
    if config.data.half not in (None, 0, 1):
        raise ConfigError(f"data.half must be 0, 1 or null, got {config.data.half}")
    if len(config.data.teachers) > 2:
        raise ConfigError(f"data.teachers names at most two, got {len(config.data.teachers)}")
    for where, value, least in (
        ("run.epochs", config.run.epochs, 1),
        ("run.batch_size", config.run.batch_size, 2),
        ("optimiser.learning_rate", config.optimiser.learning_rate, 1e-12),
        ("run.epoch_steps", config.run.epoch_steps or 1, 1),
        ("second_stage.epochs", config.second_stage.epochs, 0),
        *((f"loss.{name}", weight, 0.0) for name, weight in _loss_weights(config.loss).items()),
    ):
        if value < least:
            raise ConfigError(f"{where} must be at least {least}, got {value}")
    if config.loss.self_critic and config.data.annotated_share is None:
        raise ConfigError(
            "loss.self_critic needs annotated faces in every batch; set data.annotated_share"
        )


def _loss_weights(loss: LossConfig) -> dict[str, float]:
    return {k: v for k, v in dataclasses.asdict(loss).items() if isinstance(v, float)}
