"""Mean and standard deviation of the training set's coefficients, which whiten the network."""

import torch

from dasl.datasets.face_set import FaceSet
from dasl.errors import ConfigError
from dasl.geometry.coefficients import POSE_COUNT, Whitening, encode
from dasl.head.morphable_model import MorphableModel
from dasl.training.augment.geometry import draw_similarity, transform_labels
from dasl.training.augment.keyed_random import epoch_draws, id_keys
from dasl.training.config import AugmentConfig

POSE_FLOOR = (0.05,) * 6 + (0.05, 2.0, 2.0)
"""Least standard deviations of rotation (6 values), log-scale and translation (pixels)."""

IDENTITY_FLOOR = 0.3
EXPRESSION_FLOOR = 0.03
"""Least standard deviation of the other coefficients, so that constant ones can still change."""

AUGMENTED_ROUNDS = 4


def training_whitening(
    faces: FaceSet, config: AugmentConfig, model: MorphableModel, seed: int = 0
) -> Whitening:
    """Statistics of the encoded labels after geometric augmentation.

    Args:
        faces: training faces; those with coefficient_weight 0 are left out.
        config: augmentation; it widens the spread of the pose.
        model: the head model that made the labels.
        seed: of the augmentation drawn here.

    Returns:
        Whitening of length 9 + K + E on the faces' device.

    Raises:
        ConfigError: no face has coefficients.
    """
    known = faces.coefficient_weight > 0
    if not bool(known.any()):
        raise ConfigError("no training face has coefficients to whiten with; fit labels first")
    labels = faces.select(known.nonzero()[:, 0])
    identity_count, expression_count = faces.coefficient_counts
    count = POSE_COUNT + identity_count + expression_count
    plain = Whitening(
        torch.zeros(count, device=faces.device), torch.ones(count, device=faces.device)
    )
    keys = id_keys(labels.ids).to(faces.device)
    rounds = []
    for number in range(AUGMENTED_ROUNDS):
        similarity = draw_similarity(config, epoch_draws(keys, seed, number))
        rounds.append(encode(transform_labels(labels, similarity, model).coefficients, plain))
    encoded = torch.cat(rounds)
    floors = encoded.new_tensor(
        POSE_FLOOR + (IDENTITY_FLOOR,) * identity_count + (EXPRESSION_FLOOR,) * expression_count
    )
    return Whitening(encoded.mean(dim=0), torch.maximum(encoded.std(dim=0), floors))
