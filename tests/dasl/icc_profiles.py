"""Small ICC profiles, made here: version 2, a matrix and a gamma, or a grey gamma.

Specification: ICC.1:2001-04, section 6.
"""

import struct

DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
"""X, Y, Z of red, green and blue, adapted to D50; as in Apple's profile."""
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
_D50 = (0.9642, 1.0, 0.8249)


def rgb_profile(primaries: tuple[tuple[float, float, float], ...], gamma: float) -> bytes:
    tags = [
        (name, _xyz(xyz)) for name, xyz in zip(("rXYZ", "gXYZ", "bXYZ"), primaries, strict=True)
    ]
    tags += [(name, _curve(gamma)) for name in ("rTRC", "gTRC", "bTRC")]
    return _profile(b"RGB ", tags)


def grey_profile(gamma: float) -> bytes:
    return _profile(b"GRAY", [("kTRC", _curve(gamma))])


def _profile(space: bytes, tags: list[tuple[str, bytes]]) -> bytes:
    tags = [*tags, ("wtpt", _xyz(_D50)), ("cprt", b"text\0\0\0\0CC0\0")]
    tags.append(("desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)))
    table, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags:
        table += name.encode() + struct.pack(">II", start + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    size = start + len(content)
    header = struct.pack(">I4xI4s4s4s", size, 0x02100000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp")
    return header.ljust(68, b"\0") + _numbers(_D50) + bytes(48) + table + content


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _numbers(values: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)
