"""Converts labelled faces of one head model to another head's coefficients."""

from dataclasses import replace

from dasl.datasets.face_set import FaceSet
from dasl.errors import ConfigError, WeightsError
from dasl.head.head_map import map_to

REMEDY = (
    "label the faces again with this head (tools.label_faces), or render them again "
    "(tools.render_heads, tools.render_people)"
)


def faces_on_head(faces: FaceSet, head_id: str, name: str) -> FaceSet:
    """The set itself if it belongs to the head, otherwise the same faces in its coefficients.

    Pictures and landmarks are unchanged, since they belong to the photo. Rendered pictures of the
    old head show its mean, which the new coefficients do not; render them again instead.

    Args:
        faces: any set.
        head_id: of the target head.
        name: of the set, for the message.

    Raises:
        ConfigError: it belongs to another head, from which there is no map.
    """
    if faces.head_id == head_id:
        return faces
    try:
        head_map = map_to(head_id, faces.head_id, name, REMEDY)
    except WeightsError as error:
        raise ConfigError(str(error)) from error
    if faces.coefficient_counts != head_map.source_counts:
        raise ConfigError(
            f"{name} has {faces.coefficient_counts} identity and expression coefficients, but head "
            f"{head_map.source} has {head_map.source_counts}; {REMEDY}"
        )
    coefficients = head_map.coefficients(faces.coefficients)
    return replace(faces, head_id=head_id, coefficients=coefficients)
