"""Tells whether a result was scored against the published annotation or another one.

The same annotation exists in several files whose last digits differ (``pts68.npy`` and the mats of
AFLW2000-3D: 3e-5 pixels in three faces), and so do their hashes. This module lists the hashes of
all known files; results against any of them are comparable. They are hashes of the published
arrays, images sorted by name.
"""

from eval.results.record import ProtocolResult

PUBLISHED = "published"

ORIGINAL_NPY = "299400b47b79a1868d40299e61f359eb25ad7ac1b166bbfe666d2313aec7fee6"
ORIGINAL_MATS = "fd41437a064704158652983297987859e26b0bcdedbb1389f3011f961122a779"
REANNOTATED = "3803e92075ef2dd595dda64e3a3fef5686ed479f08829335022737b6f67354e3"
POSES = "e14892bf74799e90140c3a79481846b7b6d5f198c313096e89a8277cec8c1056"
COEFFICIENTS = "71bfa3f256f75b128dd7bb5304349a3a45abd0df14b8214e228f94b7562be47b"

# Records up to schema 2 hash only the images of their subset.
ORIGINAL_NPY_1998 = "36a91c9dcfab4c55e6f9cca5313e76b13a740691cad1a83a2b9d154d91bbd246"
ORIGINAL_MATS_1998 = "b4e544f5766b94dc6ec74b26ef5ff1047e67b73a31d1ae07ce12fa63d34998bb"
REANNOTATED_1998 = "1eb0557bbb2ef536c0db0e3a24772f6f289d9339349843b9abd0fdb852bcd92e"
POSES_1969 = "40f33fd2b9320ce9bfe1294005ed60c6b3947312d11d56e81afd7ae0f161dfec"

KNOWN_TRUTHS: dict[str, frozenset[str]] = {
    "aflw2000-3d": frozenset({ORIGINAL_NPY, ORIGINAL_MATS, ORIGINAL_NPY_1998, ORIGINAL_MATS_1998}),
    "aflw2000-3d-reannotated": frozenset({REANNOTATED, REANNOTATED_1998}),
    "aflw2000-3d-pose": frozenset({POSES, POSES_1969}),
    "aflw2000-3d-dense": frozenset({COEFFICIENTS}),
    "aflw2000-3d-reconstruction": frozenset({COEFFICIENTS}),
}
"""Known hashes by protocol. For other protocols the published truth is not known here."""


def truth_name(result: ProtocolResult) -> str:
    """The annotation's name, the same for all its files: `PUBLISHED`, or the start of its hash."""
    if result.truth_sha256 in KNOWN_TRUTHS.get(result.protocol, ()):
        return PUBLISHED
    return f"sha256 {result.truth_sha256[:12]}"


def is_foreign(result: ProtocolResult) -> bool:
    """Whether the protocol's published truth is known and the result used another."""
    return result.protocol in KNOWN_TRUTHS and truth_name(result) != PUBLISHED


def truth_words(result: ProtocolResult) -> str:
    """A suffix to the truth's source: whether it is the published one, if that is known."""
    if is_foreign(result):
        return f" ({truth_name(result)}: not the published one, boards do not rank it)"
    return " (as published)" if truth_name(result) == PUBLISHED else ""
