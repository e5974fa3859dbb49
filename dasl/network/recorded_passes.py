"""Two passes with a record of the network's outputs, for estimating the error."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import Array, array_namespace, in_numpy
from dasl.geometry.coefficients import Coefficients, Whitening, concatenated, decode
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.config import network_input
from dasl.network.error_signals import error_signals
from dasl.network.faint_crops import readable
from dasl.network.passes import GivenPoints, TwoPasses, two_passes


def recorded_passes(
    run: Callable[[Array], Array],
    whitening: Whitening,
    images: Array,
    model: MorphableModel,
    given: GivenPoints | None = None,
    first: Array | None = None,
) -> tuple[TwoPasses, NDArray[np.float32]]:
    """Run `two_passes` and compute the signals of `dasl.network.error_signals`.

    The network sees faint crops as `readable` makes them; the signals are those of the crops.

    Args:
        run: the network: (B, 4, 120, 120) to (B, 9 + K + E) whitened.
        whitening: of the network.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        model: the head model.
        given: landmarks to draw instead of predicted ones.
        first: (B, 9 + K + E) whitened, the network's answer in the first pass, if it has been made.

    Returns:
        The passes, and (B, F) signals.
    """
    outputs: list[Array] = [] if first is None else [first]
    made = None if first is None else decode(first, whitening, model.identity_count)

    def predict(crops: Array, maps: Array) -> Coefficients:
        outputs.append(run(network_input(crops, maps)))
        return decode(outputs[-1], whitening, model.identity_count)

    passes = two_passes(predict, readable(images), model, given, made)
    predictions = (passes.first, passes.in_mirror, passes.straight)
    landmarks = landmarks68_image(model, concatenated(predictions))
    # (B, 3, ...): each face's three predictions side by side
    said, shown = (
        np.stack(np.split(in_numpy(each), len(predictions)), 1)
        for each in (array_namespace(*outputs).concat(outputs), landmarks)
    )
    return passes, error_signals(said, shown, in_numpy(images))
