"""The page's texts, and the format of messages and figures. Pure functions; no components."""

import math

from eval.leaderboard.board import in_unit, unit_of
from eval.results.record import Score
from space.settings import KEEP_FILES_S, MAX_CLIP_S, MAX_UPLOAD_MB

TITLE = "dasl · a 3D head from one photo"

DESCRIPTION = (
    "One photo of a face in, a textured 3D head out: turn it, light it, animate it, take it home."
)
CARD_WORDS = "Photos of faces, and the 3D heads that were made from them."

NOSCRIPT = (
    f'<div style="max-width: 60ch; margin: 2rem auto; padding: 0 1rem"><h1>{TITLE}</h1>'
    f"<p>{DESCRIPTION}</p><p>This page needs JavaScript. Without a browser the same runs in the "
    "shell (<code>python -m dasl reconstruct photo.jpg</code>) and over the endpoint "
    "<code>/reconstruct</code>.</p></div>"
)
"""Shown if the page's scripts do not run."""

HEADER = """
<header class="masthead">
<h1>One photo in, a 3D head out</h1>
<p>Turn it, light it, let it smile, and take it home. Made on this server, with open code.</p>
</header>
"""

TABS = ("Reconstruct", "Video", "Live", "Leaderboard", "Submit", "About")

HINT = "Choose an example, or try your own photo: upload, webcam, or paste."

GREETING = (
    "This head was made from the small photo beside it, the first example. Turn it, press Play, "
    "lay it on the photo; then try your own photo."
)
GREETING_TITLE = "3D head of an example photo"
GREETING_STILL = (
    "A picture of the head that was made from the first example: this browser cannot run the viewer"
    " that turns it. Try your own photo; every file of its head can be downloaded."
)

EMPTY_VIEWER = "The 3D head appears here: turn it, light it, animate it."

PRIVACY = (
    f"**Your photo stays here.** It is used for this answer only, never sent to anyone else, never "
    f"used for training, and deleted with all results after about {KEEP_FILES_S // 60} minutes. "
    f"Up to {MAX_UPLOAD_MB} MB: JPEG, HEIC, PNG, WebP, AVIF, TIFF. "
    "Animated images: first frame only."
)

CLIP_HINT = (
    f"Upload a clip, or record your webcam. The limit is {MAX_CLIP_S:.0f} s; the rest is ignored."
)

EMPTY_CLIP_VIEWER = "The animated head appears here: it moves as the person on the clip does."

CLIP_PRIVACY = (
    "**Your clip stays here**, as a photo does: used for this answer only, deleted with all "
    f"results after about {KEEP_FILES_S // 60} minutes. Up to {MAX_CLIP_S:.0f} s and "
    f"{MAX_UPLOAD_MB} MB: MP4, MOV, WebM, MKV, AVI, GIF. The film keeps its sound."
)

TROUBLE = (
    "Something went wrong on this server, not with your photo. Please try again in a moment; if "
    "it happens again, please open an issue."
)

NOT_READY = "The model is not ready on this server; its owner finds the reason in the log."

FORGOT = (
    "Forgotten: the photo and its head are deleted from this server. What was made for downloads "
    "goes within half an hour."
)

SEVERAL_PHOTOS = (
    "One head from all of them: its shape and its texture follow what the photos say together. "
    "A photo that seems to show somebody else is left out, and named."
)

FORGOTTEN = "This result is no longer kept; please upload the photo or clip again."

NOT_STATED = "not stated"
"""Value in a record for fields that the submitter left empty."""


def sentence(message: str) -> str:
    """An error message as a sentence; a file name at its start keeps its case.

    Example:
        >>> sentence("no image was scored by both"), sentence("a.csv has no rows")
        ('No image was scored by both.', 'a.csv has no rows.')
    """
    begins_with_a_file = "." in message.partition(" ")[0]
    return f"{message if begins_with_a_file else capitalised(message)}."


def capitalised(message: str) -> str:
    """The message with its first letter in upper case; the others keep their case."""
    return message[:1].upper() + message[1:]


def stated(fact: str) -> str:
    """A fact of a record as the page shows it; empty if not stated."""
    return "" if fact == NOT_STATED else fact


def shown(value: float, score: Score) -> str:
    """An error with its unit, such as "3.64 %"."""
    text = in_unit(value, score).text
    return text if math.isnan(value) else f"{text} {'%' if unit_of(score) == '%' else '°'}"


def with_minus(number: str) -> str:
    """A formatted number with a true minus sign instead of the hyphen."""
    return number.replace("-", "−")
