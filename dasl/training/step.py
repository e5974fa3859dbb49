"""One training step: batch, loss, gradients, optimiser."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dasl.datasets.face_set import FaceSet
from dasl.errors import DaslError
from dasl.geometry.coefficients import encode
from dasl.training.augment.geometry import augment
from dasl.training.augment.keyed_random import epoch_draws
from dasl.training.augment.landmark_map import draw_own_maps, draw_training_maps
from dasl.training.checkpoint import RunState
from dasl.training.learner import Passes
from dasl.training.run import Run
from dasl.training.sampling import seed_of


class NonFiniteLoss(DaslError, RuntimeError):
    """The loss of a step is not a finite number; the message names the faces."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The learner's input.

    Attributes:
        faces: B augmented faces.
        maps: (B, 1, 120, 120) landmark maps.
    """

    faces: FaceSet
    maps: Tensor


def make_batch(run: Run, state: RunState, rows: Tensor, rounds: Tensor, epoch: int) -> Batch:
    """Select faces on the device, augment them and draw their maps.

    Args:
        run: the run.
        state: its averaged network predicts the landmarks for its own maps.
        rows: (B,) int64 into the face set.
        rounds: (B,) int64, how often each was seen in this epoch before.
        epoch: from 0.
    """
    config, rows, rounds = run.config, rows.to(run.faces.device), rounds.to(run.faces.device)
    draws = epoch_draws(run.face_keys[rows], config.run.seed, epoch, rounds)
    others = run.faces.images[draws.integers("occluding face", len(run.faces))]
    faces = augment(run.faces.select(rows), others, config.augment, run.model, draws)
    maps = draw_training_maps(faces, config.landmark_map, draws)
    share = config.landmark_map.own_share
    maps = draw_own_maps(maps, state.average, faces.images, run.model, share, draws)
    return Batch(faces, maps)


def train_step(run: Run, state: RunState, batch: Batch) -> dict[str, Tensor]:
    """One optimiser step; returns each term's mean over this process's part of the batch.

    Raises:
        NonFiniteLoss: the loss of a face is NaN or infinite; no weight has changed.
    """
    # Dropout uses the global generator; each process must drop different features.
    torch.manual_seed(
        seed_of(f"{run.config.run.seed}/{state.step}/{run.accelerator.process_index}")
    )
    state.learner.train()
    passes = run.learner(batch.faces.images, batch.maps)
    objective = run.objective(state.step)
    judged = None
    if state.adversary is not None:
        judged = state.adversary.judge(batch.faces.images, passes.first)
    terms = objective.terms(passes, batch.faces, judged)
    total = objective.total(terms)
    if not bool(torch.isfinite(total).all()):
        _raise_non_finite(terms, total, batch.faces.ids, state.step)

    state.optimiser.zero_grad(set_to_none=True)
    run.accelerator.backward(total.mean())
    norm = nn.utils.clip_grad_norm_(state.learner.parameters(), run.config.optimiser.clip_norm)
    rate = run.learning_rate(state.step)
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    state.optimiser.step()
    means = {name: value.detach().mean() for name, value in terms.items()}
    means |= {"total": total.detach().mean(), "gradient_norm": norm.detach()}
    means |= _critic_step(run, state, batch, passes)
    state.step += 1
    state.update_average(run.config.optimiser.average_decay)
    return means


def _critic_step(run: Run, state: RunState, batch: Batch, passes: Passes) -> dict[str, Tensor]:
    if state.adversary is None:
        return {}
    faces = batch.faces
    truth = encode(faces.coefficients, run.objectives[0].whitening)
    seed = seed_of(f"critic/{run.config.run.seed}/{state.step}")
    annotated = faces.coefficient_weight > 0
    return state.adversary.learn(faces.images, passes.first, truth, annotated, seed)


def _raise_non_finite(
    terms: dict[str, Tensor], total: Tensor, ids: tuple[str, ...], step: int
) -> None:
    bad = (~torch.isfinite(total)).nonzero()[:, 0].tolist()
    named = [name for name, value in terms.items() if not bool(torch.isfinite(value).all())]
    faces = ", ".join(ids[i] for i in bad[:8]) + (" ..." if len(bad) > 8 else "")
    raise NonFiniteLoss(
        f"the loss ({', '.join(named)}) of step {step} is not finite for {len(bad)} of {len(ids)} "
        f"faces: {faces}; check their labels, or lower optimiser.learning_rate"
    )
