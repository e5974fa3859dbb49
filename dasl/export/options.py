"""Export options: part of the head, resolution, orientation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from dasl.errors import ConfigError
from dasl.head.surface import Part, check_surface
from dasl.texture import DEFAULT_SIZE, LIGHTS, Light

Align = Literal["head", "camera"]
ALIGNS: tuple[Align, ...] = get_args(Align)
TEXTURE_SIZES = (64, 4096)
"""Smallest and largest side of a texture, texels."""
IPD_MM = (30.0, 100.0)
"""Smallest and largest interpupillary distance, millimetres; adults have 50 to 75."""


@dataclass(frozen=True)
class HeadOptions:
    """Options of `Face.mesh` and `Face.save`.

    Attributes:
        part: "head", or "face" for the face with its eyes and mouth.
        subdivisions: 0 for the head model's triangles, with long triangles of skull and neck split;
            1 for one Catmull-Clark step, i.e. four times the model's triangles.
        neutral: neutral expression instead of the fitted one.
        expression: ARKit name -> weight in [0, 1] instead of the fitted ones; a name left out
            is 0. None keeps the fitted ones; `neutral` wins over both.
        align: "head" for the model frame, upright and facing along z; "camera" for the rotation on
            the photo, view axes in metres: x to the image's right, y up, z to the viewer.
        texture_size: side of the texture, texels.
        ipd_mm: interpupillary distance in millimetres to scale the head to; None keeps the head
            model's own size.
        light: of the texture; "evened" corrects dark, overexposed or coloured lighting, within
            limits; "as-photo" keeps it.
        hair: add hair or a hat, found on the photo, as a separate mesh; whole head only.

    Raises:
        ConfigError: an unknown option.
    """

    part: Part = "head"
    subdivisions: int = 0
    neutral: bool = False
    align: Align = "head"
    texture_size: int = DEFAULT_SIZE
    ipd_mm: float | None = None
    light: Light = "evened"
    hair: bool = False
    expression: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        check_surface(self.part, self.subdivisions)
        if self.align not in ALIGNS:
            raise ConfigError(f"align must be one of {', '.join(ALIGNS)}, got {self.align!r}")
        if self.light not in LIGHTS:
            raise ConfigError(f"light must be one of {', '.join(LIGHTS)}, got {self.light!r}")
        check_ipd(self.ipd_mm)
        _check_expression(self.expression or {})
        low, high = TEXTURE_SIZES
        if not isinstance(self.texture_size, int) or not low <= self.texture_size <= high:
            raise ConfigError(
                f"texture_size must be a whole number from {low} to {high}, "
                f"got {self.texture_size!r}; 1024 is the default"
            )


def check_ipd(ipd_mm: float | None) -> None:
    """Raise unless it is a valid interpupillary distance or None.

    Raises:
        ConfigError: not a number, or out of range.
    """
    low, high = IPD_MM
    if ipd_mm is not None and not (isinstance(ipd_mm, Real) and low <= ipd_mm <= high):
        raise ConfigError(
            f"ipd_mm must be from {low:g} to {high:g} millimetres between the pupils, "
            f"got {ipd_mm!r}; most adults have 50 to 75"
        )


def _check_expression(expression: Mapping[str, float]) -> None:
    for name, weight in expression.items():
        if not (isinstance(weight, Real) and math.isfinite(weight) and 0 <= weight <= 1):
            raise ConfigError(
                f"the weight of an expression must be from 0 to 1, got {weight!r} for {name!r}"
            )
