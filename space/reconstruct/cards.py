"""The values of a face as HTML cards. Text from others is escaped."""

from html import escape

from dasl.reconstruction.face import Face
from space.components import done_status
from space.reconstruct.describe import (
    angles,
    count_words,
    seconds_words,
    strongest_units,
    trust,
    unit_words,
)
from space.reconstruct.service import Reconstruction
from space.text import with_minus

SHOWN_UNITS = 8


def face_cards(face: Face, number: int) -> str:
    """Confidence, pose and expression of one face.

    Args:
        face: the face.
        number: its number, counted from 1, as drawn on the photo.
    """
    cards = _confidence_card(face) + _pose_card(face) + _expression_card(face)
    return f'<section class="cards" aria-label="Face {number:d} in numbers">{cards}</section>'


def faces_status(reconstruction: Reconstruction, seconds: dict[str, float]) -> str:
    """The status line above a result: number of faces and time taken."""
    words = count_words(reconstruction.face_count, len(reconstruction.faces))
    if reconstruction.photo_count > 1:
        words = f"One head from {reconstruction.photo_count} photos."
    return done_status(words, seconds_words(seconds))


def _card(kind: str, title: str, body: str) -> str:
    return f'<article class="card {kind}"><h3>{title}</h3>{body}</article>'


def _confidence_card(face: Face) -> str:
    trusted, percent = trust(face.confidence, face.covered), round(100 * face.confidence)
    off = f"Expected landmark error: {100 * face.expected_nme:.1f} % of face size."
    body = (
        f'<p class="figure">{percent}<span class="unit">%</span>'
        f'<span class="badge {trusted.level}">{trusted.level}</span></p>'
        f"{_meter('confidence', face.confidence)}<p>{escape(trusted.words)} {off}</p>"
    )
    return _card("confidence", "Confidence", body)


def _pose_card(face: Face) -> str:
    rows = "".join(
        f"<dt>{angle.name}</dt><dd><b>{_signed(angle.degrees)}°</b>"
        f"<span>{escape(angle.words)}</span></dd>"
        for angle in angles(face.pose)
    )
    return _card("pose", "Pose", f"<dl>{rows}</dl>")


def _expression_card(face: Face) -> str:
    rows = "".join(
        f'<li><span class="name" title="{escape(name)}">{escape(unit_words(name))}</span>'
        f'{_meter(unit_words(name), weight)}<span class="value">{weight:.2f}</span></li>'
        for name, weight in strongest_units(face.expression, SHOWN_UNITS)
    )
    note = f"<p>The strongest {SHOWN_UNITS} of {len(face.expression)} ARKit units, 0 to 1.</p>"
    return _card("expression", "Expression", f"<ol>{rows}</ol>{note}")


def _meter(label: str, share: float) -> str:
    return (
        f'<span class="meter" role="meter" aria-label="{escape(label)}" aria-valuemin="0" '
        f'aria-valuemax="1" aria-valuenow="{share:.2f}">'
        f'<span style="width:{100 * min(max(share, 0.0), 1.0):.0f}%"></span></span>'
    )


def _signed(degrees: float) -> str:
    return with_minus(f"{round(degrees):+d}").replace("+0", "0")
