"""Settings of a training run: frozen sections read from YAML, with dotted overrides.

Each field states its type and range; an unknown key and a refused value are named in the error.
Every checkpoint holds the resolved settings, so that a run can be repeated from it alone.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from dasl.errors import ConfigError
from dasl.network.config import Backbone
from dasl.training.config_document import plain, read_document
from dasl.training.config_types import (
    BelowOne,
    Count,
    Degrees,
    Flag,
    NotNegative,
    NotNegativeRange,
    Positive,
    PositiveRange,
    Share,
    SideRange,
    Text,
    WholeNumber,
    wrong_words,
)

CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=CLOSED)
class DataConfig:
    """The training faces; paths are relative to the data root (--root or DASL_DATA_ROOT)."""

    train: Annotated[tuple[Text, ...], Field(min_length=1)] = ("faces_2d",)
    """Training sources: `faces_2d`, `hub:USER/NAME[@REVISION]`, or a folder of parquet files or
    photos, see `dasl.datasets.sources` (coefficients are fitted; 2 minutes for `faces_2d`); one of
    these with the suffix `:detected` (only its landmarks in x and y are used); `300w_lp`;
    `painted:COUNT:SEED` (synthetic, generated when loading); a packed face set (.safetensors)."""
    validation: Text = "faces_2d"
    train_limit: Count | None = None
    """Limit on the training faces of each entry (the first ones are taken); None takes all."""
    half: Annotated[int, Field(ge=0, le=1, strict=True)] | None = None
    """0 or 1: only that half of the 2D faces, by the hash of their names, so that the network can
    label the other half."""
    teachers: Annotated[tuple[Text, ...], Field(max_length=2)] = ()
    """A round of self-training: weights folders whose landmarks are averaged with the detected ones
    before labels are fitted. One labels every face; of two, trained with `half` 0 and 1, each
    labels the other's half. Weights of another head are mapped to the head model first; to use that
    head itself, label beforehand with `tools.label_faces --teacher-head`."""
    fitted_coefficient_weight: NotNegative = 0.05
    """Weight of fitted coefficients as 3D truth; rendered heads have 1."""
    head: Literal["embedded", "bfm"] = "embedded"
    """bfm is the user's own Basel Face Model in bfm/, in the units of the 300W_LP/ beside it."""
    landmarks: Text | None = None
    """A file of `dasl.head.landmark_file` instead of the embedded head's own landmarks."""
    broken_share: Share = 0.0
    """Largest share of a source's rows that may be skipped as broken; their number is reported."""
    annotated_share: Share | None = None
    """Share of every batch drawn from faces with 3D annotation; None draws from all alike."""


@dataclass(frozen=True, config=CLOSED)
class StartConfig:
    """The network to train, and its initial weights."""

    backbone: Backbone = "efficientnet_lite0"
    imagenet: Flag = True
    """Start the backbone from ImageNet weights."""
    imagenet_file: Text | None = None
    """Local file of those weights; None takes the installed package (EfficientNet-Lite0 only)."""
    weights: Text | None = None
    """A weights folder to fine-tune instead; its whitening is kept."""
    map_gain: Positive = 1.0
    """Multiplies the first convolution's weights of the map channel in `weights` before training
    continues: this channel starts at zero and grows slowly."""
    dropout: BelowOne = 0.0
    frozen_batch_norm: Flag = False
    """Freeze the statistics of batch normalisation; for batches below about 16."""


@dataclass(frozen=True, config=CLOSED)
class LandmarkMapConfig:
    """How the landmark map is drawn in training; drawn randomly for each sample."""

    own_share: Share = 0.0
    """Share of samples whose map shows the averaged network's own first-pass landmarks, as in the
    second pass at test time. The other maps are drawn as below."""
    given: Share = 0.5
    """Share of the rest with a map; the others get the blank map."""
    hand_placed: Share = 0.3
    """Of those with a map: share drawn from hand-placed points, if the face has them."""
    jitter_px: NotNegativeRange = (0.3, 4.0)
    """Range of the standard deviation of the Gaussian noise, drawn log-uniformly per sample."""
    hand_placed_jitter_px: NotNegativeRange = (0.0, 1.0)
    shared_error: Share = 0.5
    """Share of samples whose points are also shifted and scaled together."""
    shared_shift_px: NotNegative = 3.0
    shared_scale: NotNegative = 0.06
    """Standard deviations of that common shift (pixels) and of the log of that common scale."""
    drop: Share = 0.1
    """Largest share of points left out; the share itself is drawn uniformly per sample."""


@dataclass(frozen=True, config=CLOSED)
class AugmentConfig:
    """Augmentation of the crop; `*_share` is the share of a batch that is changed."""

    flip: Share = 0.5
    rotation_sigma_deg: Degrees = 15.0
    rotation_max_deg: Degrees = 45.0
    rotation_uniform_share: Share = 0.1
    """Share of samples with a uniform roll up to the maximum; the others have a normal one."""
    scale: PositiveRange = (0.8, 1.4)
    """The second pass enlarges a usual crop by 1.2; the range must include this."""
    shift_px: NotNegative = 8.0
    black_border_share: Share = 0.3
    """Share with black outside the crop, as outside a photo; the others replicate the border."""
    brightness: Share = 0.15
    contrast: Share = 0.25
    saturation: Share = 0.3
    channel_gain: Share = 0.08
    tone: Share = 0.3
    grey_share: Share = 0.08
    blur_share: Share = 0.15
    blur_sigma_px: PositiveRange = (0.5, 2.5)
    low_resolution_share: Share = 0.15
    low_resolution_px: SideRange = (28, 80)
    """Side in pixels to which the crop is reduced before it is enlarged again."""
    noise_share: Share = 0.15
    noise_sigma: NotNegativeRange = (2.0, 14.0)
    occluder_share: Share = 0.35
    occluder_count: WholeNumber = 2
    occluder_size_px: PositiveRange = (14.0, 62.0)


@dataclass(frozen=True, config=CLOSED)
class LossConfig:
    """Weight of each term of dasl.training.losses."""

    landmark: NotNegative = 1.0
    landmark_faces: Literal["all", "annotated"] = "all"
    """The faces whose 68 landmarks count; depth counts for annotated faces only."""
    landmark_depth: NotNegative = 0.3
    """Weight of depth within the landmark term; x and y together have 1."""
    jaw_line: NotNegative = 1.0
    """Weight of the 17 points of the jaw line within the landmark term."""
    hand_placed: NotNegative = 0.5
    coefficient: NotNegative = 0.1
    prior: NotNegative = 0.002
    bounds: NotNegative = 0.02
    vertex: NotNegative = 0.5
    """The vertex distance cost, in the first stage; see `SecondStageConfig`."""
    identity: NotNegative = 0.0
    """The same distance for the neutral faces, so that expression cannot compensate errors of
    identity."""
    agreement: NotNegative = 0.0
    """Penalises differing identities in pictures of one person; above 0 these share a batch."""
    wpdc: NotNegative = 0.0
    """The paper's weighted parameter distance; `coefficient` is the same with fixed weights."""
    consistency_2d: NotNegative = 0.0
    """2D landmark self-prediction consistency, with the 18 map points of the face's landmarks
    before `landmark_map` perturbs them."""
    central_mask: Flag = True
    """Whether to use the paper's weight mask for central points; else all points weigh the same."""
    consistency_3d: NotNegative = 0.0
    """3D landmark self-prediction consistency; like `cycle`, it needs a second pass if above 0."""
    cycle: NotNegative = 0.0
    self_critic: NotNegative = 0.0
    """Above 0 a critic is trained as well, see `CriticConfig`."""
    direct_landmark: NotNegative = 0.0
    """An auxiliary head that regresses the 68 points directly; it is not exported."""


@dataclass(frozen=True, config=CLOSED)
class CriticConfig:
    """The critic of `loss.self_critic`: Adam at a fixed rate."""

    learning_rate: Positive = 1e-4
    betas: tuple[BelowOne, BelowOne] = (0.5, 0.999)
    dropout: BelowOne = 0.4
    fake_photos: Literal["annotated", "unannotated"] = "annotated"
    """The photos whose predictions the critic sees as negatives. They should be of the same kind as
    the annotated photos; else the critic learns the photo's source instead. The log's
    image_only_accuracy shows this: it must stay near 0.5."""


@dataclass(frozen=True, config=CLOSED)
class OptimiserConfig:
    """A linear warm-up, then a decay down to a fraction of the peak."""

    kind: Literal["adamw", "sgd"] = "adamw"
    """SGD has Nesterov's momentum."""
    momentum: BelowOne = 0.9
    """Of SGD."""
    decay: Literal["cosine", "exponential"] = "cosine"
    learning_rate: Positive = 1e-3
    final_fraction: Share = 0.01
    weight_decay: NotNegative = 0.02
    warm_up_steps: WholeNumber = 300
    clip_norm: Positive = 1.0
    average_decay: BelowOne = 0.998
    """Decay of the moving average of the weights; ramped up from 0.1 over the first steps."""


@dataclass(frozen=True, config=CLOSED)
class SecondStageConfig:
    """A second stage that fine-tunes with the vertex distance cost; with 0 epochs there is none."""

    epochs: WholeNumber = 0
    learning_rate: Positive = 1e-4
    """Peak of the stage's own schedule, without warm-up."""
    vertex: NotNegative = 4.0
    """Replaces loss.vertex."""


@dataclass(frozen=True, config=CLOSED)
class RunConfig:
    """Duration, batch size, device and output."""

    epochs: Count = 12
    batch_size: Annotated[int, Field(ge=2, strict=True)] = 64
    """Global batch size, over all processes."""
    epoch_steps: Count | None = None
    """Steps per epoch, after which follow validation and a new order; None takes all faces once."""
    seed: WholeNumber = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Count | None = None
    """CPU threads of torch; None keeps torch's default."""
    bfloat16: Flag = False
    """Run the network (never the geometry) in bfloat16 autocast."""
    channels_last: Flag = True
    checkpoint_minutes: NotNegative = 5.0
    tracker: Literal["none", "tensorboard", "trackio"] = "none"
    """Also log to this tracker; log.jsonl is always written."""
    output: Text = "runs/lite0"


@dataclass(frozen=True, config=CLOSED)
class TrainConfig:
    """The settings of a training run."""

    data: DataConfig = field(default_factory=DataConfig)
    network: StartConfig = field(default_factory=StartConfig)
    landmark_map: LandmarkMapConfig = field(default_factory=LandmarkMapConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    critic: CriticConfig = field(default_factory=CriticConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    second_stage: SecondStageConfig = field(default_factory=SecondStageConfig)
    run: RunConfig = field(default_factory=RunConfig)

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        """Refuse combinations of sections that do not fit together."""
        if self.loss.self_critic and self.data.annotated_share is None:
            raise ValueError(
                "loss.self_critic needs annotated faces in every batch; set data.annotated_share"
            )
        return self


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a YAML file and apply "section.key=value" overrides, later ones winning.

    Raises:
        ConfigError: no such file, not YAML, an unknown key or a value that is refused.
    """
    return config_from_dict(read_document(path, overrides))


def config_from_dict(document: Mapping[str, Any]) -> TrainConfig:
    """Check a nested mapping and build the settings from it.

    Raises:
        ConfigError: an unknown key, or a value of another type or out of range; all are named.

    Example:
        >>> config_from_dict({"run": {"epochs": 3}}).run.epochs
        3
    """
    try:
        return _ADAPTER.validate_python(dict(document))
    except ValidationError as error:
        raise ConfigError(wrong_words(error, TrainConfig)) from error


def config_to_dict(config: TrainConfig) -> dict[str, Any]:
    """All settings, defaults included, as plain lists, numbers and strings (for JSON)."""
    return plain(dataclasses.asdict(config))


_ADAPTER = TypeAdapter(TrainConfig)
