"""What a protocol states, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Protocol:
    """The choices that decide a number; two figures compare only where all of these agree.

    Attributes:
        name: as on the command line.
        version: raised when any choice changes.
        title: one line for a table.
        images: which ones.
        image_count: how many a full submission answers.
        points: which ones.
        truth: the annotation.
        coordinates: which scores are given; the first is the headline.
        normaliser: what the mean distance is divided by.
        alignment: what is done to predictions before comparing.
        z_rules: how the depth's free offset may be fixed, the default first.
        yaw_source: where the bins' angle comes from.
        bins: labels with their edges.
        aggregation: how images become one figure; the first is the headline.
        index_base: of the pixel frame.
        sources: where the choices were read.
    """

    name: str
    version: int
    title: str
    images: str
    image_count: int
    points: str
    truth: str
    coordinates: tuple[str, ...]
    normaliser: str
    alignment: str
    z_rules: tuple[str, ...]
    yaw_source: str
    bins: tuple[str, ...]
    aggregation: tuple[str, ...]
    index_base: str
    sources: tuple[str, ...]
