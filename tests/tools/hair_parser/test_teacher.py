"""The face parser that gives the labels."""

import numpy as np
import torch

from dasl.network.hair_parser import PARTS
from tools.hair_parser.bisenet import CLASSES, BiSeNet
from tools.hair_parser.teacher import PART_OF, parts_of


def test_every_class_has_a_part() -> None:
    assert len(PART_OF) == CLASSES
    assert [PARTS[PART_OF[number]] for number in (0, 1, 7, 14, 16, 17, 18)] == [
        "background",
        "skin",
        "skin",
        "skin",
        "clothes",
        "hair",
        "hat",
    ]


def test_pictures_are_labelled_at_their_own_size() -> None:
    torch.manual_seed(0)
    pictures = list(np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8))
    labels = parts_of(BiSeNet().eval(), pictures, 64)
    assert [label.shape for label in labels] == [(40, 40)] * 2
    assert all(label.max() < len(PARTS) for label in labels)
