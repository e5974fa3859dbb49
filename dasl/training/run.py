"""The parts of a run (settings, faces, head model, objective, network) and its start."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor

from dasl.arrays import like
from dasl.datasets.face_set import FaceSet
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Whitening
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork, load_imagenet_backbone
from dasl.network.config import NetworkConfig
from dasl.training.augment.keyed_random import id_keys
from dasl.training.checkpoint import FILE_NAME, RunState, load_checkpoint, start_state
from dasl.training.config import OptimiserConfig, TrainConfig
from dasl.training.critic import Adversary
from dasl.training.learner import Learner, Passes
from dasl.training.objective import Objective
from dasl.training.people import people_of
from dasl.training.whitening import training_whitening
from dasl.weights.folder import load_weights


@dataclass(frozen=True, eq=False)
class Run:
    """The fixed parts of a run.

    Attributes:
        config: its settings.
        accelerator: holds the device and the other processes.
        faces, validation: on the device, all of them on every process.
        face_keys: (N,) of `id_keys`, on the device.
        annotated: (N,) bool, on the CPU: faces with 3D annotation.
        people: (N,) int64, on the CPU: the person of each face, if the loss needs it; else None.
        model: the head model.
        objectives: of the first stage and, if there is one, of the second.
        learner: the trained module, or its wrapper that adds up the processes' gradients.
        bfloat16: whether the network runs in bfloat16.
    """

    config: TrainConfig
    accelerator: Accelerator
    faces: FaceSet
    validation: FaceSet
    face_keys: Tensor
    annotated: Tensor
    people: Tensor | None
    model: MorphableModel
    objectives: tuple[Objective, ...]
    learner: Callable[[Tensor, Tensor], Passes]
    bfloat16: bool

    @property
    def batch_size(self) -> int:
        """Faces per step, over all processes; at most the number of faces."""
        return min(self.config.run.batch_size, len(self.faces))

    @property
    def steps_per_epoch(self) -> int:
        """`run.epoch_steps`, or the number of full batches.

        A small last batch would disturb batch normalisation.
        """
        return self.config.run.epoch_steps or len(self.faces) // self.batch_size

    @property
    def first_stage_steps(self) -> int:
        """Steps of the first stage."""
        return self.config.run.epochs * self.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """Steps of both stages."""
        return self.first_stage_steps + self.config.second_stage.epochs * self.steps_per_epoch

    @property
    def folder(self) -> Path:
        """The output folder."""
        return Path(self.config.run.output)

    @property
    def checkpoint_path(self) -> Path:
        """Path of the checkpoint."""
        return self.folder / FILE_NAME

    def objective(self, step: int) -> Objective:
        """The objective of a step's stage."""
        return self.objectives[step >= self.first_stage_steps]

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step; each stage has its own schedule."""
        settings, first = self.config.optimiser, self.first_stage_steps
        if step < first:
            warm_up = min(settings.warm_up_steps, first // 4)
            return learning_rate(step, first, warm_up, settings.learning_rate, settings)
        peak = self.config.second_stage.learning_rate
        return learning_rate(step - first, self.total_steps - first, 0, peak, settings)


def learning_rate(
    step: int, total: int, warm_up: int, peak: float, config: OptimiserConfig
) -> float:
    """Linear warm-up to the peak, then a decay to `final_fraction` of it at the last step."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    share = min(1.0, (step - warm_up) / max(1, total - 1 - warm_up))
    if config.decay == "exponential":
        return peak * math.exp(share * math.log(max(config.final_fraction, 1e-12)))
    cosine = 0.5 * (1.0 + math.cos(math.pi * share))
    return peak * (config.final_fraction + (1 - config.final_fraction) * cosine)


def make_accelerator(config: TrainConfig) -> Accelerator:
    """The processes and the device, as `accelerate launch` set them up; one process without it.

    Raises:
        ConfigError: the config needs a GPU and there is none, or accelerate was asked for several
            processes and has started one.
    """
    wanted = config.run.device
    if "MASTER_ADDR" in os.environ and "WORLD_SIZE" not in os.environ:
        raise ConfigError(
            "accelerate launch started one process instead of several, because it found no GPUs; "
            "add --multi_gpu (which works on CPUs, too), and set run.device=cpu to avoid GPUs"
        )
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigError("run.device is cuda, but torch sees no GPU; set run.device=cpu or auto")
    # The learner applies autocast itself: geometry must not be rounded.
    return Accelerator(cpu=wanted == "cpu", mixed_precision="no")


def wants_bfloat16(config: TrainConfig) -> bool:
    """Whether the config or `accelerate launch --mixed_precision` asks for bfloat16.

    Raises:
        ConfigError: another precision is asked for.
    """
    launched = os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
    if launched not in ("no", "bf16"):
        raise ConfigError(
            f"accelerate asks for mixed precision {launched}; this trainer has bf16 or none: "
            "launch with --mixed_precision bf16, or set run.bfloat16=true"
        )
    return config.run.bfloat16 or launched == "bf16"


def prepare_run(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool,
    accelerator: Accelerator | None = None,
) -> tuple[Run, RunState]:
    """Move everything to the device and create or resume the state; arguments as for `train`."""
    checkpoint = Path(config.run.output) / FILE_NAME
    if checkpoint.exists() and not resume:
        raise ConfigError(f"{checkpoint} exists; pass --resume to continue, or set run.output")
    for name, faces in (("training", train_set), ("validation", validation_set)):
        if len(faces) < 2:
            raise ConfigError(f"the {name} set has {len(faces)} faces; give at least 2")
        if faces.head_id != model.head_id:
            raise ConfigError(
                f"the {name} set belongs to head {faces.head_id}, the head model is "
                f"{model.head_id}; label the faces with it"
            )
    accelerator = accelerator or make_accelerator(config)
    device = accelerator.device
    annotated = train_set.coefficient_weight.cpu() > 0
    _check_batches(config, annotated, accelerator.num_processes)
    torch.manual_seed(config.run.seed)
    faces = train_set.to(device)
    network = _make_network(config, faces, model)
    objectives = _make_objectives(config, model, network)
    bfloat16 = wants_bfloat16(config)
    learner = Learner(
        network,
        objectives[0].map_points,
        second_pass=objectives[0].second_pass,
        direct_landmarks=config.loss.direct_landmark > 0,
        bfloat16=bfloat16,
        frozen_batch_norm=config.network.frozen_batch_norm,
    ).to(device)
    adversary = None
    if config.loss.self_critic:
        count = network.config.output_count
        adversary = Adversary(count, config.critic, device, accelerator.prepare)
    state = start_state(learner, config.optimiser, adversary)
    if resume and checkpoint.exists():
        load_checkpoint(checkpoint, state, config, faces.ids)
    run = Run(
        config=config,
        accelerator=accelerator,
        faces=faces,
        validation=validation_set.to(device),
        face_keys=id_keys(faces.ids).to(device),
        annotated=annotated,
        people=_people(train_set, model) if config.loss.agreement else None,
        model=model,
        objectives=objectives,
        learner=accelerator.prepare(learner),
        bfloat16=bfloat16,
    )
    return run, state


def _people(faces: FaceSet, model: MorphableModel) -> Tensor:
    identity = faces.coefficients.identity.cpu()
    sign = like(model.identity_mirror_sign, identity)
    return people_of(identity, faces.coefficient_weight.cpu(), sign)


def _check_batches(config: TrainConfig, annotated: Tensor, processes: int) -> None:
    batch = min(config.run.batch_size, len(annotated))
    if batch % processes:
        raise ConfigError(
            f"a batch of {batch} faces does not divide among {processes} processes; "
            "set run.batch_size to a multiple"
        )
    share = config.data.annotated_share
    if share is None:
        return
    wanted = round(share * batch)
    have = int(annotated.sum())
    if (wanted and not have) or (wanted < batch and have == len(annotated)):
        raise ConfigError(
            f"data.annotated_share is {share:g}, but {have} of {len(annotated)} faces have 3D "
            "annotation; give both kinds, or set it to null, 0 or 1"
        )
    alone = wanted == batch and config.critic.fake_photos == "unannotated"
    if config.loss.self_critic and (wanted < 2 * processes or alone):
        raise ConfigError(
            f"the critic sees {wanted} annotated of {batch} faces a step; it needs at least "
            f"{2 * processes}, and others for critic.fake_photos=unannotated"
        )


def _make_objectives(
    config: TrainConfig, model: MorphableModel, network: CoefficientNetwork
) -> tuple[Objective, ...]:
    whitening = Whitening(network.whitening_mean, network.whitening_std)
    first = Objective(model, whitening, config.loss)
    if config.second_stage.epochs == 0:
        return (first,)
    return (first, first.with_vertex_weight(config.second_stage.vertex))


@torch.no_grad()
def scale_map_channel(network: CoefficientNetwork, gain: float) -> None:
    """Multiply the weights of the landmark map, the last input channel, in place."""
    first = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d))
    first.weight[:, -1] *= gain


def _make_network(config: TrainConfig, faces: FaceSet, model: MorphableModel) -> CoefficientNetwork:
    settings = config.network
    wanted = NetworkConfig.of_head(model, backbone=settings.backbone, dropout=settings.dropout)
    if settings.weights is not None:
        network, _ = load_weights(settings.weights, head_id=model.head_id)
        if network.config != wanted:
            raise ConfigError(f"{settings.weights} holds {network.config}, wanted {wanted}")
        scale_map_channel(network, settings.map_gain)
    else:
        network = CoefficientNetwork(wanted)
        if settings.imagenet:
            path = Path(settings.imagenet_file) if settings.imagenet_file else None
            load_imagenet_backbone(network, path)
        whitening = training_whitening(faces, config.augment, model, config.run.seed)
        network.set_whitening(whitening.mean, whitening.std)
    layout = torch.channels_last if config.run.channels_last else torch.contiguous_format
    # torch's stubs do not know the keyword
    network.to(memory_format=layout)  # type: ignore[call-overload]
    return network.to(faces.device)
