"""A head model with tensors for arrays, for tests that compute in torch."""

from typing import Any

import numpy as np
import torch

from dasl.head.morphable_model import MorphableModel


class TensorHead:
    """The attributes of a model as tensors; its methods as they are."""

    def __init__(self, model: MorphableModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._model, name)
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else value

    def region(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self._model.region(name))
