"""What a run is made of: settings, faces, head model, objective, network; and how it starts."""

from dataclasses import dataclass
from pathlib import Path

import torch

from dasl.coefficients import Whitening
from dasl.errors import ConfigError
from dasl.morphable_model import MorphableModel
from dasl.network import CoefficientNetwork, NetworkConfig, load_imagenet_backbone
from dasl.training.augment import Mirror
from dasl.training.checkpoint import FILE_NAME, RunState, load_checkpoint, start_state
from dasl.training.config import TrainConfig
from dasl.training.face_set import FaceSet
from dasl.training.objective import Objective
from dasl.training.whitening import training_whitening
from dasl.weights import load_weights


@dataclass(frozen=True)
class Run:
    """What stays fixed during a run."""

    config: TrainConfig
    faces: FaceSet
    validation: FaceSet
    model: MorphableModel
    mirror: Mirror
    objective: Objective

    @property
    def batch_size(self) -> int:
        """Faces a step; a set smaller than a batch is one batch."""
        return min(self.config.run.batch_size, len(self.faces))

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches only: a small rest would disturb batch normalisation."""
        return len(self.faces) // self.batch_size

    @property
    def checkpoint_path(self) -> Path:
        """Where the checkpoint is written."""
        return Path(self.config.run.output) / FILE_NAME


def prepare_run(
    config: TrainConfig,
    train_set: FaceSet,
    validation_set: FaceSet,
    model: MorphableModel,
    resume: bool,
) -> tuple[Run, RunState]:
    """Put everything on the device and make, or resume, the state; arguments as for `train`."""
    checkpoint = Path(config.run.output) / FILE_NAME
    if checkpoint.exists() and not resume:
        raise ConfigError(f"{checkpoint} exists; pass --resume to go on, or set run.output")
    for name, faces in (("training", train_set), ("validation", validation_set)):
        if len(faces) < 2:
            raise ConfigError(f"the {name} set has {len(faces)} faces; give at least 2")
    device = config.run.device
    torch.manual_seed(config.run.seed)
    model = model.to(device)
    faces = train_set.to(device)
    mirror = Mirror(model.identity_mirror_sign, model.mirror_expression).to(device)
    network = _make_network(config, faces, model, mirror)
    objective = Objective(
        model, Whitening(network.whitening_mean, network.whitening_std), config.loss
    )
    run = Run(config, faces, validation_set.to(device), model, mirror, objective)
    state = start_state(network, config)
    if resume and checkpoint.exists():
        load_checkpoint(checkpoint, state, config, faces.ids)
    return run, state


@torch.no_grad()
def scale_map_channel(network: CoefficientNetwork, gain: float) -> None:
    """Multiply the weights of the landmark map, the last input channel, in place."""
    first = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d))
    first.weight[:, -1] *= gain


def _make_network(
    config: TrainConfig, faces: FaceSet, model: MorphableModel, mirror: Mirror
) -> CoefficientNetwork:
    settings = config.network
    wanted = NetworkConfig(
        identity_count=model.identity_count,
        expression_count=model.expression_count,
        backbone=settings.backbone,
        dropout=settings.dropout,
    )
    if settings.weights is not None:
        network, _ = load_weights(settings.weights)
        if network.config != wanted:
            raise ConfigError(f"{settings.weights} holds {network.config}, wanted {wanted}")
        scale_map_channel(network, settings.map_gain)
    else:
        network = CoefficientNetwork(wanted)
        if settings.imagenet:
            path = Path(settings.imagenet_file) if settings.imagenet_file else None
            load_imagenet_backbone(network, path)
        whitening = training_whitening(faces, config.augment, mirror, config.run.seed)
        network.set_whitening(whitening.mean, whitening.std)
    layout = torch.channels_last if config.run.channels_last else torch.contiguous_format
    # torch's stubs do not know the keyword
    network.to(memory_format=layout)  # type: ignore[call-overload]
    return network.to(config.run.device)
